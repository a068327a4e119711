"""The promises and what is shown as evidence of each: names and shapes. Pure; knows no source of evidence.

A fact never tells of a single person: figures about people are told from a least number on, and below it only that they
are smaller (`counted`). What the company itself did (checks, reports, cuts) is told exactly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Kind(StrEnum):
    """How a fact is read."""

    COUNT = "count"
    """Of people or of what they did; None below the least number that is told."""
    NUMBER = "number"
    """Of the company's own doings and settings."""
    PERCENT = "percent"
    """None where too few stand behind it."""
    MOMENT = "moment"
    DAY = "day"
    YES = "yes"


Value = int | bool | datetime | date | None


@dataclass(frozen=True, slots=True)
class Fact:
    """One piece of evidence.

    Attributes:
        name: its words are in the catalogues under `evidence.<name>`.
        kind: how it is read.
        value: of the kind; None where it is not told or not known.
        part: key of the catalogue that says of what part a figure is; empty where there are no parts.
    """

    name: str
    kind: Kind
    value: Value
    part: str = ""


def counted(name: str, count: int, least: int, part: str = "") -> Fact:
    """Give a figure about people, or that it is smaller than the least that is told."""
    return Fact(name, Kind.COUNT, count if count >= least else None, part)


def number(name: str, value: int | None) -> Fact:
    """Give a figure about the company's own doings."""
    return Fact(name, Kind.NUMBER, value)


def percent(name: str, part: int, whole: int, least: int) -> Fact:
    """Give a share, rounded down; not told where fewer than the least stand behind it."""
    return Fact(name, Kind.PERCENT, 100 * part // whole if whole >= max(1, least) else None)


def yes(name: str, value: bool | None) -> Fact:
    """Give something that is so or not."""
    return Fact(name, Kind.YES, value)


@dataclass(frozen=True, slots=True)
class Clause:
    """One promise.

    Attributes:
        id: as the commitment numbers it.
        facts: names of the evidence that stands beside it.
        record: where a person finds their own record of it; empty where there is none.
    """

    id: str
    facts: tuple[str, ...]
    record: str = ""

    @property
    def group(self) -> str:
        """The letter of its group."""
        return self.id[0]


GROUPS: Final = ("K", "T", "A", "I", "P", "S")

SOURCES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "audit": ("audit_fits", "audit_entries", "audit_checked", "checkpoints"),
        "backups": ("backup_fresh", "backup_checked", "backup_documents"),
        "trail": (
            "messages",
            "posts",
            "feedback_given",
            "talks_assigned",
            "talks_rated",
            "forms_sent",
            "forms_filled",
            "forms_withdrawn",
            "located",
            "sign_ins_refused",
            "sign_ins_held",
            "sessions_ended",
            "files",
            "images",
            "status_told",
            "surveys_sent",
            "news_sent",
            "reports_made",
            "rings_found",
            "publications",
            "permissions_signed",
            "permissions_revoked",
            "erasures",
            "exports",
        ),
        "tallies": ("texts", "hidden", "looks", "reveals", "previews", "pages", "checkups"),
        "feedback": ("feedback_answered", "promises_kept"),
        "policy": ("policy_version", "policy_effective", "policy_review"),
        "training": ("training_required", "trained", "lessons"),
        "consents": ("consents",),
        "glass": ("glass_opened", "glass_reviewed", "glass_waiting"),
        "settings": ("second_factor", "visit_days", "report_group", "audit_days", "session_days", "reveal_seconds"),
        "store": ("location_fields", "validated"),
        "keys": ("keys_destroyed",),
        "incidents": ("incidents", "incidents_in_time", "drills"),
        "rights": ("requests_received", "requests_in_time", "requests_late"),
        "retention": ("retention_rules", "retention_run", "retention_gone", "retention_overdue"),
        "controls": ("controls_kept", "controls_own", "controls_open"),
    }
)
"""Source -> the facts that it gives."""

_BACKUPS: Final = SOURCES["backups"]

CLAUSES: Final = (
    Clause("K1", ("audit_fits", "audit_entries", "audit_checked", "checkpoints", "validated", *_BACKUPS)),
    Clause("K2", ("texts", "hidden")),
    Clause("K3", ("looks",), "access"),
    Clause("T1", ("permissions_signed", "permissions_revoked", "publications", "report_group")),
    Clause("A1", ("feedback_given", "feedback_answered", "promises_kept"), "feedback"),
    Clause("A2", ("talks_assigned", "talks_rated")),
    Clause("A3", ("consents",), "consents"),
    Clause("A4", ("policy_version", "policy_effective", "policy_review")),
    Clause("A5", ("training_required", "trained")),
    Clause("A6", ("previews", "lessons", "checkups"), "checkup"),
    Clause("I1", ("forms_sent", "forms_withdrawn")),
    Clause("I2", ("second_factor", "sign_ins_refused"), "account"),
    Clause("I3", ("location_fields", "located")),
    Clause("I4", ("files", "images")),
    Clause("I5", ("visit_days",), "visits"),
    Clause("I6", ("messages", "posts", "feedback_given", "texts")),
    Clause("P1", ("forms_filled", "forms_withdrawn")),
    Clause("P2", ("reveals", "status_told")),
    Clause("P3", ("reveals", "reveal_seconds")),
    Clause("P4", ("consents", "surveys_sent", "news_sent"), "consents"),
    Clause("P5", ("session_days", "sessions_ended"), "visits"),
    Clause("P6", ("pages",)),
    Clause("P7", ("report_group", "reports_made")),
    Clause("P8", ("rings_found", "sign_ins_held")),
    Clause("S1", ("controls_kept", "controls_own", "controls_open")),
    Clause("S2", ("trained", "training_required")),
    Clause(
        "S3",
        (
            "retention_rules",
            "retention_run",
            "retention_gone",
            "retention_overdue",
            "audit_days",
            "erasures",
            "keys_destroyed",
        ),
    ),
    Clause(
        "S4",
        (
            "policy_review",
            "requests_received",
            "requests_in_time",
            "requests_late",
            "exports",
            "incidents",
            "incidents_in_time",
            "drills",
        ),
        "rights",
    ),
    Clause("S5", ("glass_opened", "glass_reviewed", "glass_waiting"), "access"),
)
"""Every promise, in the order of the commitment."""

RECORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "access": "#access",
        "consents": "#consents",
        "visits": "#devices",
        "account": "#security",
        "feedback": "/saran/saya",
        "rights": "/privasi",
        "checkup": "/privasi/pemeriksaan",
    }
)
"""Record -> where it is: a whole path, or a place in the account page."""

SOURCE_OF: Final[Mapping[str, str]] = MappingProxyType(
    {fact: source for source, facts in SOURCES.items() for fact in facts}
)
"""Fact -> its source."""
