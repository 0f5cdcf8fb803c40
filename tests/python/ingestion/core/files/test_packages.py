"""Tables of any size become packages of one size, and nothing is lost between them."""

import pyarrow as pa
import pytest

from ingestion.core.files.rows import in_packages


@pytest.mark.parametrize(
    "sizes", [(), (0,), (3,), (4,), (9,), (1, 1, 1, 1, 1), (3, 9, 0, 1), (8, 8)]
)
def test_rows_stay_in_order_in_packages_of_one_size(sizes: tuple[int, ...]) -> None:
    number, tables = 0, []
    for size in sizes:
        tables.append(pa.table({"n": pa.array(range(number, number + size), pa.int64())}))
        number += size
    packages = list(in_packages(tables, 4))
    assert [n for package in packages for n in package["n"].to_pylist()] == list(range(number))
    assert all(package.num_rows == 4 for package in packages[:-1])
    assert all(0 < package.num_rows <= 4 for package in packages[-1:])
