"""Items and comments as moderators decide about them. Must not decide anything.

A text is named by the item's id, or by a comment's: the item's, a dot and its place. What is private never comes here.
"""

from dataclasses import replace
from typing import Final, Protocol

from server.feedback.admission import Admission
from server.feedback.comments import Comments
from server.feedback.giving import ANONYMOUS
from server.feedback.handling import Handling
from server.feedback.items import Items
from server.feedback.model import Comment, Item, Sight, Visibility, can_read, can_see
from server.feedback.words import path_of
from server.feedback.writing import ItemWriter
from server.kernel.actor import Actor
from server.kernel.errors import Conflict, NotFound
from server.kernel.text import NumberedText, Numbering, RawText, joined
from server.review.model import ReviewSubject, outdated

TARGET: Final = "feedback"
_REVIEW: Final = "review"
"""Who changes a text's sight by a decision: the review has the names in its own entries."""
_LONGEST_SEQ: Final = 9


class CommentStore(Protocol):
    """Where comments are."""

    async def find_comment(self, item_id: str, seq: int) -> Comment | None: ...
    async def replace_comment(self, before: Comment, after: Comment) -> bool: ...


class ReviewedFeedback:
    """What `server.review` does with feedback; a `Reviewable`."""

    def __init__(
        self,
        items: Items,
        comments: Comments,
        store: CommentStore,
        handling: Handling,
        writer: ItemWriter,
        admission: Admission,
    ) -> None:
        self._items = items
        self._comments = comments
        self._store = store
        self._handling = handling
        self._writer = writer
        self._admission = admission

    async def find(self, target_id: str) -> ReviewSubject | None:
        """Give it, whatever its sight; None where there is none, or it is not for everybody."""
        try:
            item, comment = await self._get(target_id)
        except NotFound:
            return None
        if item.visibility is Visibility.PRIVATE or (comment is not None and comment.note):
            return None
        if comment is not None:
            return ReviewSubject(
                target_id=comment.id,
                author_id=comment.author_id or ANONYMOUS,
                text=comment.text,
                html=comment.html,
                url=f"{path_of(item)}#k{comment.seq}",
                state=comment.sight.value,
                is_public=item.is_public and comment.sight is Sight.SHOWN,
                is_held=comment.sight is Sight.HELD,
                created_at=comment.created_at,
                revision=comment.revision,
            )
        return ReviewSubject(
            target_id=item.id,
            author_id=item.author_id or ANONYMOUS,
            text=joined(item.title, item.text),
            html=item.html,
            url=path_of(item),
            state=item.sight.value,
            is_public=item.is_public,
            is_held=item.sight is Sight.HELD,
            created_at=item.created_at,
            revision=item.edits,
        )

    async def may_read(self, actor: Actor | None, target_id: str) -> bool:
        """Whether somebody can see it where it stands now."""
        try:
            item, comment = await self._get(target_id)
        except NotFound:
            return False
        return can_read(actor, item) and (comment is None or can_see(actor, item, comment))

    async def publish(self, target_id: str, *, revision: int | None = None) -> None:
        """Show it, held or hidden before.

        Raises:
            NotFound: there is no such text.
            Conflict: its author took it back, or it is another one.
        """
        await self._change(target_id, Sight.SHOWN, revision)

    async def hide(self, target_id: str, *, revision: int | None = None) -> None:
        """Take it away from readers; its author and moderators still see it.

        Raises:
            NotFound: there is no such text.
            Conflict: its author took it back, or it is another one.
        """
        await self._change(target_id, Sight.HIDDEN, revision)

    async def reject(self, target_id: str, *, revision: int | None = None) -> None:
        """Never show what was held.

        Raises:
            NotFound: there is no such text.
            Conflict: its author took it back, or it is another one.
        """
        await self._change(target_id, Sight.REJECTED, revision)

    async def rewrite(self, target_id: str, text: RawText, editor: Actor, *, revision: int | None = None) -> int:
        """Change its text, through the gate, without changing whether it is shown; give the new revision.

        Raises:
            NotFound: there is no such text.
            InvalidInput, RedactionUnavailable: see the gate.
            Conflict: somebody changed it at the same moment, or it is another one.
        """
        item, comment = await self._get(target_id)
        if revision is not None and revision != (comment.revision if comment else item.edits):
            raise outdated()
        admitted = await self._admission.text(editor, text, scope=item.id, public=False, edit=True)
        written: list[NumberedText] = []

        def make(found: Item, numbering: Numbering) -> Item:
            if comment is None and found.edits != item.edits:
                raise outdated()
            written.append(admitted.template.fill(numbering))
            if comment is not None:
                return found
            numbered = written[-1]
            hidden = tuple(dict.fromkeys((*found.hidden, *numbered.hidden)))
            return replace(
                found,
                text=numbered.text,
                hidden=hidden,
                html=admitted.render(numbered.text),
                attachment_ids=admitted.images,
                edits=found.edits + 1,
            )

        _, after = await self._writer.change(item.id, make)
        if comment is None:
            return after.edits
        numbered = written[-1]
        changed = replace(
            comment,
            text=numbered.text,
            hidden=numbered.hidden,
            redactions=numbered.redactions,
            html=admitted.render(numbered.text),
            attachment_ids=admitted.images,
            revision=comment.revision + 1,
        )
        if not await self._store.replace_comment(comment, changed):
            raise Conflict
        return changed.revision

    async def _change(self, target_id: str, to: Sight, revision: int | None) -> None:
        item, comment = await self._get(target_id)
        if comment is None:
            await self._handling.change_sight(_REVIEW, item.id, to, edits=revision)
            return
        if revision is not None and comment.revision != revision:
            raise outdated()
        if comment.sight is Sight.WITHDRAWN:
            raise Conflict
        await self._comments.change_sight(_REVIEW, comment, to, "feedback:comment:shown")

    async def _get(self, target_id: str) -> tuple[Item, Comment | None]:
        item_id, dot, seq = target_id.partition(".")
        item = await self._items.require_any(item_id)
        if not dot:
            return item, None
        if not seq.isascii() or not seq.isdigit() or len(seq) > _LONGEST_SEQ:
            raise NotFound
        comment = await self._store.find_comment(item_id, int(seq))
        if comment is None:
            raise NotFound
        return item, comment
