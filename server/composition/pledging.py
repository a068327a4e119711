"""Builds the promises page: what is counted, the check of the trail, and its evidence. For `parts` only."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from server.audit.model import VerificationReport
from server.audit.parts import AuditParts
from server.audit.verification import Observer
from server.composition.explaining import Explaining
from server.composition.identity import Ground
from server.composition.keys import erased_file
from server.config import Settings
from server.incidents.service import Incidents
from server.insight.model import Promise, Waited
from server.insight.service import Insight
from server.intake import Intake
from server.privacy.access_log import AccessLog
from server.privacy.break_glass import BreakGlassService
from server.privacy.model import PURPOSES, Basis
from server.privacy.service import ConsentLedger
from server.promises import api, sources
from server.promises.backup_store import BackupChecks
from server.promises.controls import read_controls
from server.promises.evidence import Evidence, Source
from server.promises.model import Fact, counted, number, yes
from server.promises.pages import PromisePages
from server.promises.store import EVIDENCE_COLLECTIONS as EVIDENCE_COLLECTIONS
from server.promises.store import MongoTallyStore
from server.promises.tallies import Tallies
from server.promises.trail import Checking
from server.promises.words import Words, read_words
from server.retention.runs import RetentionRuns
from server.rights.service import Requests
from server.web.endpoint import Endpoint
from server.web.metrics import Metrics
from server.web.site.frame import Site


@dataclass(frozen=True, slots=True)
class Asked:
    """What evidence is asked of, beside the trail.

    Attributes:
        explaining: policy and training.
        insight: figures about feedback.
        consents: the ledger.
        access_log: who looked at what.
        break_glass: openings by way of exception.
        requests: requests about people's rights.
        runs: of retention.
        incidents: the register.
        validators: of every collection; None of one that has none.
    """

    explaining: Explaining
    insight: Insight
    consents: ConsentLedger
    access_log: AccessLog
    break_glass: BreakGlassService
    requests: Requests
    runs: RetentionRuns
    incidents: Incidents
    validators: Iterable[Mapping[str, object] | None]


@dataclass(frozen=True, slots=True)
class Pledging:
    """The running services.

    Attributes:
        ground: what they stand on.
        asked: what evidence is asked of.
        evidence: what stands beside each promise.
        checking: the check of the trail.
        tallies: counts of this month.
        audit: the trail.
        words: what each promise says.
        least: below it figures about people are not told.
    """

    ground: Ground
    asked: Asked
    evidence: Evidence
    checking: Checking
    tallies: Tallies
    audit: AuditParts
    words: Mapping[str, Mapping[str, Words]]
    least: int

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return api.endpoints(self.evidence, self.words, self.least)

    def attach(self, site: Site, app: web.Application) -> None:
        """Put their pages into the application."""
        checkpoints = self.audit.checkpoints

        def newest() -> str | None:
            return checkpoints.newest.note if checkpoints.newest is not None else None

        key = checkpoints.signer.described
        PromisePages(site, self.evidence, self.words, newest, key, self.least).attach(app)


@asynccontextmanager
async def open_pledging(
    ground: Ground, audit: AuditParts, asked: Asked, intake: Intake, metrics: Metrics
) -> AsyncIterator[Pledging]:
    """Build and start them; stop them in reverse order. From here on what passes the gate is counted.

    Args:
        ground: what they stand on.
        audit: the trail.
        asked: what evidence is asked of.
        intake: the gate.
        metrics: tell which pages are shown.
    """
    settings, clock = ground.settings, ground.clock
    tallies = Tallies(MongoTallyStore(ground.database), clock)
    intake.watch(tallies)
    asked.access_log.watch(tallies.look)
    metrics.watch(tallies.request)

    async def verify(observer: Observer) -> VerificationReport:
        return await audit.checkpoints.verify(audit.files[0], observer)

    every_s = float(settings.evidence_seconds)
    checking = Checking(verify, clock, every_s=every_s)
    evidence = Evidence(_sources(ground, checking, tallies, asked), clock, every_s=every_s)

    async def checked() -> None:
        await evidence.gather("audit", "trail")

    checking.listen(checked)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(tallies.close)
        stack.push_async_callback(evidence.close)
        stack.push_async_callback(checking.close)
        checking.start()
        evidence.start()
        yield Pledging(ground, asked, evidence, checking, tallies, audit, read_words(), settings.report_group)


def _sources(ground: Ground, checking: Checking, tallies: Tallies, asked: Asked) -> dict[str, Source]:
    settings, least = ground.settings, ground.settings.report_group

    async def audit() -> Sequence[Fact]:
        return sources.of_audit(checking.last)

    async def backups() -> Sequence[Fact]:
        return sources.of_backups(await BackupChecks(ground.database).last(), ground.clock())

    async def trail() -> Sequence[Fact]:
        return sources.of_trail(checking.last, least)

    async def counts() -> Sequence[Fact]:
        return sources.of_tallies(await tallies.this_month(), least)

    async def consents() -> Sequence[Fact]:
        asking = [name for name, purpose in PURPOSES.items() if purpose.basis is Basis.CONSENT]
        figures = await asked.consents.figures()
        return sources.of_consents({name: figures[name].standing for name in asking}, least)

    async def glass() -> Sequence[Fact]:
        opened, reviewed = await asked.break_glass.figures()
        return sources.of_glass(opened, reviewed, least)

    async def keys() -> Sequence[Fact]:
        return (counted("keys_destroyed", len(erased_file(settings).ids()), least),)

    async def store() -> Sequence[Fact]:
        return sources.of_store(asked.validators)

    async def set_so() -> Sequence[Fact]:
        return _of_settings(settings)

    async def controls() -> Sequence[Fact]:
        return read_controls().facts()

    return {
        "audit": audit,
        "backups": backups,
        "trail": trail,
        "tallies": counts,
        "consents": consents,
        "glass": glass,
        "keys": keys,
        "store": store,
        "settings": set_so,
        "controls": controls,
        **_explained(ground, asked.explaining, asked.insight),
        **_attended(ground, asked),
    }


def _attended(ground: Ground, asked: Asked) -> dict[str, Source]:
    least = ground.settings.report_group

    async def rights() -> Sequence[Fact]:
        figures = await asked.requests.figures(f"{ground.clock():%Y-%m}")
        return sources.of_requests(figures.received, figures.answered_in_time, figures.late, least)

    async def retention() -> Sequence[Fact]:
        last = await asked.runs.last()
        done = (last.ended_at, last.gone, last.overdue) if last is not None else (None, None, None)
        return sources.of_retention(len(asked.runs.rules), *done)

    async def incidents() -> Sequence[Fact]:
        figures = await asked.incidents.figures(ground.clock().year)
        return sources.of_incidents(figures.incidents, figures.notifiable, figures.in_time, figures.drills)

    return {"rights": rights, "retention": retention, "incidents": incidents}


def _explained(ground: Ground, explaining: Explaining, insight: Insight) -> dict[str, Source]:
    least = ground.settings.report_group

    async def policy() -> Sequence[Fact]:
        held = explaining.policies.on(ground.clock().date())
        return sources.of_policy(held.number, held.effective, held.review_by)

    async def training() -> Sequence[Fact]:
        coverage = await explaining.training.coverage()
        holding, needing = sum(one.holding for one in coverage), sum(one.needing for one in coverage)
        required = ground.settings.training == "required"
        return sources.of_training(holding, needing, explaining.training.lessons, required=required)

    async def feedback() -> Sequence[Fact]:
        figures = await insight.figures()
        unanswered = figures.by["waited"].get(Waited.UNANSWERED, 0)
        kept, missed = (figures.by["promise"].get(one, 0) for one in (Promise.KEPT, Promise.MISSED))
        return sources.of_feedback(figures.total, unanswered, kept, missed, least)

    return {"policy": policy, "training": training, "feedback": feedback}


def _of_settings(settings: Settings) -> Sequence[Fact]:
    named = ("visit_days", "report_group", "audit_days", "session_days", "reveal_seconds")
    return (
        yes("second_factor", settings.staff_second_factor == "required"),
        *(number(name, getattr(settings, name)) for name in named),
    )
