"""Rows behind tables: views are told the truth, and no more than they need."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from roto_client.hosts.qt.models import RowsModel
from roto_client.hosts.qt.qt import Qt

ROWS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2)), unique_by=lambda row: row[0])


class Pairs(RowsModel[Any]):
    columns = ("key", "value")

    def key(self, row: Any) -> Any:
        return row[0]

    def cell(self, row: Any, column: int, role: int) -> Any:
        return row[column] if role == Qt.ItemDataRole.DisplayRole else None


class Mirror:
    """What a view believes, from the signals alone."""

    def __init__(self, model: Pairs) -> None:
        self.model, self.resets = model, 0
        self.rows: list[Any] = list(model.rows)
        model.rowsInserted.connect(self._inserted)
        model.rowsRemoved.connect(self._removed)
        model.dataChanged.connect(self._changed)
        model.modelReset.connect(self._reset)

    def _inserted(self, parent: Any, first: int, last: int) -> None:
        self.rows[first:first] = self.model.rows[first : last + 1]

    def _removed(self, parent: Any, first: int, last: int) -> None:
        del self.rows[first : last + 1]

    def _changed(self, first: Any, last: Any, *_: Any) -> None:
        for row in range(first.row(), last.row() + 1):
            self.rows[row] = self.model.rows[row]

    def _reset(self) -> None:
        self.resets += 1
        self.rows = list(self.model.rows)


@given(ROWS, ROWS)
def test_a_view_that_follows_the_signals_shows_what_the_model_has(old: Any, new: Any) -> None:
    model = Pairs()
    model.show(old)
    mirror = Mirror(model)
    model.show(new)
    assert model.rows == new
    assert mirror.rows == new


@given(ROWS, st.data())
def test_growing_and_shrinking_in_one_place_resets_nothing(rows: Any, data: Any) -> None:
    first = data.draw(st.integers(0, len(rows)))
    last = data.draw(st.integers(first, len(rows)))
    model = Pairs()
    model.show(rows)
    mirror = Mirror(model)
    model.show(rows[:first] + rows[last:])
    model.show(rows)
    assert mirror.rows == rows
    assert mirror.resets == 0


def test_what_did_not_change_is_not_told() -> None:
    model = Pairs()
    model.show([(n, 0) for n in range(300)])
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda a, b, *_: told.append((a.row(), b.row())))
    model.show([(n, 1 if n in (4, 5, 299) else 0) for n in range(300)])
    assert told == [(4, 5), (299, 299)]
    model.show(list(model.rows))
    assert told == [(4, 5), (299, 299)]
