"""Builds insight: figures about feedback, and reports that may be shared. For `parts` only."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from server.composition.identity import Ground
from server.feedback.desk_store import MongoDeskStore
from server.feedback.events import FeedbackAnswered, FeedbackChanged, FeedbackGiven, FeedbackMerged, FeedbackShown
from server.feedback.store import MongoItemStore
from server.insight import api
from server.insight.answers import Answers
from server.insight.counting import Counting
from server.insight.noise import Noise
from server.insight.pages import InsightPages
from server.insight.protection import Rules
from server.insight.reading import FeedbackFacts
from server.insight.reports import Reports
from server.insight.service import Insight
from server.insight.store import INSIGHT_COLLECTIONS as INSIGHT_COLLECTIONS
from server.insight.store import MongoInsightStore
from server.kernel.relay import Relay
from server.rights.restraints import StandingRestraints
from server.web.endpoint import Endpoint
from server.web.site.frame import Site


@dataclass(frozen=True, slots=True)
class Insights:
    """The running services."""

    desk: api.Desk
    answers: Answers
    facts: FeedbackFacts
    counting: Counting

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return api.endpoints(self.desk)

    def attach(self, site: Site, app: web.Application) -> None:
        """Put their pages into the application."""
        InsightPages(site, self.desk, self.facts).attach(app)


@asynccontextmanager
async def open_insight(ground: Ground, relay: Relay, restraints: StandingRestraints) -> AsyncIterator[Insights]:
    """Build and start them; stop them in reverse order.

    Args:
        ground: what they stand on.
        relay: tells what happens to feedback.
        restraints: what people have stopped; their figures follow at once.
    """
    settings, database, clock = ground.settings, ground.database, ground.clock
    store = MongoInsightStore(database)
    items = MongoItemStore(database)
    facts = FeedbackFacts(items, MongoDeskStore(database), clock, restraints)
    counting = Counting(facts, store, clock)
    rules = Rules(settings.report_group, settings.report_epsilon, settings.report_budget)
    answers = Answers(store, Noise(), rules, ground.audit, clock)
    reports = Reports(store, answers, counting, facts, ground.audit, clock)
    _listen(relay, counting)

    async def count_anew(person_id: str) -> None:
        for item in await items.sent_by(person_id):
            counting.note(item.number, item.created_at)

    restraints.on_changed(count_anew)
    counting.start()
    try:
        yield Insights(api.Desk(Insight(store, clock), reports), answers, facts, counting)
    finally:
        await counting.close()


def _listen(relay: Relay, counting: Counting) -> None:
    async def note(event: FeedbackGiven | FeedbackChanged | FeedbackAnswered | FeedbackShown) -> None:
        counting.note(event.item.number, event.item.created_at)

    async def merged(event: FeedbackMerged) -> None:
        for item in (event.source, event.target):
            counting.note(item.number, item.created_at)

    relay.listen(FeedbackGiven, note)
    relay.listen(FeedbackChanged, note)
    relay.listen(FeedbackAnswered, note)
    relay.listen(FeedbackShown, note)
    relay.listen(FeedbackMerged, merged)
