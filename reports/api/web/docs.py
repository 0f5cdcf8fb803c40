"""The page at /docs: the OpenAPI document as plain HTML, without scripts or requests elsewhere."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "h2{margin:2.5rem 0 0;font:600 1.1rem ui-monospace,monospace}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0}"
    "td,th{border-top:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top}"
    "code{font-family:ui-monospace,monospace}"
)
LISTED_VALUES = 12


def docs_page(document: Mapping[str, Any]) -> str:
    """The OpenAPI document as a page of HTML."""
    title = escape(document["info"]["title"])
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>',
        f"<style>{STYLE}</style></head><body><h1>{title}</h1>",
        f"<p>{escape(document['info'].get('description', ''))}</p>",
        '<p><a href="openapi.json">openapi.json</a></p>',
    ]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parts += _operation(path, method, operation)
    parts.append("<h1>Shapes</h1>")
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        parts += _shape(name, schema)
    return "\n".join([*parts, "</body></html>"])


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h2>{method.upper()} {escape(path)}</h2>"
    yield f"<p>{escape(operation.get('description') or operation.get('summary', ''))}</p>"
    if operation.get("parameters"):
        yield "<table><tr><th>Parameter</th><th>Type</th><th>Meaning</th></tr>"
        for one in operation["parameters"]:
            cells = (one["name"], _kind(one["schema"]), one.get("description", ""))
            yield _row(*cells)
        yield "</table>"
    yield "<table><tr><th>Status</th><th>Body</th><th>Meaning</th></tr>"
    for status, answer in operation["responses"].items():
        content = answer.get("content", {})
        bodies = ", ".join(f"{kind}: {_kind(it.get('schema', {}))}" for kind, it in content.items())
        yield _row(status, bodies, answer.get("description", ""))
    yield "</table>"


def _shape(name: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield f'<h2 id="{escape(name)}">{escape(name)}</h2>'
    yield f"<p>{escape(schema.get('description', ''))}</p>"
    yield "<table><tr><th>Field</th><th>Type</th><th>Meaning</th></tr>"
    for field, one in schema.get("properties", {}).items():
        yield _row(field, _kind(one), one.get("description", ""))
    yield "</table>"


def _row(name: str, kind: str, meaning: str) -> str:
    return (
        f"<tr><td><code>{escape(str(name))}</code></td><td>{escape(kind)}</td>"
        f"<td>{escape(meaning)}</td></tr>"
    )


def _kind(schema: Mapping[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_kind(one) for one in schema["anyOf"])
    if "enum" in schema:
        values = [str(value) for value in schema["enum"]]
        return ", ".join(values[:LISTED_VALUES]) + (", …" if values[LISTED_VALUES:] else "")
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("type", "any"))
