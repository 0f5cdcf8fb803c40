"""A Socrata-compatible portal of Chicago's crimes, on this machine.

Flow: a seed (`generate.py`) or a file (`files.py`) -> DuckDB tables of text (`store.py`) -> SoQL
(`soql.py`, `expressions.py`) -> JSON or CSV (`app.py`). `control.py` documents the
routes that edit the rows and make the portal fail.
Run: python -m ingestion.simulators chicago-crime [--rows 260000] [--data FILE] [--port 8000]
"""
