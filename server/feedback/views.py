"""How feedback comes to look as it is shown on the wire."""

from collections.abc import Iterable, Mapping, Sequence

from server.feedback.model import Area, Item, Response, Sight, status_of
from server.feedback.reading import CommentView, ItemView, Row
from server.feedback.records import Canned, Ring, SavedView
from server.feedback.shapes import (
    AreaOut,
    CannedOut,
    FeedbackComment,
    FeedbackFile,
    FeedbackOut,
    FeedbackPerson,
    FeedbackRedaction,
    FeedbackRights,
    FeedbackRow,
    GuessOut,
    HandlingOut,
    OfficialText,
    RatingOut,
    RingOut,
    SavedViewOut,
    SimilarOut,
    StepOut,
)
from server.feedback.words import path_of, slug_of
from server.kernel.actor import Actor
from server.kernel.attached import Attached
from server.kernel.text import Redaction
from server.people.model import Persona


def person_out(persona: Persona | None) -> FeedbackPerson | None:
    """Give the wire form of a persona."""
    if persona is None:
        return None
    return FeedbackPerson(handle=persona.handle, avatar=persona.avatar_path, badge=persona.badge, path=persona.path)


def row_out(row: Row, *, voted: bool = False) -> FeedbackRow:
    """Give the wire form of a public item in a list."""
    return FeedbackRow(
        id=row.id,
        number=row.number,
        path=f"/saran/{row.number}/{slug_of(row.title)}",
        kind=row.kind,
        title=row.title.value,
        status=row.status,
        area=row.area,
        tags=list(row.tags),
        votes=row.votes,
        voted=voted,
        comments=row.comments,
        answered=row.answered,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )


def item_out(actor: Actor | None, view: ItemView, *, sender: bool = False) -> FeedbackOut:
    """Give the wire form of an item.

    Args:
        actor: who reads.
        view: the item as they may see it.
        sender: whether they showed its code.
    """
    item = view.item
    mine = sender or (actor is not None and item.author_id == actor.account_id)
    rights = view.rights
    return FeedbackOut(
        id=item.id,
        number=item.number,
        path=path_of(item),
        kind=item.kind,
        title=item.title.value,
        text=item.text.value,
        html=item.html.value,
        redactions=_redactions(item.redactions),
        attachments=_files(item.files),
        visibility=item.visibility,
        shown=item.sight is Sight.SHOWN,
        held=item.sight is Sight.HELD,
        status=item.status,
        steps=_steps(item),
        author=person_out(view.author),
        mine=mine,
        area=item.area,
        tags=list(item.tags),
        votes=item.weight,
        voted=view.voted,
        followers=item.followers,
        following=view.following,
        comments=item.comment_count,
        last_seq=item.last_seq,
        response=_official(item.response),
        changelog=_official(item.changelog),
        rating=_rating(item) if mine or rights.handle else None,
        reopened=item.reopened,
        merged_into=view.merged_into.number if view.merged_into else None,
        created_at=item.created_at,
        changed_at=item.changed_at,
        rights=FeedbackRights(
            vote=rights.vote,
            follow=rights.follow,
            comment=rights.comment,
            reopen=rights.reopen,
            rate=rights.rate,
            withdraw=rights.withdraw,
            flag=rights.flag,
            handle=rights.handle,
        ),
        handling=_handling(view) if rights.handle else None,
    )


def comment_out(view: CommentView) -> FeedbackComment:
    """Give the wire form of a comment."""
    comment = view.comment
    return FeedbackComment(
        id=comment.id,
        seq=comment.seq,
        author=person_out(view.author),
        by_sender=view.by_sender,
        by_staff=view.by_staff,
        note=comment.note,
        text=comment.text.value if view.readable else None,
        html=comment.html.value if view.readable else None,
        redactions=_redactions(comment.redactions) if view.readable else [],
        attachments=_files(view.files),
        held=comment.sight is Sight.HELD,
        created_at=comment.created_at,
        withdraw=view.withdraw,
        flag=view.flag,
    )


def area_out(area: Area) -> AreaOut:
    """Give the wire form of a product area."""
    return AreaOut(
        key=area.key,
        name_id=area.name["id"],
        name_en=area.name["en"],
        position=area.position,
        archived=area.archived,
    )


def canned_out(canned: Canned) -> CannedOut:
    """Give the wire form of a ready answer."""
    return CannedOut(id=canned.id, title=canned.title.value, text=canned.text.value)


def saved_view_out(view: SavedView) -> SavedViewOut:
    """Give the wire form of a kept list."""
    return SavedViewOut(id=view.id, name=view.name.value, query=dict(view.query))


def ring_out(ring: Ring, people: Mapping[str, Persona]) -> RingOut:
    """Give the wire form of a finding about votes."""
    shown = [person_out(people.get(account)) for account in ring.accounts]
    return RingOut(
        id=ring.id,
        feedback_id=ring.item_id,
        accounts=[person for person in shown if person is not None],
        reasons=list(ring.reasons),
        ruling=ring.ruling,
        found_at=ring.found_at,
    )


def _files(files: Iterable[Attached]) -> list[FeedbackFile]:
    return [
        FeedbackFile(
            id=file.id,
            name=file.name.value,
            media_type=file.media_type,
            size=file.size,
            width=file.width,
            height=file.height,
            thumbnail=file.thumbnail,
            sealed=file.sealed,
        )
        for file in files
    ]


def _redactions(items: Iterable[Redaction]) -> list[FeedbackRedaction]:
    return [FeedbackRedaction(placeholder=item.placeholder, label=item.label) for item in items]


def _official(response: Response | None) -> OfficialText | None:
    if response is None:
        return None
    return OfficialText(text=response.text.value, html=response.html.value, at=response.at)


def _rating(item: Item) -> RatingOut | None:
    if item.rating is None:
        return None
    text = item.rating.text
    return RatingOut(stars=item.rating.stars, text=text.value if text else None, at=item.rating.at)


def _steps(item: Item) -> list[StepOut]:
    """What everybody is told of its history: a status once, however many states stand behind it."""
    found: list[StepOut] = []
    for step in item.history:
        status = status_of(step.state)
        if not found or found[-1].status is not status:
            found.append(StepOut(status=status, at=step.at))
    return found


def _handling(view: ItemView) -> HandlingOut:
    item = view.item
    guesses: Sequence[GuessOut] = ()
    duplicates: Sequence[SimilarOut] = ()
    if item.proposal is not None:
        guesses = [
            GuessOut(task=task, value=guess.value, confidence=guess.confidence, words=list(guess.words))
            for task, guess in item.proposal.guesses.items()
        ]
        duplicates = [
            SimilarOut(id=found.item_id, number=found.number, likeness=found.likeness)
            for found in item.proposal.duplicates
        ]
    return HandlingOut(
        state=item.state,
        moves=list(view.moves),
        priority=item.priority,
        assignee_id=item.assignee_id,
        assignee=person_out(view.assignee),
        page=item.page,
        triaged=item.triaged,
        guesses=list(guesses),
        duplicates=list(duplicates),
        due=item.due,
        all_votes=item.votes,
    )
