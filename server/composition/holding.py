"""Collects what every capability keeps of people, in the order of an erasure: accounts last. For `parts` only."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.accounts.holdings import AccountHoldings
from server.announcements.holdings import announcement_holdings
from server.audit.holdings import TrailHoldings
from server.composition.identity import Ground, Identity
from server.composition.listening import Listening
from server.factors.holdings import factor_holdings
from server.federation.holdings import federation_holdings
from server.feedback.comment_store import MongoCommentStore
from server.feedback.holdings import FeedbackHoldings
from server.feedback.mark_store import MongoMarkStore
from server.identify.holdings import site_holdings
from server.insight.holdings import insight_holdings
from server.kernel.holdings import Holdings
from server.notices.holdings import NoticeHoldings
from server.notices.service import Notices
from server.notify.holdings import mail_holdings
from server.privacy.holdings import PrivacyHoldings
from server.privacy.service import ConsentLedger
from server.privacy.store import MongoGlassStore
from server.publication.holdings import PublicationHoldings
from server.rights.holdings import RightsHoldings
from server.rights.restraints import StandingRestraints
from server.rights.store import MongoRequestStore
from server.signals.holdings import signal_holdings
from server.surveys.holdings import survey_holdings
from server.training.holdings import training_holdings
from server.visits.holdings import VisitHoldings
from server.visits.store import MongoVisitStore
from server.webhooks.holdings import hook_holdings


@dataclass(frozen=True, slots=True)
class Known:
    """The running services that know something of people themselves."""

    listening: Listening
    notices: Notices
    consents: ConsentLedger
    restraints: StandingRestraints


def holdings_of(ground: Ground, identity: Identity, content: Sequence[Holdings], known: Known) -> tuple[Holdings, ...]:
    """Give all of them.

    Args:
        ground: what they stand on.
        identity: accounts, sessions, visits, mail.
        content: what people wrote and sent (`holding_content`).
        known: what is known of people themselves.
    """
    return (*content, *_of_people(ground, identity, known))


def _of_people(ground: Ground, identity: Identity, known: Known) -> tuple[Holdings, ...]:
    """What is known of people themselves, and who they are at the very end."""
    database, listening = ground.database, known.listening
    requests = MongoRequestStore(database, ground.keyring.sealer("rights"))
    return (
        FeedbackHoldings(
            database,
            listening.store,
            MongoCommentStore(database),
            MongoMarkStore(database),
            listening.writer,
            listening.votes,
            listening.consequences,
        ),
        survey_holdings(database),
        announcement_holdings(database),
        insight_holdings(database),
        signal_holdings(database),
        hook_holdings(database),
        training_holdings(database),
        PublicationHoldings(database, ground.sealer),
        site_holdings(database),
        RightsHoldings(requests, known.restraints, ground.clock),
        PrivacyHoldings(database, known.consents, MongoGlassStore(database)),
        NoticeHoldings(database, known.notices),
        mail_holdings(database),
        VisitHoldings(database, MongoVisitStore(database, ground.sealer), identity.visits),
        factor_holdings(database),
        federation_holdings(database),
        TrailHoldings(),
        AccountHoldings(database, identity.accounts, identity.sessions),
    )
