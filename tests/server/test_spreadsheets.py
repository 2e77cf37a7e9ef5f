"""CSV that a spreadsheet must not calculate."""

from __future__ import annotations

import csv
import io

import pytest

from roto_server.spreadsheets import csv_lines


@pytest.mark.parametrize("first", list("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"), ids=ascii)
def test_nothing_somebody_wrote_is_a_formula(first: str) -> None:
    written = f"{first}1+1"
    [[cell]] = csv.reader(io.StringIO(csv_lines([[written]]).decode(), newline=""))
    assert cell == f"'{written}"


def test_everything_else_is_as_it_was() -> None:
    rows = [["sh 010", 3, 0.5, None, "a=b\nc"]]
    text = csv_lines(rows).decode()
    assert list(csv.reader(io.StringIO(text, newline=""))) == [["sh 010", "3", "0.5", "", "a=b\nc"]]
