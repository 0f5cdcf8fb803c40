"""What dbt sends to DuckDB for a build, recorded and executed again without dbt.

A cache: between two builds of an unchanged project on an unchanged catalog dbt sends the same
statements. Where anything differs, and for every failure, dbt is asked.
"""
