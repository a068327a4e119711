"""`RawText` gives nothing away by accident; templates and numberings keep their properties."""

import copy
import json
import logging
import pickle
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from nlp.labels import Label
from nlp.placeholders import PLACEHOLDER
from server.kernel.text import Hidden, Numbering, RawText, RedactedText, Redaction, template_of

_TYPED = "nomor saya 0812-9071-3648"


class _Holder(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    text: RawText


_LEAKS: dict[str, Callable[[Any], Any]] = {
    "str": str,
    "format": lambda raw: f"{raw}",
    "format with a width": lambda raw: f"{raw:>80}",
    "percent": lambda raw: "%s" % raw,  # noqa: UP031 (the old way is one of the ways)
    "str.format": lambda raw: "{}".format(raw),  # noqa: UP032 (likewise)
    "join": lambda raw: "".join([raw]),
    "concatenation": lambda raw: "" + raw,
    "bytes": bytes,
    "list": list,
    "iteration": lambda raw: "".join(raw),
    "index": lambda raw: raw[0],
    "json": json.dumps,
    "orjson": orjson.dumps,
    "pickle": pickle.dumps,
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pydantic": lambda raw: _Holder(text=raw).model_dump_json(),
    "vars": vars,
    "contains": lambda raw: "nomor" in raw,
    "comparison": lambda raw: raw < raw,
}


@pytest.mark.parametrize("leak", _LEAKS.values(), ids=_LEAKS)
def test_raw_text_does_not_leak(leak: Callable[[Any], Any]) -> None:
    """Each of these fails, and its failure does not quote the text."""
    with pytest.raises(Exception) as refused:  # noqa: PT011 (which error is not the point; what it says is)
        leak(RawText(_TYPED))
    assert "0812" not in str(refused.value)
    assert "0812" not in repr(refused.value)


def test_raw_text_shows_its_length_only() -> None:
    """Also in a log line and inside other things."""
    raw = RawText(_TYPED)
    assert repr(raw) == f"<RawText of {len(_TYPED)} characters>"
    assert "0812" not in repr([{"text": raw}])
    assert "0812" not in repr(_Holder(text=raw))
    record = logging.LogRecord("x", logging.INFO, "", 0, "%r", (raw,), None)
    assert "0812" not in record.getMessage()
    assert len(raw) == len(_TYPED)
    assert raw.reveal() == _TYPED


def test_raw_text_is_not_equal_to_its_text() -> None:
    """Equality would let somebody guess."""
    assert RawText(_TYPED) != RawText(_TYPED)
    assert {RawText(_TYPED): 1}.get(_TYPED) is None  # type: ignore[call-overload]  # wrong on purpose


def test_redacted_text_prints_its_length_only() -> None:
    """It is safe to show, and still no log needs it."""
    assert repr(RedactedText("halo")) == "<RedactedText of 4 characters>"
    assert RedactedText("halo") == RedactedText("halo")
    assert len({RedactedText("halo"), RedactedText("halo")}) == 1


_HIDDEN = st.builds(Hidden, st.sampled_from(Label), st.sampled_from("abcdef"))
_PIECES = st.text(st.characters(exclude_characters="⟦⟧", exclude_categories=["Cs"]), max_size=10)
_PARTS = st.lists(st.one_of(_PIECES, _HIDDEN), max_size=20)


@given(st.lists(_HIDDEN, max_size=40))
def test_the_same_value_keeps_its_number(values: list[Hidden]) -> None:
    """Numbers of a label begin at 1, have no gaps, and belong to one value each."""
    numbering = Numbering()
    given_numbers = [(value, numbering.number(value)) for value in values]
    assert all(numbering.number(value) == number for value, number in given_numbers)
    for label in Label:
        numbers = {number for value, number in given_numbers if value.label is label}
        values_of_label = {value for value in values if value.label is label}
        assert numbers == set(range(1, len(values_of_label) + 1))


@given(st.lists(_HIDDEN, max_size=30), st.lists(_HIDDEN, max_size=30))
def test_a_stored_numbering_goes_on_where_it_was(before: list[Hidden], after: list[Hidden]) -> None:
    """Whether it was kept in memory or read back makes no difference."""
    kept = Numbering()
    for value in before:
        kept.number(value)
    stored = kept.fresh()
    assert set(stored) == {value.key for value in before}
    read_back = Numbering(stored)
    rebuilt = Numbering()
    for value in before:
        rebuilt.learn(value, kept.number(value))
    for value in after:
        assert kept.number(value) == read_back.number(value) == rebuilt.number(value)
    assert kept.fresh() == read_back.fresh()
    assert set(kept.fresh()) == set()


@given(_PARTS)
def test_a_filled_template_reads_back(parts: list[str | Hidden]) -> None:
    """The placeholders in the text are those that are listed, each once, in order of first appearance."""
    template = template_of(parts)
    numbered = template.fill(Numbering())
    shown = [match.group() for match in PLACEHOLDER.finditer(numbered.text.value)]
    assert [item.placeholder for item in numbered.redactions] == list(dict.fromkeys(shown))
    assert len(shown) == sum(isinstance(part, Hidden) for part in parts)
    assert [Redaction(item.placeholder, item.label) for item in numbered.redactions] == list(numbered.redactions)
    rest = PLACEHOLDER.sub("", numbered.text.value)
    assert rest == "".join(part for part in parts if isinstance(part, str))
    assert "" not in template.parts


@given(_PARTS)
def test_filling_again_gives_the_same(parts: list[str | Hidden]) -> None:
    """A group whose write failed is numbered again from the stored state."""
    template = template_of(parts)
    numbering = Numbering()
    first = template.fill(numbering)
    assert template.fill(numbering) == first
    assert template.fill(Numbering()) == first
