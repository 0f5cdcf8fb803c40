"""Errors: for the operator one line, for a client a status and one line."""


class ServeError(Exception):
    """The API cannot start; the message is the one line that the operator sees."""


class RefusedError(Exception):
    """A request that is refused.

    Attributes:
        status: of HTTP.
        detail: one line: what is wrong and what to do.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
