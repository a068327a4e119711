"""Drafts of the letters that the law asks for, out of the record: to people and to the authority, in both languages.

Source: UU No. 27/2022, article 46 (2): which personal data were disclosed, when and how, and what is done about it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from server.incidents.model import Incident

Say = Callable[..., str]
"""Gives a text of the catalogues in one language: key, then what stands in its gaps."""

UNKNOWN: Final = "—"


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter, paragraph by paragraph. What was hidden by the gate stands in it as a placeholder."""

    subject: str
    paragraphs: tuple[str, ...]


def to_people(incident: Incident, company: str, say: Say, day: Callable[[datetime], str]) -> Draft:
    """Write to the affected.

    Args:
        incident: with its measures.
        company: who writes.
        say: words of the language.
        day: how a moment is written in it.
    """
    return Draft(
        say("incident.draft.people.subject", company=company),
        (
            *_drill(incident, say),
            say("incident.draft.people.begin", company=company),
            *_facts(incident, say, day),
            say("incident.draft.people.advice"),
            say("incident.draft.people.end", company=company),
        ),
    )


def to_authority(incident: Incident, company: str, say: Say, day: Callable[[datetime], str]) -> Draft:
    """Write to the authority; see `to_people`."""
    return Draft(
        say("incident.draft.authority.subject", company=company, n=incident.number),
        (
            *_drill(incident, say),
            say("incident.draft.authority.begin", company=company, at=day(incident.discovered_at)),
            *_facts(incident, say, day),
            say("incident.draft.authority.people", n=incident.people),
            say("incident.draft.authority.end", company=company),
        ),
    )


def _drill(incident: Incident, say: Say) -> Sequence[str]:
    return [say("incident.draft.drill")] if incident.drill else []


def _facts(incident: Incident, say: Say, day: Callable[[datetime], str]) -> Sequence[str]:
    """Which data, when and how, what is done."""
    data = ", ".join(say(f"incident.data.{one.value}") for one in incident.data) or UNKNOWN
    begins = day(incident.occurred_from) if incident.occurred_from else UNKNOWN
    ends = day(incident.occurred_to) if incident.occurred_to else UNKNOWN
    return [
        say("incident.draft.data", data=data),
        say("incident.draft.when", begins=begins, ends=ends, known=day(incident.discovered_at)),
        say("incident.draft.how", kind=say(f"incident.kind.{incident.kind.value}")),
        incident.story.text.value,
        say("incident.draft.measures"),
        incident.measures.text.value if incident.measures is not None else UNKNOWN,
    ]
