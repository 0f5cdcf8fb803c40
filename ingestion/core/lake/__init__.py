"""The lake: raw as Parquet files that are only ever added, in a folder or an object store."""
