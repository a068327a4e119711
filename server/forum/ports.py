"""What the forum needs of its neighbours, as Protocols. `community` says who fills them."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from server.attachments.model import Audience
from server.forum.model import Category, Post, Topic
from server.kernel.actor import Actor
from server.kernel.publishing import SignedContact
from server.kernel.screening import Screened, Submission
from server.people.model import Persona, Standing


class People(Protocol):
    """Who people are in public; `server.people` says what each does."""

    async def personas(self, account_ids: Sequence[str]) -> dict[str, Persona]: ...
    async def standing(self, actor: Actor) -> Standing: ...
    async def find(self, handle: str) -> str | None: ...


class Screening(Protocol):
    """Looks at texts before they become public."""

    async def screen(self, actor: Actor, submission: Submission) -> Screened:
        """Decide about a text."""
        ...

    async def held(self, target_id: str, author_id: str, reasons: Sequence[str]) -> None:
        """A post is stored that waits for a decision. Called again after a crash: must be safe to repeat."""
        ...


class Index(Protocol):
    """Makes posts findable. Called in the background, again after a crash: must be safe to repeat."""

    async def put(self, category: Category, topic: Topic, post: Post, handle: str) -> None:
        """Take in a published post as it stands now; the first post of a topic stands for the topic too."""
        ...

    async def drop(self, topic_id: str, seq: int) -> None:
        """Forget a post."""
        ...

    async def untitle(self, topic_id: str, last_seq: int, category_id: str) -> None:
        """Find a topic's answers by its title no more."""
        ...


class Images(Protocol):
    """Keeps the images that texts show."""

    async def require_showable(self, actor: Actor, attachment_ids: Sequence[str]) -> None:
        """Insist that somebody may show images in a text of theirs. Raises `InvalidInput`."""
        ...

    async def shown(self, owner_id: str, text_id: str, attachment_ids: Sequence[str], audience: Audience) -> None:
        """Take note what a text shows now, and who may read it. Called again after a crash: safe to repeat."""
        ...


class Told(StrEnum):
    """Why somebody is told of a post."""

    REPLIED = "forum_reply"
    """Somebody answered in a topic that they follow."""
    MENTIONED = "forum_mention"
    QUOTED = "forum_quote"
    ANSWERED = "forum_answer"
    """Somebody answered a post of theirs."""
    FOLLOWED = "forum_topic"
    """A topic began in a category or under a tag that they follow."""
    ACCEPTED = "forum_accepted"
    """What they wrote solved a topic."""
    CONTACT_CLOSED = "forum_contact_closed"
    """A moderator took the contact out that they publish in a post of theirs."""


class Notifier(Protocol):
    """Tells people."""

    async def tell_of_post(self, account_ids: Sequence[str], why: Told, post_id: str) -> None:
        """Tell some accounts of a post. Called again after a crash: may tell twice then."""
        ...


class Announcer(Protocol):
    """Tells other programs what happened. Called again after a crash: may tell twice then."""

    async def of_topic(self, topic: Topic) -> None:
        """Tell that a topic became public."""
        ...


class Unannounced:
    """No program is told."""

    async def of_topic(self, topic: Topic) -> None:
        """Tell none."""


class NothingSigned:
    """Nobody has signed a contact. Fills `kernel.publishing.SignedContacts`."""

    async def standing(self, people: Collection[str], place_id: str) -> Mapping[str, Sequence[SignedContact]]:
        """Give none."""
        return {}
