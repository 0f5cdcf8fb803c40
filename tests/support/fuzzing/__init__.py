"""Right files with one random fault each, and what may become of their rows."""
