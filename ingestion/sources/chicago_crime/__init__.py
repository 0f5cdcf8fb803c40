"""Chicago crimes from the city's Socrata portal (SODA 2.1).

Flow: CSV page -> Arrow table of text -> raw_chicago_crime.<table> in data/raw.duckdb, merged on
    (socrata_id, socrata_updated_at, socrata_version), so every version seen is a row.
Paging: keyset on :id within weekly windows of the day of the crime (backfill), keyset on
    (:updated_at, :id) over what was filled (increment), then the counts per day are compared.
State: dlt's source state, committed together with the rows that it speaks of.
Run: warehouse load chicago-crime [--since 2012-01-01] [--until 2013-01-01]
"""
