"""The privacy policy: what ships says what the software does, versions hold by their day, differences lose no word."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.policy.model import Piece, Policy, Section, differences
from server.policy.versions import SHIPPED, Policies, PolicyRefused, read
from server.privacy.model import PURPOSES

_FIRST, _SECOND = date(2026, 1, 1), date(2026, 6, 1)
_FILE = """
effective = {effective}
review_by = {review}
[purposes]
research = {research}
[[section]]
key = "use"
[section.id]
title = "Untuk apa"
text = ["{words}", "- untuk {{company}}"]
[section.en]
title = "What for"
text = ["{words}"]
"""


def _policy(number: int, effective: date, **purposes: int) -> Policy:
    return Policy(number, effective, effective.replace(year=effective.year + 1), purposes, {})


def _folder(where: Path, *versions: dict[str, object]) -> Path:
    for number, version in enumerate(versions, start=1):
        given = {"effective": "2026-01-01", "review": "2026-07-01", "research": 1, "words": "kata", **version}
        (where / f"{number}.toml").write_text(_FILE.format(**given))
    return where


def test_what_ships_explains_every_purpose_as_it_is_asked_for() -> None:
    """A purpose whose meaning changed without a new version of the policy would be asked for by an old text."""
    policies = read(SHIPPED, "Niaga Sehat", tuple(PURPOSES))
    newest = policies.all[-1]
    assert dict(newest.purposes) == {name: purpose.version for name, purpose in PURPOSES.items()}
    assert [one.key for one in newest.sections["id"]] == [one.key for one in newest.sections["en"]]
    said = " ".join(word for one in newest.sections["id"] for word in one.text)
    assert "Niaga Sehat" in said
    assert "{" not in said


def test_a_version_holds_from_its_day() -> None:
    policies = Policies([_policy(1, _FIRST), _policy(2, _SECOND)])
    assert policies.on(date(2025, 1, 1)).number == 1
    assert policies.on(date(2026, 5, 31)).number == 1
    assert policies.on(_SECOND).number == 2
    announced = policies.announced(date(2026, 5, 31))
    assert announced is not None
    assert announced.number == 2
    assert policies.announced(_SECOND) is None
    assert [policies.find(number) is not None for number in (0, 1, 2, 3)] == [False, True, True, False]


def test_only_a_purpose_that_changed_is_asked_about_again() -> None:
    before, after = _policy(1, _FIRST, research=1, marketing=1), _policy(2, _SECOND, research=2, marketing=1)
    assert after.asked_again(before) == ("research",)
    assert _policy(2, _SECOND, research=1, marketing=1).asked_again(before) == ()


_TEXTS = st.lists(st.sampled_from(["nama", "nomor", "alamat", "disimpan", "dihapus"]), min_size=1, max_size=12)


@given(before=_TEXTS, after=_TEXTS)
def test_differences_hold_every_word_of_both(before: list[str], after: list[str]) -> None:
    """Whatever was changed, both texts can be read out of what is shown."""
    old, new = Section("a", "Judul", (" ".join(before),)), Section("a", "Judul", (" ".join(after),))
    (change,) = differences([old], [new])
    for section, left_out in ((old, Piece.NEW), (new, Piece.GONE)):
        told = " ".join(text for piece, text in change.pieces if piece is not left_out)
        assert told.split() == [word for word in section.words if word != "\n"]
    assert change.is_same is (before == after)


def test_sections_that_come_and_go() -> None:
    kept, gone, new = (Section(key, key.title(), ("kata",)) for key in ("kept", "gone", "new"))
    changes = {one.key: one for one in differences([gone, kept], [kept, new])}
    assert list(changes) == ["kept", "new", "gone"]
    assert changes["kept"].is_same
    assert {piece for piece, _ in changes["new"].pieces} == {Piece.NEW}
    assert {piece for piece, _ in changes["gone"].pieces} == {Piece.GONE}


def test_a_company_brings_its_own(tmp_path: Path) -> None:
    policies = read(_folder(tmp_path, {}, {"effective": "2026-03-01", "research": 2}), "Niaga", ("research",))
    assert [one.number for one in policies.all] == [1, 2]
    assert policies.all[0].sections["id"][0].text == ("kata", "- untuk Niaga")


@pytest.mark.parametrize(
    ("versions", "told"),
    [
        ([], "1.toml"),
        ([{"effective": "gestern"}], "TOML"),
        ([{"review": "2025-12-01"}], "review_by"),
        ([{"review": "2028-01-01"}], "review_by"),
        ([{}, {}], "later day"),
        ([{"research": '"satu"'}], "purposes.research"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, versions: list[dict[str, object]], told: str) -> None:
    with pytest.raises(PolicyRefused, match=told):
        read(_folder(tmp_path, *versions), "Niaga", ("research",))


def test_a_purpose_that_nobody_explains_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyRefused, match="purposes"):
        read(_folder(tmp_path, {}), "Niaga", ("research", "marketing"))
