"""Getting data from other systems: HTTP, many requests at a time, CSV."""
