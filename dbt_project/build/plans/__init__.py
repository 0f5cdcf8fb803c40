"""The statements that dbt sends to DuckDB for a build, recorded and executed without dbt.

A cache: between two builds of an unchanged project on an unchanged catalog dbt sends the same
statements. If anything differs or fails, dbt executes the build.
"""
