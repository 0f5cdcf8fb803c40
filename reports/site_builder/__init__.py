"""Builds the report site: a shell that Evidence makes, and data that lies beside it."""
