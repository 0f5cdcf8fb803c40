"""The survey's own files."""
