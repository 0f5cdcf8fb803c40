"""The JSON API: what was published, over HTTP, read-only.

Flow: data/published -> one read-only DuckDB connection a build -> bytes made once a build and
question -> clients. A new publication is opened beside the old one, then takes its place.
Run: warehouse serve [--host --port --certfile --keyfile]
"""
