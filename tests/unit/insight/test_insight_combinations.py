"""Tables of the same people, read side by side: no small group follows from two of them."""

from hypothesis import given
from hypothesis import strategies as st

from server.insight.combinations import small_groups, together
from server.insight.protection import Table

_CELLS = ("satu", "dua", "tiga", "empat")


@st.composite
def _tables(draw: st.DrawFn) -> dict[str, Table]:
    counts = st.one_of(st.none(), st.integers(10, 60))
    return {
        name: Table(dict(zip(_CELLS, draw(st.tuples(*[counts] * 4)), strict=True)), draw(counts))
        for name in draw(st.lists(st.sampled_from(["kind", "area", "sentiment"]), min_size=1, unique=True))
    }


@given(_tables())
def test_no_small_group_is_left(tables: dict[str, Table]) -> None:
    """Whatever was shown of each alone; nothing is added, and no figure is another one."""
    fit = together(tables, 10)
    assert small_groups(fit, 10) == []
    for name, table in fit.items():
        assert table.total == tables[name].total
        assert all(count in {None, tables[name].cells[cell]} for cell, count in table.cells.items())
    assert together(fit, 10) == fit


def test_the_total_of_one_table_uncovers_what_another_leaves_out() -> None:
    """Forty in all, of whom thirty-six are shown: the four are a small group."""
    hidden = Table({"satu": 20, "dua": 16, "tiga": None, "empat": None}, None)
    whole = Table({"satu": 25, "dua": 15, "tiga": 12, "empat": 11}, 40)
    assert small_groups({"area": hidden, "kind": whole}, 10) == [("area", "kind")]
    fit = together({"area": hidden, "kind": whole}, 10)
    assert fit["area"].cells == {"satu": 20, "dua": None, "tiga": None, "empat": None}
    assert fit["kind"] == whole
