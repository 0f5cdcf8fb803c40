"""Builds the report site: a template built by Evidence, and data beside it."""
