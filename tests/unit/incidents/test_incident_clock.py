"""The clock of the law, whatever is told and when; figures; drafts that say what the law asks for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.incidents.drafts import to_authority, to_people
from server.incidents.model import (
    NEAR,
    WITHIN,
    Clock,
    Data,
    Incident,
    Kind,
    Severity,
    State,
    Words,
    figures_of,
)
from server.kernel.text import Numbering, template_of
from server.web.catalogue import LOCALES, Catalogues
from server.web.site import moments

_AT = datetime(2026, 11, 22, 3, tzinfo=UTC)
_TEXT = Words(template_of(("Peramban seorang petugas dipakai orang lain",)).fill(Numbering()).text)
_ONE = Incident(
    id="i1",
    number=7,
    drill=False,
    severity=Severity.HIGH,
    kind=Kind.ACCESS,
    title=_TEXT,
    story=_TEXT,
    data=(Data.MESSAGES, Data.NAME),
    discovered_at=_AT,
    occurred_from=_AT - timedelta(hours=5),
    occurred_to=None,
    by="a1",
    made_at=_AT,
    state=State.OPEN,
)
_LATER = st.timedeltas(timedelta(), timedelta(days=10))


@given(_LATER, st.none() | _LATER, st.none() | _LATER, st.sampled_from([None, True, False]), st.integers(0, 3))
def test_the_clock_of_the_law(
    now: timedelta, authority: timedelta | None, told: timedelta | None, notifiable: bool | None, people: int
) -> None:
    incident = replace(
        _ONE,
        notifiable=notifiable,
        people=people,
        authority_at=None if authority is None else _AT + authority,
        people_at=None if told is None else _AT + told,
    )
    clock = incident.clock(_AT + now)
    everybody = authority is not None and (told is not None or not people)
    last = max((moment for moment in (authority, told) if moment is not None), default=timedelta())
    if notifiable is False:
        assert clock is Clock.NOT_NEEDED
    elif everybody:
        assert clock is (Clock.MET if last <= timedelta(hours=72) else Clock.MISSED)
    elif now > timedelta(hours=72):
        assert clock is Clock.LATE
    else:
        assert clock is (Clock.NEAR if now >= WITHIN - NEAR else Clock.RUNNING)
    assert incident.warnings_due(_AT + now) == {Clock.NEAR: 1, Clock.LATE: 2}.get(clock, 0)


def test_figures_leave_drills_and_what_was_none_out() -> None:
    in_time = replace(_ONE, notifiable=True, authority_at=_AT, people_at=_AT, people=2)
    late = replace(in_time, people_at=_AT + timedelta(days=4))
    drill = replace(in_time, drill=True)
    none = replace(_ONE, state=State.DISMISSED)
    other_year = replace(in_time, discovered_at=_AT - timedelta(days=400))
    found = figures_of([_ONE, in_time, late, drill, none, other_year], 2026, _AT)
    assert (found.incidents, found.notifiable, found.in_time, found.drills) == (3, 2, 1, 1)


def test_drafts_say_what_the_law_asks_for() -> None:
    catalogues = Catalogues.load()
    for locale in LOCALES:

        def say(key: str, locale: str = locale, **values: str | int) -> str:
            return catalogues.text(locale, key, **values)

        def day(moment: datetime, locale: str = locale) -> str:
            return moments.full(moment, locale)

        measures = Words(template_of(("Sesi ditutup dan kata sandi diganti",)).fill(Numbering()).text)
        incident = replace(_ONE, measures=measures, people=12)
        for draft in (to_people(incident, "Toko Melati", say, day), to_authority(incident, "Toko Melati", say, day)):
            whole = "\n".join(draft.paragraphs)
            assert "Toko Melati" in draft.subject
            for data in incident.data:
                assert say(f"incident.data.{data.value}") in whole
            assert day(_AT - timedelta(hours=5)) in whole
            assert day(_AT) in whole
            assert "Peramban seorang petugas" in whole
            assert "Sesi ditutup" in whole
            assert say("incident.draft.drill") not in whole
        assert "12" in "\n".join(to_authority(incident, "Toko Melati", say, day).paragraphs)
        drill = to_people(replace(incident, drill=True), "Toko Melati", say, day)
        assert drill.paragraphs[0] == say("incident.draft.drill")


def test_every_word_of_an_incident_is_in_both_catalogues() -> None:
    catalogues = Catalogues.load()
    for locale in LOCALES:
        keys = catalogues.keys(locale)
        assert {f"incident.kind.{one.value}" for one in Kind} <= keys
        assert {f"incident.severity.{one.value}" for one in Severity} <= keys
        assert {f"incident.state.{one.value}" for one in State} | {f"incident.step.{s}" for s in _STEPS} <= keys
        assert {f"incident.clock.{one.value}" for one in Clock} | {f"incident.data.{d.value}" for d in Data} <= keys


_STEPS = (
    *(one.value for one in State),
    "assessed",
    "story",
    "measures",
    "lessons",
    "searched",
    "authority_told",
    "people_told",
    "task_added",
    "task_done",
)
