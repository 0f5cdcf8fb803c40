"""The Socrata portal."""
