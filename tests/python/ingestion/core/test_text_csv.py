"""Bodies of CSV: each line is in a row, or the body is refused."""

import pytest

from ingestion.core.fetching.text_csv import CsvError, read_text


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (b"a,b\n1,2\n", 1),
        (b"a,b\r\n1,2\r\n3,4\r\n", 2),
        (b'a,b\n"one\nand two",2\n', 1),
        (b'"a\nb",c\n1,2\n3,4\n', 2),
        (b"a,b\n", 0),
    ],
)
def test_every_line_is_in_a_row(body: bytes, rows: int) -> None:
    assert read_text(body, empty_is_null=True).num_rows == rows


@pytest.mark.parametrize("body", [b"a,b\n1,2\n\n3,4\n", b"\na,b\n1,2\n", b'a,b\n"x\ny",2\n\n'])
def test_a_line_that_makes_no_row_is_counted(body: bytes) -> None:
    with pytest.raises(CsvError, match="lines make"):
        read_text(body, empty_is_null=False)
