"""Publish an audited build in one atomic step, write its Parquet files, and roll back."""
