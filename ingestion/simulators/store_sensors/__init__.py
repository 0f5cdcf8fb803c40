"""The API of a chain's door sensors, on this machine.

Flow: (seed, store, sensor, hour) -> a reading (`traffic.py`), at the hours that the store's clock
shows (`clock_hours.py`) -> one JSON integer or a stream of CSV (`app.py`). `chain.py` holds the
stores, the clock and what was overridden; `control.py` documents the routes that change them and
make the service fail.
Run: python -m ingestion.simulators store-sensors [--seed 42] [--routes one] [--port 8000]
"""
