"""Submissions of the PISA student survey: from a database a country, or from the survey's files.

Flow: page of a database -> Arrow table of text -> what raw lacks or holds otherwise ->
    raw_pisa.responses in data/raw.duckdb, merged on (database_country, id).
Increments: keyset on (created_at, id) from a look-back before the newest row in raw; then counts and
    sums of ids are compared, and what raw lacks of older rows is read by ranges of ids.
State: none but raw itself, so rows and what is known of them cannot part.
Run: warehouse load pisa [--since 2026-11-01] [--file STUDENTS.sav]
"""
