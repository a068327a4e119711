"""Looks at texts before they become public: watched words, pace, signals. Fills the forum's port of that name.

Keeps in memory what is needed to tell pace and repetition: moments and keyed digests, never texts.
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from moderation.classifier import Classifier
from moderation.folding import plain
from moderation.policy import Policy, post_limit, topic_limit
from moderation.signals import Pace, Protected, Writer, assess
from moderation.trust import Deed
from moderation.watched import Sighting, Watch, WatchList, censor, sternest
from server.kernel.actor import Actor
from server.kernel.ports import Clock, Limiter
from server.kernel.screening import Outcome, Screened, Submission
from server.kernel.text import RedactedText
from server.people.model import Persona, Profile, Standing
from server.review.service import ReviewService
from server.review.words import WatchedWords

_REMEMBERED: Final = 20_000
_REPEATED_S: Final = 24 * 3600.0
_WATCHED = "watched_word"


class Writers(Protocol):
    """Who writes; `server.people` says what each does."""

    async def personas(self, account_ids: Sequence[str]) -> dict[str, Persona]: ...
    async def standing(self, actor: Actor) -> Standing: ...
    async def profile(self, actor: Actor) -> tuple[Profile, Persona]: ...


class StaffHandles(Protocol):
    """Knows the handles that nobody else's may look like."""

    async def __call__(self) -> Sequence[str]: ...


@dataclass(slots=True)
class _Recent:
    """Moments of somebody's last texts, in seconds."""

    moments: deque[float] = field(default_factory=lambda: deque(maxlen=64))


class Screener:
    """Decides about texts.

    Args:
        review: takes what is held.
        words: the watched words.
        classifier: tells spam.
        people: knows writers.
        staff_handles: whom nobody may be taken for.
        limiter: rate limits, by trust level.
        clock: the time.
        policy: the thresholds.
        brands: name -> its owner's domains, the operator's own among them.
        paced: whether speed and repetition count: not where limits are off, for load tests.
    """

    def __init__(
        self,
        review: ReviewService,
        words: WatchedWords,
        classifier: Classifier,
        people: Writers,
        staff_handles: StaffHandles,
        limiter: Limiter,
        clock: Clock,
        policy: Policy,
        brands: Protected,
        *,
        paced: bool = True,
    ) -> None:
        self._review = review
        self._words = words
        self._classifier = classifier
        self._people = people
        self._staff_handles = staff_handles
        self._limiter = limiter
        self._clock = clock
        self._policy = policy
        self._protected = brands
        self._recent: OrderedDict[str, _Recent] = OrderedDict()
        self._seen: OrderedDict[bytes, float] = OrderedDict()
        self._key = secrets.token_bytes(32)
        self._paced = paced

    async def screen(self, actor: Actor, submission: Submission) -> Screened:
        """Decide about a text.

        Raises:
            RateLimited: more texts than somebody of their level may write.
        """
        standing = await self._people.standing(actor)
        if not submission.edit:
            await self._limiter.spend(post_limit(standing.level), actor.account_id)
            if submission.opening:
                await self._limiter.spend(topic_limit(standing.level), actor.account_id)
        text = submission.text.value
        sightings = self._words.list.sightings(text) if not actor.is_staff else []
        action = sternest(sightings)
        if action is Watch.BLOCK:
            return Screened(Outcome.REFUSE, (_WATCHED,))
        pace = self._pace(actor.account_id, text, edit=submission.edit)
        found = assess(
            text,
            await self._writer(actor, standing),
            pace,
            self._policy,
            Protected(tuple(await self._staff_handles()), self._protected.brands),
            hidden=submission.hidden,
            contacts=submission.contacts,
            spam_chance=self._classifier.chance(text),
        )
        masks = _mask(self._words.list) if any(one.entry.action is Watch.CENSOR for one in sightings) else None
        if found.held or action is Watch.HOLD:
            reasons = (*found.reasons, *((_WATCHED,) if action is Watch.HOLD else ()))
            return Screened(Outcome.HOLD, tuple(sorted(reasons)), masks)
        flagged = (_WATCHED,) if any(one.entry.action is Watch.FLAG for one in sightings) else ()
        return Screened(Outcome.PUBLISH, flagged, masks)

    async def can_stand(self, actor: Actor, text: RedactedText, hidden: int) -> bool:
        """Say whether somebody may say this of themselves.

        Nobody waits for a moderator with it: a watched word of whatever action but `flag`, or as many points as hold a
        post, and it is not taken. That somebody has published nothing yet does not count here.
        """
        if actor.is_staff:
            return True
        standing = await self._people.standing(actor)
        stern = sternest(self._words.list.sightings(text.value))
        if stern is not None and stern is not Watch.FLAG:
            return False
        writer = replace(
            await self._writer(actor, standing), published=max(self._policy.first_posts, self._policy.hold_first_posts)
        )
        found = assess(
            text.value,
            writer,
            Pace(),
            self._policy,
            Protected(tuple(await self._staff_handles()), self._protected.brands),
            hidden=hidden,
            spam_chance=self._classifier.chance(text.value),
        )
        return not found.held

    async def held(self, target_id: str, author_id: str, reasons: Sequence[str]) -> None:
        """Put a stored post before the moderators: held, or published with a word that they want to hear of.

        Raises:
            Unavailable: the store does not answer; the caller repeats it.
        """
        await self._review.hold("post", target_id, author_id, reasons)

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _writer(self, actor: Actor, standing: Standing) -> Writer:
        persona = (await self._people.personas([actor.account_id])).get(actor.account_id)
        published = 0
        if standing.level == 0:
            profile, _ = await self._people.profile(actor)
            published = profile.totals.get(Deed.WRITTEN, 0)
        return Writer(persona.handle if persona else "", standing.level, published, actor.is_staff)

    def _pace(self, account_id: str, text: str, *, edit: bool) -> Pace:
        """How they came to this text; counts it for the next one. An edit is no new text."""
        if edit or not self._paced:
            return Pace()
        now = self._clock().timestamp()
        recent = self._recent.pop(account_id, None) or _Recent()
        within = sum(now - moment <= self._policy.burst_s for moment in recent.moments)
        since = now - recent.moments[-1] if recent.moments else None
        recent.moments.append(now)
        self._recent[account_id] = recent
        _forget(self._recent)
        digest = hmac.digest(self._key, " ".join(plain(text).split()).encode(), hashlib.sha256)[:16]
        seen_at = self._seen.pop(digest, None)
        self._seen[digest] = now
        _forget(self._seen)
        return Pace(since, within, int(seen_at is not None and now - seen_at <= _REPEATED_S))


def _forget(kept: "OrderedDict[str, _Recent] | OrderedDict[bytes, float]") -> None:
    while len(kept) > _REMEMBERED:
        kept.popitem(last=False)


def _mask(words: WatchList) -> Callable[[str], str]:
    def mask(piece: str) -> str:
        sightings: Sequence[Sighting] = words.sightings(piece)
        return censor(piece, sightings)

    return mask
