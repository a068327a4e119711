"""What is chained can't be changed or left out; what a guardian has to agree to; texts that stay as they were shown."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.privacy.guardians import of_age
from server.privacy.model import ORIGIN, PURPOSES, Basis, Choice, Chooser, broken, is_asked_again, may_use
from server.privacy.purposes import SHIPPED, read_texts
from server.statements import StatementInvalid, Statements

_AT = datetime(2026, 3, 1, tzinfo=UTC)
_CONSENTS = sorted(name for name, rule in PURPOSES.items() if rule.basis is Basis.CONSENT)


@st.composite
def _chains(draw: st.DrawFn, least: int = 0) -> list[Choice]:
    steps = st.tuples(st.sampled_from(sorted(PURPOSES)), st.booleans(), st.integers(1, 2), st.sampled_from(Chooser))
    chain: list[Choice] = []
    for number, (purpose, granted, version, by) in enumerate(draw(st.lists(steps, min_size=least, max_size=10)), 1):
        before = chain[-1].digest if chain else ORIGIN
        at = _AT + timedelta(minutes=number)
        chain.append(Choice("a", number, purpose, granted, version, at, "text", "id", by, before))
    return chain


@given(_chains())
def test_what_was_chained_fits(chain: list[Choice]) -> None:
    assert broken(chain) is None
    assert broken(chain[::-1]) is None, "in whatever order the store gives them"


@given(_chains(least=2), st.data())
def test_no_choice_but_the_last_can_be_changed_or_left_out(chain: list[Choice], data: st.DataObject) -> None:
    """The last one is held by its receipt and by the trail."""
    place = data.draw(st.integers(0, len(chain) - 2))
    changed = data.draw(
        st.sampled_from(
            [
                replace(chain[place], granted=not chain[place].granted),
                replace(chain[place], version=9),
                replace(chain[place], at=_AT - timedelta(days=1)),
                replace(chain[place], purpose="other"),
                replace(chain[place], text="another"),
            ]
        )
    )
    assert broken([*chain[:place], changed, *chain[place + 1 :]]) is not None
    assert broken([*chain[:place], *chain[place + 1 :]]) is not None


@given(_chains(), st.sampled_from(_CONSENTS), st.booleans(), st.integers(0, 12))
def test_no_sequence_of_choices_lets_a_use_pass_that_was_not_agreed_to(
    chain: list[Choice], purpose: str, guarded: bool, minutes: int
) -> None:
    """The person's last word has to be yes to the present text; with a guardian, that guardian's too."""
    since = _AT + timedelta(minutes=minutes) if guarded else None
    own = [one for one in chain if one.purpose == purpose and one.by is not Chooser.GUARDIAN]
    allowed = bool(own) and own[-1].granted and own[-1].version == PURPOSES[purpose].version
    if since is not None:
        theirs = [one for one in chain if (one.purpose, one.by) == (purpose, Chooser.GUARDIAN) and one.at >= since]
        allowed = allowed and bool(theirs) and theirs[-1].granted and theirs[-1].version == PURPOSES[purpose].version
    assert may_use(purpose, chain, since) is allowed


def test_a_use_that_nobody_declared_does_not_pass() -> None:
    with pytest.raises(KeyError):
        may_use("profiling", [])


def test_only_a_yes_to_a_former_text_is_asked_again() -> None:
    yes = Choice("a", 1, "research", granted=True, version=PURPOSES["research"].version, at=_AT)
    assert not is_asked_again("research", [yes])
    assert is_asked_again("research", [replace(yes, version=yes.version + 1)])
    assert not is_asked_again("research", [replace(yes, version=yes.version + 1, granted=False)])
    assert not is_asked_again("marketing", [yes])


@given(st.dates(date(1990, 1, 1), date(2030, 12, 31)))
def test_nobody_is_taken_to_be_of_age_too_early(born: date) -> None:
    """Without the day, the last day of the month counts; at most a month too long."""
    free = of_age(born.replace(day=1))
    assert free.year - born.year - ((free.month, free.day) < (born.month, born.day)) == 18
    assert free - born.replace(day=1) <= timedelta(days=18 * 366 + 32)


def test_a_text_that_was_shown_stays_as_it_was(tmp_path: Path) -> None:
    """Another word without another version is refused; all versions there are can be quoted."""
    texts = read_texts()
    for name, rule in PURPOSES.items():
        assert texts.present(name).number == rule.version
        for number in range(1, rule.version + 1):
            found = texts.find(name, number)
            assert found is not None
            assert set(found.words) == {"id", "en"}
        assert texts.find(name, rule.version + 1) is None
    folder = Path(copytree(SHIPPED, tmp_path / "texts"))
    file = folder / "research.toml"
    file.write_text(file.read_text("utf-8").replace("survei", "wawancara", 1), "utf-8")
    with pytest.raises(ValueError, match="further version"):
        read_texts(folder)


@given(st.dictionaries(st.text(max_size=8), st.one_of(st.integers(-9, 9), st.text(max_size=20)), max_size=5))
def test_a_statement_opens_with_its_key_alone(stated: dict[str, object]) -> None:
    mine, other = Statements(b"a" * 32, "receipts"), Statements(b"b" * 32, "receipts")
    note = mine.sign(stated)
    assert mine.open(note) == stated
    with pytest.raises(StatementInvalid):
        other.open(note)
    with pytest.raises(StatementInvalid):
        mine.open(note.replace("receipts/", "permits/", 1))
    with pytest.raises(StatementInvalid):
        mine.open(note.replace("\n\n", "x\n\n", 1))
