"""Errors whose message is the one line that a user sees."""


class WarehouseError(Exception):
    """The work failed; the message says what, why and what to do."""


class LoadError(WarehouseError):
    """A source could not be loaded; what was loaded before stays as it was."""


class PartError(LoadError):
    """A part of a source (a store, a country) cannot be read now; others may be."""
