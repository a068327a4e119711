"""Builds the privacy officers' desk from what the others know. For `parts` only."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from aiohttp import web

from server.accounts.service import AccountService
from server.composition.erasing import Erasing
from server.composition.hooking import Hooks
from server.composition.pledging import Pledging
from server.composition.responding import Responding
from server.composition.retaining import Retaining
from server.composition.righting import Righting
from server.config import Settings
from server.incidents.model import ENDED, Clock
from server.kernel.actor import Actor
from server.kernel.errors import NotPermitted
from server.oversight.model import Activity, Processing, Recipient, Tile, host_of
from server.oversight.pages import OPENED, OversightPages
from server.privacy.uses import USES
from server.promises.api import moment_of
from server.promises.backup_store import BackupChecks
from server.rights.erasure_office_pages import OFFICE as ERASURES
from server.rights.model import Request
from server.training.model import share
from server.web.site.frame import Site

_SOON = timedelta(days=30)
_PRESSING = frozenset({Clock.NEAR, Clock.LATE})
_ALL = 100
_DECISIVE = (
    "AMANAH_AUDIT_DAYS",
    "AMANAH_LIMITS",
    "AMANAH_REPORT_BUDGET",
    "AMANAH_REPORT_EPSILON",
    "AMANAH_REPORT_GROUP",
    "AMANAH_REVEAL_SECONDS",
    "AMANAH_SESSION_DAYS",
    "AMANAH_STAFF_SECOND_FACTOR",
    "AMANAH_STAFF_SESSION_HOURS",
    "AMANAH_TRAINING",
    "AMANAH_TRAINING_DAYS",
    "AMANAH_VISIT_DAYS",
)
"""Settings that decide how well people are protected."""


def attach_oversight(
    site: Site,
    app: web.Application,
    accounts: AccountService,
    pledging: Pledging,
    righting: Righting,
    retaining: Retaining,
    hooks: Hooks,
    responding: Responding,
    erasing: Erasing,
) -> None:
    """Put the desk's pages into the application."""
    settings = pledging.ground.settings

    async def names(account_ids: Sequence[str]) -> Mapping[str, str]:
        return {key: actor.display_name for key, actor in (await accounts.actors(account_ids)).items()}

    async def reveals() -> Mapping[str, int]:
        counts = await pledging.tallies.this_month()
        return {name: count for (kind, name), count in sorted(counts.items()) if kind == "reveal"}

    async def tiles(actor: Actor) -> Sequence[Tile]:
        return await _tiles(actor, pledging, righting, retaining, responding, erasing)

    async def record() -> Processing:
        return Processing(
            settings.company_name,
            pledging.ground.clock(),
            [Activity(name, use.basis.value, use.purpose or "", use.where) for name, use in USES.items()],
            retaining.runs.rules,
            await _recipients(settings, hooks),
            [(name, value) for name, value, _, _ in settings.described() if name in _DECISIVE],
            _keys(settings),
        )

    openings = pledging.asked.break_glass
    OversightPages(site, tiles, openings, reveals, record, names).attach(app)


async def _tiles(
    actor: Actor,
    pledging: Pledging,
    righting: Righting,
    retaining: Retaining,
    responding: Responding,
    erasing: Erasing,
) -> Sequence[Tile]:
    asked, now = pledging.asked, pledging.ground.clock()
    try:
        requests: Sequence[Request] | None = await righting.office.waiting(actor)
    except NotPermitted:
        # Without current training there is no looking at requests; the desk says so by its tile about training.
        requests = None
    opened, reviewed = await asked.break_glass.figures()
    incidents = [one for one in await responding.incidents.all(actor) if one.state not in ENDED]
    holds = [one for one in await retaining.holds.all(actor) if one.stands]
    erasures, failed = await erasing.erasures.waiting()
    last = await retaining.runs.last()
    policy = asked.explaining.policies.on(now.date())
    trained = share(await asked.explaining.training.coverage())
    checked = pledging.checking.last
    backup = await BackupChecks(pledging.ground.database).last()
    review = moment_of(policy.review_by)
    return (
        Tile("requests", *_waiting(requests, now)),
        Tile("erasures", erasures, ERASURES, failed > 0),
        Tile("openings", opened - reviewed, OPENED, opened > reviewed),
        Tile("incidents", len(incidents), "/petugas/insiden", any(one.clock(now) in _PRESSING for one in incidents)),
        Tile("holds", len(holds), "/petugas/retensi", any(one.review_at <= now for one in holds)),
        Tile("retention", last.ended_at if last else None, "/petugas/retensi", last is not None and last.overdue > 0),
        Tile("audit", checked.at if checked else None, "/janji#K1", checked is not None and not checked.report.ok),
        Tile("backup", backup.at if backup else None, "/janji#K1", backup is None or not backup.is_fresh(now)),
        Tile("policy", policy.review_by, "/kebijakan", review - now < _SOON),
        Tile("training", trained, "/pelatihan/cakupan", trained is not None and trained < _ALL),
    )


def _waiting(requests: Sequence[Request] | None, now: datetime) -> tuple[int | None, str, bool]:
    if requests is None:
        return None, "/pelatihan", True
    return len(requests), "/petugas/permintaan", any(one.is_late(now) for one in requests)


async def _recipients(settings: Settings, hooks: Hooks) -> Sequence[Recipient]:
    set_up = (
        ("mail", settings.smtp_url),
        ("provider", settings.oidc_issuer),
        ("scanner", settings.clamav_url),
        ("limits", settings.redis_url),
        ("store", settings.mongo_url),
    )
    found = [Recipient(kind, host_of(address)) for kind, address in set_up if address]
    hosts = [host_of(hook.url) for hook in await hooks.webhooks.all()]
    return [*found, *(Recipient("webhook", host, hosts.count(host)) for host in sorted(set(hosts)))]


def _keys(settings: Settings) -> str:
    if settings.master_key_command:
        return "command"
    return "environment" if settings.master_key else "file"
