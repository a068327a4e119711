"""Moderation on the real store, as a process has it. The texts that are reviewed live in memory here; the forum's own
are tested over HTTP.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from moderation.classifier import Classifier
from moderation.policy import Policy
from moderation.trust import TrustRules
from nlp.spans import Span
from server.audit.service import AuditTrail
from server.audit.store import AUDIT_COLLECTIONS, MongoAuditStore
from server.intake import Intake
from server.kernel.actor import Actor, Role
from server.kernel.events import Event
from server.kernel.ids import new_id
from server.kernel.text import Numbering, RawText, template_of
from server.keyring import BlindIndex
from server.limits import Unlimited
from server.markup.html import SafeHtml
from server.notices.model import Kind
from server.people.model import PeopleRules
from server.people.service import People
from server.people.store import PEOPLE_COLLECTIONS, MongoPeopleStore
from server.review.consequences import Consequences, Targets
from server.review.figures import Figures
from server.review.flagging import Flagging
from server.review.model import Category, Item, Phase, ReviewSubject, outdated
from server.review.sanctions import Sanctions
from server.review.service import ReviewService
from server.review.store import REVIEW_COLLECTIONS, MongoReviewStore
from server.review.waiting import OBJECT, Bell
from server.review.words import WatchedWords
from server.storage.mongo import Database
from server.storage.schema import apply
from tests.harness.database import TO_COME

_KEY = bytes(32)
POLICY = Policy(spam_decisions=1)


class StillClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = TO_COME

    def __call__(self) -> datetime:
        return self.now


class Town:
    """Accounts, what they were told, whose sessions ended, and a finder for texts that hold nothing."""

    def __init__(self) -> None:
        self.roles: dict[str, Role] = {}
        self.told: list[tuple[str, str]] = []
        self.rung: list[tuple[str, str]] = []
        self.ended: list[str] = []

    def account(self, role: Role = Role.CUSTOMER) -> Actor:
        account_id = new_id()
        self.roles[account_id] = role
        return Actor(account_id, role, "s", "Uji")

    async def actors(self, account_ids: Sequence[str]) -> dict[str, Actor]:
        return {key: Actor(key, self.roles[key], "", "Uji") for key in account_ids if key in self.roles}

    async def publish(self, events: Sequence[Event]) -> None:
        assert events

    async def require_name(self, display_name: str) -> str:
        return display_name

    async def require(self, actor: Actor) -> None:
        """Everybody has learnt how to keep data safe here."""
        assert actor.is_staff

    async def rename(self, actor: Actor, display_name: str) -> str:
        return f"{display_name} {actor.account_id}"

    async def find(self, text: str, *, known_names: Sequence[str] = ()) -> Sequence[Span]:
        assert text or known_names
        return []

    async def tell(self, account_ids: Sequence[str], kind: Kind, object_type: str, object_id: str) -> None:
        if kind is Kind.MODERATION_WAITING:
            assert object_type == OBJECT
            self.rung += [(account_id, object_id) for account_id in account_ids]
            return
        assert kind is Kind.MODERATION_DECISION
        assert object_id
        self.told += [(account_id, object_type) for account_id in account_ids]

    async def moderators(self) -> Sequence[str]:
        return [account_id for account_id, role in self.roles.items() if role is Role.MODERATOR]

    async def end_all(self, account_id: str, *, but: str = "") -> list[str]:
        assert not but
        self.ended.append(account_id)
        return []


@dataclass
class Shelf:
    """Texts that can be reviewed."""

    texts: dict[str, ReviewSubject] = field(default_factory=dict)
    at_next_step: Callable[[], object] | None = None
    """Done once, just before a step of a moderator's changes a text."""

    def put(self, author: Actor, text: str, *, held: bool = False) -> str:
        target_id = f"{new_id()}.1"
        words = template_of((text,)).fill(Numbering()).text
        state = "held" if held else "published"
        self.texts[target_id] = ReviewSubject(
            target_id, author.account_id, words, SafeHtml(""), "/", state, not held, held, datetime.now(UTC)
        )
        return target_id

    def _set(self, target_id: str, state: str) -> None:
        self.texts[target_id] = replace(
            self.texts[target_id], state=state, is_public=state == "published", is_held=state == "held"
        )

    async def find(self, target_id: str) -> ReviewSubject | None:
        return self.texts.get(target_id)

    async def may_read(self, actor: Actor, target_id: str) -> bool:
        return actor.role is not Role.VISITOR and target_id in self.texts

    async def publish(self, target_id: str, *, revision: int | None = None) -> None:
        self._require(target_id, revision)
        self._set(target_id, "published")

    async def hide(self, target_id: str, *, revision: int | None = None) -> None:
        self._require(target_id, revision)
        self._set(target_id, "hidden")

    async def reject(self, target_id: str, *, revision: int | None = None) -> None:
        self._require(target_id, revision)
        self._set(target_id, "rejected")

    async def rewrite(self, target_id: str, text: RawText, editor: Actor, *, revision: int | None = None) -> int:
        assert editor.role is Role.MODERATOR
        self._require(target_id, revision)
        return self.change(target_id, f"{len(text)} huruf")

    def change(self, target_id: str, text: str) -> int:
        """Change a text, as its author does; give its revision."""
        words = template_of((text,)).fill(Numbering()).text
        before = self.texts[target_id]
        self.texts[target_id] = replace(before, text=words, revision=before.revision + 1)
        return before.revision + 1

    def _require(self, target_id: str, revision: int | None) -> None:
        meanwhile, self.at_next_step = self.at_next_step, None
        if meanwhile is not None:
            meanwhile()
        if revision is not None and self.texts[target_id].revision != revision:
            raise outdated()


class ReviewParts:
    """Moderation as a process has it."""

    def __init__(self, database: Database, *, town: Town, shelf: Shelf, clock: StillClock) -> None:
        self.town, self.shelf, self.clock = town, shelf, clock
        self.audit = AuditTrail(MongoAuditStore(database), _KEY)
        self.store = MongoReviewStore(database)
        intake = Intake(town, _KEY)
        rules = PeopleRules("Toko", trust=TrustRules())
        self.people = People(
            MongoPeopleStore(database, BlindIndex(bytes(32))),
            town,
            town,
            intake,
            town,
            town,
            self.audit,
            Unlimited(),
            clock,
            rules,
        )
        self.targets = Targets()
        self.targets.register("post", shelf)
        self.figures = Figures(self.store, POLICY.smallest_group, clock)
        self.sanctions = Sanctions(self.store, self.people, town, self.audit, clock)
        self.classifier = Classifier(_KEY, POLICY.spam_decisions)
        self.consequences = Consequences(
            self.store,
            self.targets,
            self.sanctions,
            self.people,
            self.classifier,
            self.figures,
            town,
            self.audit,
            clock,
        )
        bell = Bell(town, town)
        self.service = ReviewService(
            self.store,
            self.targets,
            self.consequences,
            self.figures,
            intake,
            town,
            self.audit,
            Unlimited(),
            clock,
            POLICY,
            bell,
            town,
        )
        self.flagging = Flagging(
            self.store,
            self.targets,
            self.sanctions,
            self.people,
            self.figures,
            intake,
            town,
            self.audit,
            Unlimited(),
            clock,
            POLICY,
            bell,
        )
        self.words = WatchedWords(self.store, intake, self.audit, clock)

    async def flag(self, who: Actor, target_id: str, category: Category = Category.SCAM) -> None:
        await self.flagging.report(who, "post", target_id, category, None)

    async def waiting(self, moderator: Actor) -> Sequence[Item]:
        return await self.service.newest(moderator, Phase.WAITING, before_id=None, limit=50)

    async def held(self, author: Actor, text: str = "tulisan yang ditahan") -> Item:
        target_id = self.shelf.put(author, text, held=True)
        await self.service.hold("post", target_id, author.account_id, ("links",))
        return next(item for item in await self.store.of_target(f"post:{target_id}"))

    def state(self, item: Item) -> str:
        return self.shelf.texts[item.target_id].state


@asynccontextmanager
async def reviewing(database: Database) -> AsyncIterator[ReviewParts]:
    """Moderation on an empty store."""
    await apply(database, (*AUDIT_COLLECTIONS, *PEOPLE_COLLECTIONS, *REVIEW_COLLECTIONS))
    parts = ReviewParts(database, town=Town(), shelf=Shelf(), clock=StillClock())
    yield parts
    await parts.audit.close()
