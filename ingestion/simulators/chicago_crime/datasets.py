"""The data sets served: names and Socrata types of their columns, and how they are stored.

Every column is stored as the text it is served as. Beside it stand typed helper columns (`t:`
times, `n:` numbers), so that a filter does not cast millions of rows. `location` is not stored:
it is made of latitude and longitude when it is served.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "number", "checkbox", "calendar_date", "fixed_timestamp", "location"]

SYSTEM_COLUMNS: dict[str, Kind] = {
    ":id": "text",
    ":created_at": "fixed_timestamp",
    ":updated_at": "fixed_timestamp",
    ":version": "text",
}
_TIMES = ("calendar_date", "fixed_timestamp")


def quoted(name: str) -> str:
    """Return a column or table name for use in SQL."""
    return '"' + name.replace('"', '""') + '"'


@dataclass(frozen=True)
class Dataset:
    """A data set: its id in the address, its columns in order, which of them is which."""

    id: str
    columns: dict[str, Kind]
    occurred: str | None = None
    numbers_kept: tuple[str, ...] = ()

    @property
    def all_columns(self) -> dict[str, Kind]:
        """System columns, then the data set's own."""
        return SYSTEM_COLUMNS | self.columns

    @property
    def table(self) -> str:
        """Name of the table that holds it, quoted."""
        return quoted(self.id)

    @property
    def stored(self) -> list[str]:
        """Text columns of the table, in order."""
        return [name for name, kind in self.all_columns.items() if kind != "location"]

    @property
    def times(self) -> list[str]:
        """Columns with a `t:` helper."""
        return [name for name, kind in self.all_columns.items() if kind in _TIMES]

    def helpers(self) -> dict[str, str]:
        """Return each helper column with the SQL that makes it of the text columns.

        A time is read as written: an offset other than Z does not occur.
        """
        times = {
            f"t:{name}": f"try_cast(rtrim({quoted(name)}, 'Z') as timestamp)" for name in self.times
        }
        numbers = {f"n:{n}": f"try_cast({quoted(n)} as bigint)" for n in self.numbers_kept}
        return times | numbers

    def create_sql(self) -> str:
        """Return the statement that creates the empty table."""
        text = [f"{quoted(name)} varchar" for name in self.stored]
        times = [f"{quoted('t:' + name)} timestamp" for name in self.times]
        numbers = [f"{quoted('n:' + name)} bigint" for name in self.numbers_kept]
        return f"create table {self.table} ({', '.join(text + times + numbers)})"

    def insert_sql(self, relation: str, *, with_helpers: bool = False) -> str:
        """Return the statement that adds a relation's rows: the stored columns.

        `with_helpers` says that the relation has the helper columns too; else they are made.
        """
        helpers = self.helpers()
        names = [quoted(name) for name in self.stored + list(helpers)]
        made = [quoted(name) for name in helpers] if with_helpers else list(helpers.values())
        values = [quoted(name) for name in self.stored] + made
        return (
            f"insert into {self.table} ({', '.join(names)}) "
            f"select {', '.join(values)} from {relation}"
        )


CRIMES = Dataset(
    id="ijzp-q8t2",
    columns={
        "id": "number",
        "case_number": "text",
        "date": "calendar_date",
        "block": "text",
        "iucr": "text",
        "primary_type": "text",
        "description": "text",
        "location_description": "text",
        "arrest": "checkbox",
        "domestic": "checkbox",
        "beat": "text",
        "district": "text",
        "ward": "number",
        "community_area": "text",
        "fbi_code": "text",
        "x_coordinate": "number",
        "y_coordinate": "number",
        "year": "number",
        "updated_on": "calendar_date",
        "latitude": "number",
        "longitude": "number",
        "location": "location",
    },
    occurred="date",
    numbers_kept=("id",),
)
CRIMES_LAST_YEAR = Dataset(
    id="x2n5-8w5q",
    columns={
        "case_": "text",
        "date_of_occurrence": "calendar_date",
        "block": "text",
        "_iucr": "text",
        "_primary_decsription": "text",
        "_secondary_description": "text",
        "_location_description": "text",
        "arrest": "text",
        "domestic": "text",
        "beat": "text",
        "ward": "number",
        "fbi_cd": "text",
        "x_coordinate": "number",
        "y_coordinate": "number",
        "latitude": "number",
        "longitude": "number",
        "location": "location",
    },
    occurred="date_of_occurrence",
)
IUCR_CODES = Dataset(
    id="c7ck-438e",
    columns={
        "iucr": "text",
        "primary_description": "text",
        "secondary_description": "text",
        "index_code": "text",
        "active": "checkbox",
    },
)
RESIDENTS = Dataset(
    id="t68z-cikk",
    columns={
        "acs_year": "text",
        "community_area": "text",
        "under_25_000": "number",
        "total_population": "number",
        "record_id": "text",
    },
)
DATASETS = {dataset.id: dataset for dataset in (CRIMES, CRIMES_LAST_YEAR, IUCR_CODES, RESIDENTS)}
