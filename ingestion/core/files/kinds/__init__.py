"""Rows of each kind of file: CSV, JSON and Parquet."""
