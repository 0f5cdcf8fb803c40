"""The raw database: what is written to it, and what it has."""
