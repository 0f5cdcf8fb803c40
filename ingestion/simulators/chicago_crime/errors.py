"""Errors of the portal, with the body and status that the real one answers."""

from typing import Any


class SodaError(Exception):
    """The request cannot be answered: `status` and `body` are what the client gets."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(str(body.get("message")))
        self.status = status
        self.body = body


def dataset_missing(dataset: str) -> SodaError:
    """404: no such data set."""
    body = {"code": "dataset.missing", "error": True, "message": "Not found"}
    return SodaError(404, body | {"data": {"id": dataset}})


def invalid_app_token() -> SodaError:
    """403: the token is not known; asked of every request that carries one."""
    message = "Invalid app_token specified"
    return SodaError(403, {"code": "permission_denied", "error": True, "message": message})


def bad_query(code: str, message: str, query: str) -> SodaError:
    """400: the query cannot be understood or does not fit the data set."""
    body = {"code": code, "errorCode": code, "error": True, "message": message}
    return SodaError(400, body | {"data": {"query": query, "position": {}}})


def malformed(query: str, why: str) -> SodaError:
    """400: the query is not SoQL."""
    message = f'Could not parse SoQL query "{query}" at line 1 character 1: {why}'
    return bad_query("query.compiler.malformed", message, query)


def no_such_column(query: str, column: str) -> SodaError:
    """400: the data set has no such column."""
    message = f"Query coordinator error: query.soql.no-such-column; No such column: {column}"
    return bad_query("query.soql.no-such-column", message, query)


def type_mismatch(query: str, what: str) -> SodaError:
    """400: an operator or function was given a type that it does not take."""
    message = f"Query coordinator error: query.soql.type-mismatch; Type mismatch: {what}"
    return bad_query("query.soql.type-mismatch", message, query)


def unknown_arguments(query: str, names: list[str]) -> SodaError:
    """400: parameters that SODA does not have."""
    message = f"Unrecognized arguments [{', '.join(names)}]"
    return bad_query("query.execution.unrecognizedArguments", message, query)


def no_integer(query: str, name: str, value: str) -> SodaError:
    """400: `$limit` or `$offset` is not a number, or is negative."""
    message = f"Invalid integer for {name}: {value}"
    return bad_query("query.execution.invalidInteger", message, query)
