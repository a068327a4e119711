"""What people do in the forum, counted towards their standing; and the word of a reaction to whom it is for.

For `parts` only. Best effort: a count that a crash swallows is earned again with the next post.
"""

from moderation.trust import Deed
from server.forum.events import AnswerAccepted, PostHidden, PostPublished, PostReacted, PostsRead, TopicPosted
from server.forum.model import POSTS_A_PAGE, PostState
from server.kernel.relay import Relay
from server.notices.model import Kind
from server.notices.service import Notices
from server.people.service import People


class Standings:
    """Listens to the forum.

    Args:
        people: counts.
        notices: tells.
    """

    def __init__(self, people: People, notices: Notices) -> None:
        self._people = people
        self._notices = notices

    def listen(self, relay: Relay) -> None:
        """Begin to hear."""
        relay.listen(TopicPosted, self._written)
        relay.listen(PostPublished, self._written)
        relay.listen(PostHidden, self._gone)
        relay.listen(PostReacted, self._reacted)
        relay.listen(AnswerAccepted, self._accepted)
        relay.listen(PostsRead, self._read)

    async def _written(self, event: TopicPosted | PostPublished) -> None:
        self._people.count(event.post.author_id, Deed.WRITTEN)
        self._people.seen(event.post.author_id)

    async def _gone(self, event: PostHidden) -> None:
        # What was held and rejected was never counted; what moved stands elsewhere.
        if event.post.state in {PostState.HIDDEN, PostState.WITHDRAWN}:
            self._people.count(event.post.author_id, Deed.WRITTEN, -1)

    async def _reacted(self, event: PostReacted) -> None:
        change = 1 if event.given else -1
        self._people.count(event.account_id, Deed.LIKES_GIVEN, change)
        self._people.count(event.post.author_id, Deed.LIKES_RECEIVED, change)
        if event.given:
            await self._notices.tell([event.post.author_id], Kind.FORUM_REACTION, "post", event.post.id)

    async def _read(self, event: PostsRead) -> None:
        # Who goes to the end of a long topic has not read all of it.
        self._people.count(event.account_id, Deed.READ, min(event.seq - event.before, POSTS_A_PAGE))
        if event.before == 0:
            self._people.count(event.account_id, Deed.ENTERED)
        self._people.seen(event.account_id)

    async def _accepted(self, event: AnswerAccepted) -> None:
        # Nobody earns trust by accepting their own answer.
        if event.post is not None and event.post.author_id != event.topic.author_id:
            self._people.count(event.post.author_id, Deed.ACCEPTED)
