"""The survey's databases, one a country, on a PostgreSQL server or as SQLite files.

Flow: (seed, country, id) -> a submission (`draw.py`) with the other thousand answers from a bank
(`columns.py`) -> table `responses` of the country's database (`servers.py`). `survey.py` is what
tests steer; `service.py` keeps inserting at a rate, with late commits and edits.
Run: python -m ingestion.simulators pisa --countries alb,arg [--rate 50] [--postgres URL]
"""
