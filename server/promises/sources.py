"""What each source of evidence makes of what the services say: figures in, facts out. Pure; asks nobody.

Figures about people are told from the least number on.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from nlp.labels import Label
from server.kernel.disclosure import SEALED_PURPOSES, Purpose
from server.promises.backups import BackupCheck
from server.promises.evidence import NotYet
from server.promises.model import Fact, Kind, counted, number, percent, yes
from server.promises.tallies import Tally
from server.promises.trail import Checked

_MONTHLY: Mapping[str, tuple[str, ...]] = {
    "messages": ("chat:message:posted",),
    "posts": ("forum:post:created",),
    "feedback_given": ("feedback:item:given",),
    "talks_assigned": ("chat:conversation:assigned",),
    "talks_rated": ("chat:conversation:rated",),
    "forms_sent": ("forms:form:sent",),
    "forms_filled": ("forms:form:filled",),
    "forms_withdrawn": ("forms:form:withdrawn",),
    "located": ("forms:form:located",),
    "sign_ins_refused": ("accounts:sign_in:refused",),
    "sign_ins_held": ("accounts:sign_in:held",),
    "sessions_ended": ("accounts:session:revoked",),
    "files": ("files:file:stored",),
    "images": ("attachments:image:stored",),
}
"""Fact -> actions of the trail in this month; people did them."""

_YEARLY: Mapping[str, tuple[str, ...]] = {
    "status_told": ("announcements:event:opened", "announcements:event:updated"),
    "surveys_sent": ("surveys:survey:sent",),
    "news_sent": ("announcements:news:sent",),
    "reports_made": ("insight:report:made",),
    "rings_found": ("feedback:ring:found",),
    "publications": ("publication:testimonial:published", "publication:article:published"),
}
"""Fact -> actions of the trail in twelve months; the company did them."""

_YEARLY_OF_PEOPLE: Mapping[str, tuple[str, ...]] = {
    "permissions_signed": ("publication:permission:signed",),
    "permissions_revoked": ("publication:permission:revoked",),
    "erasures": ("rights:erasure:done",),
    "exports": ("rights:export:made",),
}
"""Fact -> actions of the trail in twelve months; people did them."""

_PLACES = frozenset({"latitude", "longitude", "lat", "lon", "lng", "coordinates", "geo", "where"})
"""What a field for a location would be called."""


def of_audit(checked: Checked | None) -> Sequence[Fact]:
    """Say what the last check of the trail found.

    Raises:
        NotYet: there was none.
    """
    if checked is None:
        raise NotYet
    report = checked.report
    return (
        yes("audit_fits", report.ok),
        number("audit_entries", report.entries),
        Fact("audit_checked", Kind.MOMENT, checked.at),
        number("checkpoints", report.checkpoints),
    )


def of_backups(last: BackupCheck | None, now: datetime) -> Sequence[Fact]:
    """Say when a backup was last read from end to end. One that never was, or long ago, is told as plainly."""
    return (
        yes("backup_fresh", last is not None and last.is_fresh(now)),
        Fact("backup_checked", Kind.MOMENT, last.at if last is not None else None),
        number("backup_documents", last.documents if last is not None else None),
    )


def of_trail(checked: Checked | None, least: int) -> Sequence[Fact]:
    """Count what the last check of the trail walked over.

    Raises:
        NotYet: there was none.
    """
    if checked is None:
        raise NotYet
    told = [counted(name, checked.this_month(*actions), least) for name, actions in _MONTHLY.items()]
    told += [counted(name, checked.this_year(*actions), least) for name, actions in _YEARLY_OF_PEOPLE.items()]
    return (*told, *(number(name, checked.this_year(*actions)) for name, actions in _YEARLY.items()))


def of_tallies(counts: Mapping[Tally, int], least: int) -> Sequence[Fact]:
    """Say what the gate, the access log and the pages counted this month; labels that are rare are told as rare."""
    labels = [counted("hidden", counts.get(("hidden", label), 0), least, f"hidden.{label.value}") for label in Label]
    looks = [counted("looks", counts.get(("look", one), 0), least, f"look_for.{one.value}") for one in Purpose]
    revealed = [one for one in Purpose if one in SEALED_PURPOSES]
    reveals = [counted("reveals", counts.get(("reveal", one), 0), least, f"look_for.{one.value}") for one in revealed]
    whole = {name: counts.get((kind, kind), 0) for name, kind in _WHOLE.items()}
    return (*(counted(name, count, least) for name, count in whole.items()), *labels, *looks, *reveals)


_WHOLE = {"texts": "text", "previews": "preview", "pages": "page", "checkups": "checkup"}


def of_feedback(total: int, unanswered: int, kept: int, missed: int, least: int) -> Sequence[Fact]:
    """Say how much feedback was answered, and how many promised times were kept."""
    return (
        percent("feedback_answered", total - unanswered, total, least),
        percent("promises_kept", kept, kept + missed, least),
    )


def of_policy(version: int, effective: date, review_by: date) -> Sequence[Fact]:
    """Say which policy holds."""
    return (
        number("policy_version", version),
        Fact("policy_effective", Kind.DAY, effective),
        Fact("policy_review", Kind.DAY, review_by),
    )


def of_training(holding: int, needing: int, lessons: int, *, required: bool) -> Sequence[Fact]:
    """Say how many of the passes that staff need are in date; of one person alone nothing is told."""
    return (
        yes("training_required", required),
        percent("trained", holding, needing, _LEAST_PASSES),
        number("lessons", lessons),
    )


_LEAST_PASSES = 5


def of_consents(standing: Mapping[str, int], least: int) -> Sequence[Fact]:
    """Say how many consents stand, by purpose."""
    return [counted("consents", count, least, f"purpose.{purpose}") for purpose, count in standing.items()]


def of_glass(opened: int, reviewed: int, least: int) -> Sequence[Fact]:
    """Say how often the glass was broken, and how much of it was reviewed."""
    return (
        counted("glass_opened", opened, least),
        percent("glass_reviewed", reviewed, opened, least),
        yes("glass_waiting", reviewed == opened),
    )


def of_requests(received: int, in_time: int, late: int, least: int) -> Sequence[Fact]:
    """Say how many requests about people's rights came, and how many were answered within their clock."""
    return (
        counted("requests_received", received, least),
        percent("requests_in_time", in_time, in_time + late, least),
        counted("requests_late", late, least) if late else number("requests_late", 0),
    )


def of_retention(rules: int, ended_at: datetime | None, gone: int | None, overdue: int | None) -> Sequence[Fact]:
    """Say when retention ran last, what it removed, and what had outlived its rule after it; Nones before a run."""
    return (
        number("retention_rules", rules),
        Fact("retention_run", Kind.MOMENT, ended_at),
        number("retention_gone", gone),
        number("retention_overdue", overdue),
    )


def of_incidents(incidents: int, notifiable: int, in_time: int, drills: int) -> Sequence[Fact]:
    """Say how many incidents there were this year, and whether people were told in time where they had to be."""
    return (
        number("incidents", incidents),
        percent("incidents_in_time", in_time, notifiable, 1),
        number("drills", drills),
    )


def of_store(validators: Iterable[Mapping[str, object] | None]) -> Sequence[Fact]:
    """Look at the form of every place where something is stored.

    Args:
        validators: of all collections; None of one that has none.
    """
    forms = list(validators)
    return (
        number("location_fields", sum(_located(form) for form in forms)),
        number("validated", sum(form is not None for form in forms)),
    )


def _located(form: object) -> int:
    """How many fields of a form are called like a location, however deep."""
    if isinstance(form, Mapping):
        return sum((name in _PLACES) + _located(inner) for name, inner in form.items())
    return sum(map(_located, form)) if isinstance(form, list | tuple) else 0
