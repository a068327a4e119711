"""Builds moderation: reports, the queue, decisions, sanctions, watched words, screening. For `parts` only."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from moderation.classifier import Classifier, Lessons
from moderation.domains import protected_with
from moderation.policy import policy_of
from moderation.signals import Protected
from server.composition.identity import Ground, Identity
from server.intake import Intake
from server.kernel.disclosure import Passes
from server.kernel.ports import Clock
from server.notices.service import Notices
from server.people.service import People
from server.review import api
from server.review.consequences import Consequences, Targets
from server.review.figures import Figures
from server.review.flagging import Flagging
from server.review.model import Reviewable
from server.review.sanctions import Sanctions
from server.review.screening import Screener
from server.review.service import ReviewService
from server.review.store import REVIEW_COLLECTIONS as REVIEW_COLLECTIONS
from server.review.store import MongoReviewStore
from server.review.waiting import DECIDED, OBJECT, Bell, WaitingPlace, own_place
from server.review.words import WatchedWords
from server.web.endpoint import Endpoint

_STAFF_KEPT_S = 600.0


@dataclass(slots=True)
class _StaffHandles:
    """The handles of staff, remembered for ten minutes."""

    identity: Identity
    people: People
    clock: Clock
    _known: tuple[str, ...] = ()
    _until: float = field(default=0.0)

    async def __call__(self) -> Sequence[str]:
        now = self.clock().timestamp()
        if now >= self._until:
            staff = [account.id for account in await self.identity.staff.everybody()]
            self._known = tuple(await self.people.handles(staff))
            self._until = now + _STAFF_KEPT_S
        return self._known


@dataclass(frozen=True, slots=True)
class Review:
    """The running services of moderation."""

    service: ReviewService
    flagging: Flagging
    sanctions: Sanctions
    words: WatchedWords
    figures: Figures
    screening: Screener
    people: People
    clock: Clock
    _targets: Targets
    _consequences: Consequences

    async def start(self, reviewable: dict[str, Reviewable]) -> None:
        """Say which texts can be reviewed, and do what a crash left undone.

        Args:
            reviewable: kind of text -> who knows it.

        Raises:
            Unavailable: the store does not answer.
        """
        for target_type, known in reviewable.items():
            self._targets.register(target_type, known)
        await self.words.start()
        await self._consequences.settle()

    async def also(self, target_type: str, reviewable: Reviewable) -> None:
        """Say that another kind of text can be reviewed, and do what a crash left undone of it.

        Raises:
            Unavailable: the store does not answer.
        """
        self._targets.register(target_type, reviewable)
        await self._consequences.settle()

    def endpoints(self) -> Sequence[Endpoint]:
        """Give the endpoints."""
        return api.endpoints(self.desk)

    @property
    def desk(self) -> api.Desk:
        """What endpoints and pages stand on."""
        return api.Desk(self.service, self.flagging, self.sanctions, self.words, self.figures, self.people, self.clock)


async def build_review(
    ground: Ground, identity: Identity, intake: Intake, people: People, notices: Notices, passes: Passes
) -> Review:
    """Build moderation; `Review.start` follows once there is something to review.

    Raises:
        Unavailable: the store does not answer.
    """
    audit, limiter, clock = ground.audit, ground.limiter, ground.clock
    policy = policy_of(ground.settings.moderation)
    store, targets = MongoReviewStore(ground.database), Targets()
    figures = Figures(store, policy.smallest_group, clock)
    sanctions = Sanctions(store, people, identity.sessions, audit, clock)
    learnt = await store.lessons()
    classifier = Classifier(
        ground.keyring.derive("review/classifier"), policy.spam_decisions, Lessons.unpack(learnt) if learnt else None
    )
    consequences = Consequences(store, targets, sanctions, people, classifier, figures, notices, audit, clock)
    bell = Bell(identity.staff, notices)
    notices.lead(OBJECT, WaitingPlace(store))
    for about_own in DECIDED:
        notices.lead(about_own, own_place)
    service = ReviewService(
        store, targets, consequences, figures, intake, identity.accounts, audit, limiter, clock, policy, bell, passes
    )
    flagging = Flagging(
        store, targets, sanctions, people, figures, intake, notices, audit, limiter, clock, policy, bell
    )
    words = WatchedWords(store, intake, audit, clock)
    own = urlsplit(ground.settings.public_url).hostname
    brands = Protected(brands=protected_with((own,) if own else ()))
    screening = Screener(
        service,
        words,
        classifier,
        people,
        _StaffHandles(identity, people, clock),
        limiter,
        clock,
        policy,
        brands,
        paced=ground.settings.limits,
    )
    people.screen_with(screening)
    return Review(service, flagging, sanctions, words, figures, screening, people, clock, targets, consequences)
