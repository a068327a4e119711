"""Builds the sealed store and the forms that fill it. For `parts` only."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from server.chat.model import Action
from server.composition.identity import Ground, Identity
from server.delivery.model import Tariff
from server.forms import api as forms_api
from server.forms.following import Following
from server.forms.model import conversation_of
from server.forms.service import Conversations, Forms
from server.forms.socket import translate
from server.forms.store import FORM_COLLECTIONS, MongoFormStore, MongoTemplateStore
from server.forms.templates import Templates
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.disclosure import AccessLog, Passes
from server.kernel.retention import Spared
from server.realtime.fanout import Fanout
from server.sealed.reveal_store import MongoRevealStore
from server.sealed.revealing import Revealing
from server.sealed.service import Sealed
from server.sealed.store import SEALED_COLLECTIONS, MongoSealedStore
from server.web.endpoint import Endpoint

SEALING_COLLECTIONS = (*SEALED_COLLECTIONS, *FORM_COLLECTIONS)


class Takers:
    """Fills `sealed.service.Circles`: staff who take part in a conversation. Reading by way of exception is not enough.

    Args:
        conversations: the chat.
    """

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations

    async def belongs(self, actor: Actor, circle: str) -> bool:
        """See `sealed.service.Circles`."""
        conversation_id = conversation_of(circle)
        if conversation_id is None or not actor.is_staff:
            return False
        return await self._conversations.may(actor, Action.POST, conversation_id)


@dataclass(frozen=True, slots=True)
class Sealing:
    """The running services."""

    sealed: Sealed
    templates: Templates
    forms: Forms
    following: Following
    shown_seconds: int

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return forms_api.endpoints(self.forms, self.templates, self.shown_seconds)


def revealing_of(ground: Ground, intake: Intake, log: AccessLog, passes: Passes) -> Revealing:
    """Build what every look at something sealed needs: of forms, of files, of whatever comes."""
    return Revealing(MongoRevealStore(ground.database), intake, log, passes, ground.audit, ground.limiter, ground.clock)


@asynccontextmanager
async def open_sealing(
    ground: Ground,
    identity: Identity,
    intake: Intake,
    conversations: Conversations,
    revealing: Revealing,
    fanout: Fanout,
    spared: Spared,
) -> AsyncIterator[Sealing]:
    """Build and start them; stop them in reverse order.

    Args:
        ground: what they stand on.
        identity: accounts.
        intake: takes texts in.
        conversations: knows who takes part in them.
        revealing: what every look needs.
        fanout: tells who is there.
        spared: says what stays for a legal hold.

    Raises:
        Unavailable: the store does not answer.
    """
    database, audit, limiter, clock = ground.database, ground.audit, ground.limiter, ground.clock
    translate(fanout)
    store = MongoSealedStore(database, ground.sealer, ground.keyring.index("sealed"))
    sealed = Sealed(store, Takers(conversations), revealing, audit, clock)
    tariff = Tariff.of_setting(ground.settings.delivery)
    templates = Templates(MongoTemplateStore(database), intake, audit, limiter, clock, locating=tariff is not None)
    await templates.start()
    kept = MongoFormStore(database)
    forms = Forms(
        kept,
        templates,
        sealed,
        conversations,
        tariff,
        intake,
        identity.accounts,
        audit,
        fanout,
        limiter,
        clock,
    )
    sealed.start(spared)
    try:
        yield Sealing(sealed, templates, forms, Following(kept, sealed, clock), ground.settings.reveal_seconds)
    finally:
        await sealed.close()
