"""Publish to a PostgreSQL server too: the same marts, swapped in one transaction.

Flow: a published build -> what differs from the build that the server has (`changes`) -> loaded
beside it (`loads`) -> swapped (`swap`). `server_state` remembers how the last attempt ended.
"""
