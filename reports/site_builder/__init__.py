"""Builds the report site: a template that Evidence makes, and data that lies beside it."""
