"""Overlaps: the rule is that nothing found is ever uncovered."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from nlp.labels import Label
from nlp.spans import Span, resolve

SPANS = st.lists(
    st.builds(
        Span,
        start=st.integers(0, 40),
        end=st.integers(0, 40),
        label=st.sampled_from(Label),
        score=st.floats(0, 1),
    ),
    max_size=12,
)


def covered(spans: list[Span]) -> set[int]:
    return {index for span in spans for index in range(span.start, span.end)}


def test_a_name_inside_another_identifier_disappears() -> None:
    email = Span(0, 20, Label.EMAIL, 0.9)
    assert resolve([Span(0, 4, Label.PERSON, 1.0), email]) == [email]


def test_a_name_that_reaches_over_a_number_is_cut_around_it() -> None:
    phone = Span(5, 17, Label.PHONE, 0.2)
    assert resolve([Span(0, 20, Label.PERSON, 1.0), phone]) == [
        Span(0, 5, Label.PERSON, 1.0),
        phone,
        Span(17, 20, Label.PERSON, 1.0),
    ]


def test_the_stronger_of_two_with_the_same_extent_stays() -> None:
    assert resolve([Span(0, 16, Label.NIK, 0.9), Span(0, 16, Label.CARD, 0.95)]) == [Span(0, 16, Label.CARD, 0.95)]


def test_the_weaker_of_two_that_overlap_keeps_the_rest() -> None:
    assert resolve([Span(0, 8, Label.PHONE, 0.9), Span(5, 12, Label.SECRET, 0.5)]) == [
        Span(0, 8, Label.PHONE, 0.9),
        Span(8, 12, Label.SECRET, 0.5),
    ]


def test_overlapping_spans_of_one_label_become_one() -> None:
    assert resolve([Span(0, 8, Label.ADDRESS, 0.5), Span(4, 12, Label.ADDRESS, 0.7)]) == [
        Span(0, 12, Label.ADDRESS, 0.7)
    ]


@given(SPANS)
def test_resolved_spans_are_disjoint_sorted_and_cover_the_same(spans: list[Span]) -> None:
    result = resolve(spans)
    assert all(span.start < span.end for span in result)
    assert all(left.end <= right.start for left, right in pairwise(result))
    assert covered(result) == covered(spans)


@given(SPANS)
def test_resolving_twice_changes_nothing(spans: list[Span]) -> None:
    assert resolve(resolve(spans)) == resolve(spans)
