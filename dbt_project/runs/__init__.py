"""A run of load, build, audit and publication: its lock, log, records, lineage and `watch`."""
