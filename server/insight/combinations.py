"""What the tables of one report tell together: no small group may follow from two of them. Pure.

Each table protects itself (`insight.protection`): what it leaves out is at least two classes and no fewer people than
the smallest group. But all tables of a report are about the same people. A table that does not tell how many they are
in all can be read beside one that does, and the difference is the group that was left out. And what two classes of two
tables have in common can be bounded: of N people, a in one class and b in another, at least a + b - N are in both
(Fréchet, 1935), so at most N - b of the a are not.

It looks at what is shown alone, never at true counts, so it costs nothing of the privacy budget.
"""

from collections.abc import Mapping
from dataclasses import replace

from server.insight.protection import Table


def together(tables: Mapping[str, Table], smallest: int) -> dict[str, Table]:
    """Give tables of the same people in a form that is fit to be read side by side.

    Args:
        tables: name -> what is shown of it alone.
        smallest: people without whom nothing is told.
    """
    found, totals = dict(tables), [table.total for table in tables.values() if table.total is not None]
    # What is left out beside one total may be a small group beside another.
    while small_groups(found, smallest):
        for total in totals:
            found = {name: _beside(table, total, smallest) for name, table in found.items()}
    return found


def small_groups(tables: Mapping[str, Table], smallest: int) -> list[tuple[str, str]]:
    """Name the tables whose left-out people are a small group when read beside another's total: (table, other)."""
    return [
        (name, other)
        for name, table in tables.items()
        for other, beside in tables.items()
        if beside.total is not None and 0 < _left_out(table, beside.total) < smallest
    ]


def _beside(table: Table, total: int, smallest: int) -> Table:
    """Leave out the smallest classes of a table, until those left out are no small group beside a total."""
    while 0 < _left_out(table, total) < smallest:
        shown = {cell: count for cell, count in table.cells.items() if count is not None}
        least = min(shown, key=lambda cell: (shown[cell], cell))
        table = replace(table, cells={cell: None if cell == least else n for cell, n in table.cells.items()})
    return table


def _left_out(table: Table, total: int) -> int:
    """How many people a reader takes to be in the classes that are not shown; 0 where all classes are, or none is."""
    shown = [count for count in table.cells.values() if count is not None]
    if not shown or len(shown) == len(table.cells):
        return 0
    return max(0, total - sum(shown))
