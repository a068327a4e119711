"""Builds the check of one's own settings from what the others know. For `parts` only."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from server.composition.community import Community
from server.composition.explaining import Explaining
from server.composition.identity import Identity
from server.composition.permitting import Permitting
from server.factors.service import FactorService
from server.kernel.actor import Actor
from server.kernel.fresh import FreshWindow
from server.kernel.ports import Clock
from server.notices.model import Pace
from server.notices.service import Notices
from server.people.service import People
from server.privacy.access_log import AccessLog
from server.privacy.guardians import Guardianships
from server.privacy.model import Choice
from server.privacy.service import ConsentLedger
from server.publication.model import State
from server.rights.checkup import Checkup, Known
from server.rights.checkup_pages import CheckupPages
from server.training.model import holds
from server.web.site.frame import Site


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked.

    Attributes:
        identity: sessions.
        factors: second factors.
        consents: consents.
        guardianships: guardians.
        log: who saw what.
        explaining: lessons.
        notices: what people are told of.
        people: public profiles.
        permitting: written permissions.
        community: drafts.
        freshness: how recent a sign-in must be for ending sessions.
        clock: the time.
    """

    identity: Identity
    factors: FactorService
    consents: ConsentLedger
    guardianships: Guardianships
    log: AccessLog
    explaining: Explaining
    notices: Notices
    people: People
    permitting: Permitting
    community: Community
    freshness: FreshWindow
    clock: Clock


def attach_checkup(site: Site, app: web.Application, asked: Asked) -> None:
    """Put the page into the application."""
    CheckupPages(site, Checkup(_known(asked), asked.freshness, asked.clock)).attach(app)


def _known(asked: Asked) -> Known:
    training = asked.explaining.training

    async def proofs(actor: Actor) -> tuple[bool, int | None]:
        seen = await asked.factors.overview(actor)
        return bool(seen.totp_since or seen.passkeys), seen.recovery_left if seen.totp_since else None

    async def choices(account_id: str) -> Mapping[str, Choice]:
        return await asked.consents.standing(account_id)

    async def learnt(actor: Actor) -> bool:
        if actor.is_staff:
            return all(holds(one.state) for one in await training.standing(actor))
        return await training.attended(actor)

    async def letters(actor: Actor) -> int:
        chosen = await asked.notices.choices(actor)
        return sum(choice.mail is not Pace.OFF or choice.push for choice in chosen.values())

    async def guardian(account_id: str) -> bool | None:
        found = await asked.guardianships.of(account_id)
        return None if found is None else found.answered_at is not None

    async def about(account_id: str) -> bool:
        profile = await asked.people.known(account_id)
        return profile is not None and profile.bio is not None

    async def permissions(actor: Actor) -> tuple[int, int]:
        own, now = await asked.permitting.permissions.own(actor), asked.clock()
        waiting = [one for one in own if one.state is State.ASKED and now < one.until]
        return sum(one.stands(now) for one in own), len(waiting)

    return Known(
        proofs,
        asked.identity.sessions,
        asked.identity.recovery.end_session,
        choices,
        asked.log,
        learnt,
        letters,
        guardian,
        about,
        permissions,
        asked.community.forum.drafts,
    )
