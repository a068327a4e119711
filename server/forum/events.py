"""What happens in the forum. Told after it is durable; a crash may swallow it, so nothing may rest on it alone."""

from dataclasses import dataclass

from server.forum.model import Post, Topic
from server.kernel.events import Event


@dataclass(frozen=True, slots=True)
class TopicPosted(Event):
    """A topic became public, with its first post."""

    topic: Topic
    post: Post


@dataclass(frozen=True, slots=True)
class PostPublished(Event):
    """An answer became public. Receivers order by its `seq`."""

    topic: Topic
    post: Post


@dataclass(frozen=True, slots=True)
class PostEdited(Event):
    """A post's text changed. Receivers put it in the place of what they have.

    Attributes:
        topic: where it stands.
        post: as it is now.
        editor_id: who changed it.
    """

    topic: Topic
    post: Post
    editor_id: str


@dataclass(frozen=True, slots=True)
class PostHidden(Event):
    """A post is no longer to be seen: hidden, rejected, withdrawn or moved."""

    topic: Topic
    post: Post


@dataclass(frozen=True, slots=True)
class TopicChanged(Event):
    """Something about a topic changed: title, tags, place, state, what is pinned, locked or accepted."""

    topic: Topic


@dataclass(frozen=True, slots=True)
class PostReacted(Event):
    """Somebody reacted to a post, or took it back.

    Attributes:
        topic: where it stands.
        post: with its counts.
        account_id: who.
        kind: which reaction.
        given: False when it was taken back.
    """

    topic: Topic
    post: Post
    account_id: str
    kind: str
    given: bool


@dataclass(frozen=True, slots=True)
class AnswerAccepted(Event):
    """A post was said to solve its topic; with no post: no longer.

    Attributes:
        topic: as it is now.
        post: which, or None.
        account_id: who said so.
    """

    topic: Topic
    post: Post | None
    account_id: str


@dataclass(frozen=True, slots=True)
class PostsRead(Event):
    """Somebody was shown posts of a topic that they had not been shown before.

    Attributes:
        topic_id: which.
        account_id: who.
        before: `seq` of the last post that they had been shown; 0 where they were never there.
        seq: of the last now.
    """

    topic_id: str
    account_id: str
    before: int
    seq: int
