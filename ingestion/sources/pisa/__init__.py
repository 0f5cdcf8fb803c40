"""Submissions of the PISA student survey: from a database a country, or from the survey's files.

Flow: page of a database -> Arrow table of text -> what raw lacks or has differently ->
    raw_pisa.responses in data/raw.duckdb, merged on (database_country, id).
Increments: keyset on (created_at, id) from a look-back before the newest row in raw; then counts
    and sums of ids are compared, and older rows that raw lacks are read by ranges of ids.
State: raw itself and nothing else, so rows and state cannot disagree.
Run: warehouse load pisa [--since 2026-11-01] [--file STUDENTS.sav]
"""
