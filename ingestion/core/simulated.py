"""How a source says itself that its rows are made up: simulators do, and nothing else does.

An address proves nothing, for a real database may be on this machine, and a simulator elsewhere.
"""

# Of every answer of a simulated API.
HEADER = "X-Simulated-Data"
# Of every row of a simulated database or file; an export of a database has the column too.
COLUMN = "is_simulated"
