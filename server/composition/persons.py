"""Builds people in the community: handles, pictures, profiles, trust. For `parts` only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from moderation.trust import TrustRules
from server.composition.identity import Ground, Identity
from server.intake import Intake
from server.kernel.ports import EventSink
from server.people.model import PeopleRules
from server.people.service import People
from server.people.store import MongoPeopleStore


@asynccontextmanager
async def open_people(ground: Ground, identity: Identity, intake: Intake, sink: EventSink) -> AsyncIterator[People]:
    """Build and start it; what was counted is written at the end.

    Args:
        ground: what it stands on.
        identity: accounts.
        intake: the gate.
        sink: hears when somebody is shown otherwise than before.

    Raises:
        Unavailable: the store does not answer.
    """
    settings = ground.settings
    rules = PeopleRules(
        company=settings.company_name,
        handle_pause=timedelta(days=settings.handle_days),
        handle_kept=timedelta(days=settings.handle_kept_days),
        trust=TrustRules.parse(settings.trust),
    )
    people = People(
        MongoPeopleStore(ground.database, ground.keyring.index("handles")),
        identity.accounts,
        identity.accounts,
        intake,
        ground.finder,
        sink,
        ground.audit,
        ground.limiter,
        ground.clock,
        rules,
    )
    await people.start()
    try:
        yield people
    finally:
        await people.close()
