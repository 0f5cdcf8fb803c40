"""The entity-relationship diagram of the marts: one page with a drawing for each domain.

References are read from the `relationships` tests of dbt's manifest, keys from its tests of
uniqueness. A table is one column to the right of the tables that it refers to. The page is SVG in
HTML and loads nothing.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

WIDTH, ROW, GAP_X, GAP_Y, MARGIN = 340, 20, 110, 26, 16
UNIQUE = ("unique", "unique_combination_of_columns")
STYLE = """
body { font: 14px system-ui, sans-serif; margin: 2rem; color: #1d2733; background: #fff }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem } p { max-width: 46rem }
.drawing { overflow-x: auto } svg { display: block }
rect { fill: #fff; stroke: #9aa7b5 } rect.name { fill: #e8eef4 }
text { font: 12px system-ui, sans-serif; fill: #1d2733 } text.name { font-weight: 600 }
text.type, text.more { fill: #5d6b7a } path { fill: none; stroke: #4a7fb0; stroke-width: 1.3 }
a:hover text { text-decoration: underline }
@media (prefers-color-scheme: dark) {
  body { background: #14181d; color: #dde4ec } rect { fill: #1b2027; stroke: #4c5968 }
  rect.name { fill: #28323d } text { fill: #dde4ec } text.type, text.more { fill: #97a4b2 }
  a { color: #8dbce6 } path { stroke: #6fa3d3 }
}
"""


@dataclass
class Table:
    """A mart of the diagram.

    Attributes:
        id: dbt's unique id.
        schema: its domain.
        name: without the schema.
        types: of its columns, by name, in order.
        keys: columns that make a row unique.
        refers_to: by column, the id and the column of the table that it refers to.
    """

    id: str
    schema: str
    name: str
    types: dict[str, str]
    keys: set[str] = field(default_factory=set)
    refers_to: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def shown(self) -> list[str]:
        """Keys and references; the other columns are counted only."""
        return [name for name in self.types if name in self.keys or name in self.refers_to]

    @property
    def height(self) -> int:
        """Of its box, in pixels."""
        return ROW * (2 + len(self.shown))


def read_tables(manifest: Mapping[str, Any]) -> dict[str, Table]:
    """Return the marts of dbt's manifest by their id."""
    nodes = manifest["nodes"].values()
    tables = {
        node["unique_id"]: Table(
            node["unique_id"],
            node["schema"],
            node["name"],
            {name: column["data_type"] or "" for name, column in node["columns"].items()},
        )
        for node in nodes
        if node["resource_type"] == "model" and node["path"].startswith("marts/")
    }
    for node in nodes:
        test = node.get("test_metadata") or {}
        table = tables.get(node.get("attached_node") or "")
        if table is None:
            continue
        if test.get("name") in UNIQUE:
            table.keys |= set(test["kwargs"].get("columns") or [test["kwargs"]["column_name"]])
        if test.get("name") == "relationships":
            other = _referred(node)
            table.refers_to[test["kwargs"]["column_name"]] = other, test["kwargs"]["field"]
    return tables


def _referred(test: Mapping[str, Any]) -> str:
    """The id of the table to whose key a test's column refers; a test may read others too."""
    to: str = test["test_metadata"]["kwargs"]["to"]
    names: dict[str, str] = {id_.rpartition(".")[2]: id_ for id_ in test["depends_on"]["nodes"]}
    (name,) = re.findall(r"ref\(['\"](\w+)['\"]\)", to)
    return names[name]


def diagram(manifest: Mapping[str, Any], build_id: str) -> str:
    """Return the page, HTML, for dbt's manifest of a build."""
    tables = read_tables(manifest)
    parts = []
    for schema in sorted({table.schema for table in tables.values()}):
        own = {id_: table for id_, table in tables.items() if table.schema == schema}
        referred = {id_ for table in own.values() for id_, _ in table.refers_to.values()}
        drawn = own | {id_: tables[id_] for id_ in referred if id_ in tables}
        parts.append(f"<h2>{escape(schema)}</h2><div class='drawing'>{_drawing(drawn)}</div>")
    return (
        "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width'>"
        f"<title>Marts and their relations</title><style>{STYLE}</style></head><body>"
        "<h1>Marts and their relations</h1><p>A line leads from a column to the key that it refers"
        " to; each is a tested foreign key. &#9670; marks the columns that make a row unique."
        " Click a name for the table's description. <a href='index.html'>dbt docs</a> ·"
        f" <a href='lineage.html'>column lineage</a> · build {escape(build_id)}</p>"
        + "".join(parts)
        + "</body></html>\n"
    )


def _drawing(tables: Mapping[str, Table]) -> str:
    places = _places(tables)
    lines = [
        _line(
            (places[table.id][0], _middle(places[table.id][1], table, column)),
            (places[other][0] + WIDTH, _middle(places[other][1], tables[other], key)),
        )
        for table in tables.values()
        for column, (other, key) in table.refers_to.items()
        if other in tables
    ]
    boxes = [_box(places[table.id], table) for table in tables.values()]
    width = max(x for x, _ in places.values()) + WIDTH + MARGIN
    height = max(y + tables[id_].height for id_, (_, y) in places.items()) + MARGIN
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width}' height='{height}' role='img'>"
        + "".join([*lines, *boxes])
        + "</svg>"
    )


def _places(tables: Mapping[str, Table]) -> dict[str, tuple[int, int]]:
    """Return the upper left corner of each table; those without any relation stand last."""
    depths = {id_: _depth(id_, tables) for id_ in tables}
    referred = {other for table in tables.values() for other, _ in table.refers_to.values()}
    alone = {id_ for id_, table in tables.items() if not table.refers_to and id_ not in referred}
    columns: dict[int, list[str]] = {}
    for id_ in sorted(tables, key=lambda one: tables[one].name):
        columns.setdefault(max(depths.values()) + 1 if id_ in alone else depths[id_], []).append(
            id_
        )
    places = {}
    for position, depth in enumerate(sorted(columns)):
        y = MARGIN
        for id_ in columns[depth]:
            places[id_] = MARGIN + position * (WIDTH + GAP_X), y
            y += tables[id_].height + GAP_Y
    return places


def _depth(id_: str, tables: Mapping[str, Table], seen: Iterable[str] = ()) -> int:
    others = {other for other, _ in tables[id_].refers_to.values()} & tables.keys() - {id_, *seen}
    return max((1 + _depth(other, tables, {id_, *seen}) for other in others), default=0)


def _line(start: tuple[int, int], end: tuple[int, int]) -> str:
    (x1, y1), (x2, y2) = start, end
    bend = max(40, (x1 - x2) // 2)
    return f"<path d='M{x1},{y1} C{x1 - bend},{y1} {x2 + bend},{y2} {x2},{y2}'/>"


def _middle(top: int, table: Table, column: str) -> int:
    row = table.shown.index(column) + 1 if column in table.shown else 0
    return top + row * ROW + ROW // 2


def _box(place: tuple[int, int], table: Table) -> str:
    x, y = place
    link = f"index.html#!/model/{table.id}"
    rows = [
        f"<text x='{x + 8}' y='{y + ROW * row + 14}'>"
        f"{'&#9670; ' if name in table.keys else ''}{escape(name)}</text>"
        f"<text class='type' text-anchor='end' x='{x + WIDTH - 8}' y='{y + ROW * row + 14}'>"
        f"{escape(table.types[name])}</text>"
        for row, name in enumerate(table.shown, start=1)
    ]
    rest = len(table.types) - len(table.shown)
    return (
        f"<rect x='{x}' y='{y}' width='{WIDTH}' height='{table.height}' rx='3'/>"
        f"<rect class='name' x='{x}' y='{y}' width='{WIDTH}' height='{ROW}' rx='3'/>"
        f"<a href='{escape(link)}'><text class='name' x='{x + 8}' y='{y + 14}'>"
        f"{escape(table.schema)}.{escape(table.name)}</text></a>"
        + "".join(rows)
        + f"<text class='more' x='{x + 8}' y='{y + table.height - 6}'>{rest} more columns</text>"
    )
