"""The JSON API: the published build, over HTTP, read-only.

Flow: data/published -> one read-only DuckDB connection per build -> bytes computed once per build
and request -> clients. A new publication is opened beside the old one, then replaces it.
Run: warehouse serve [--host --port --certfile --keyfile]
"""
