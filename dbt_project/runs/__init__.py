"""A run of load, build, audit and publication: its lock, record, lineage, and `watch`."""
