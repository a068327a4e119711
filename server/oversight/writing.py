"""The record and the assessment as Markdown and as JSON. Pure; words come from whoever asks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from server.kernel.retention import RetentionRule
from server.oversight.model import Processing, days_of, read_risks

Say = Callable[..., str]
"""Key of a catalogue (and its values) -> words."""


def as_data(record: Processing) -> Mapping[str, Any]:
    """Give the record as JSON can say it, in names rather than words."""
    return {
        "company": record.company,
        "at": record.at.isoformat(),
        "activities": [
            {"use": one.use, "basis": one.basis, "choice": one.choice, "places": list(one.places)}
            for one in record.activities
        ],
        "kept": [
            {
                "rule": one.name,
                "purpose": one.purpose,
                "collections": list(one.collections),
                "days": days_of(one.keep),
                "since": one.since,
                "setting": one.setting,
            }
            for one in record.rules
        ],
        "recipients": [{"kind": one.kind, "host": one.host, "count": one.count} for one in record.recipients],
        "settings": dict(record.settings),
        "keys": record.keys,
    }


def record_as_markdown(record: Processing, say: Say) -> str:
    """Write the record."""
    return "\n".join([f"# {say('officer.processing')}", "", *_head(record, say), *_body(record, say)]) + "\n"


def assessment_as_markdown(record: Processing, say: Say, locale: str) -> str:
    """Write the assessment, with what is left to be filled in by people."""
    lines = [f"# {say('officer.impact')}", "", *_head(record, say)]
    lines += ["", f"## {say('officer.impact.what')}", "", say("officer.impact.what.text", company=record.company)]
    lines += _body(record, say)
    lines += ["", f"## {say('officer.impact.need')}", "", say("officer.impact.need.text"), "", _BLANK]
    lines += ["", f"## {say('officer.impact.risks')}", ""]
    heads = ("officer.impact.risk", "officer.impact.measure", "officer.impact.left", "officer.impact.judged")
    lines += _table([say(head) for head in heads], [[*_risk(risk.words(locale)), ""] for risk in read_risks()])
    lines += ["", f"## {say('officer.impact.decision')}", "", say("officer.impact.decision.text"), "", _BLANK]
    return "\n".join(lines) + "\n"


_BLANK = "......................................................................"


def duration(rule: RetentionRule, say: Say) -> str:
    """Say how long something stays."""
    days = days_of(rule.keep)
    since = say(f"retention.since.{rule.since}")
    return f"{say('officer.days', n=days)} {since}" if days else since


def _risk(words: Any) -> list[str]:
    return [words.risk, words.measure, words.left]


def _head(record: Processing, say: Say) -> Iterator[str]:
    yield f"- {say('officer.responsible')}: {record.company}"
    yield f"- {say('officer.as_of')}: {record.at:%Y-%m-%d %H:%M} UTC"
    yield f"- {say('officer.keys')}: {say('officer.key.' + record.keys)}"


def _body(record: Processing, say: Say) -> list[str]:
    lines = ["", f"## {say('officer.uses')}", ""]
    lines += _table(
        [say("officer.use"), say("officer.basis"), say("officer.places")],
        [[say(f"use.{one.use}"), say(f"basis.{one.basis}"), ", ".join(one.places)] for one in record.activities],
    )
    lines += ["", f"## {say('officer.kept')}", ""]
    rows = [
        [
            say(f"held_for.{purpose}"),
            say(f"retention.rule.{rule.name}"),
            ", ".join(rule.collections),
            duration(rule, say),
        ]
        for purpose, rules in record.by_purpose.items()
        for rule in rules
    ]
    heads = ("officer.purpose", "officer.data", "officer.collections", "officer.how_long")
    lines += _table([say(head) for head in heads], rows)
    lines += ["", f"## {say('officer.recipients')}", ""]
    if record.recipients:
        lines += [f"- {say('recipient.' + one.kind)}: {one.host} ({one.count})" for one in record.recipients]
    else:
        lines.append(say("officer.recipients.none"))
    lines += ["", f"## {say('officer.settings')}", ""]
    return lines + [f"- `{name}`: {value}" for name, value in record.settings]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [_row(heads), "|" + "---|" * len(heads), *(_row(row) for row in rows)]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |"
