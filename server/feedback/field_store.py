"""How items and comments are written down, and read again. Pure; the stores say where."""

from collections.abc import Mapping
from typing import Any

from nlp.labels import Label
from server.feedback.model import (
    Comment,
    Guess,
    Item,
    Kind,
    Priority,
    Proposal,
    Rating,
    Response,
    Sight,
    Similar,
    State,
    Step,
    Visibility,
)
from server.kernel.text import Hidden, RedactedText, redactions_of
from server.markup.html import SafeHtml
from server.storage.attached import attached_in, attached_out

Document = dict[str, Any]
HiddenNumbers = tuple[tuple[Hidden, int], ...]


def hidden_out(hidden: HiddenNumbers) -> list[list[Any]]:
    """Write down what placeholders stand for."""
    return [[item.label.value, item.digest, number] for item, number in hidden]


def hidden_in(rows: list[list[Any]]) -> HiddenNumbers:
    """Read it again."""
    return tuple((Hidden(Label(label), digest), int(number)) for label, digest, number in rows)


def response_out(response: Response | None) -> Document | None:
    """Write down an answer."""
    if response is None:
        return None
    return {
        "text": response.text.value,
        "hidden": hidden_out(response.hidden),
        "html": response.html.value,
        "by": response.by,
        "at": response.at,
    }


def response_in(document: Mapping[str, Any] | None) -> Response | None:
    """Read it again."""
    if document is None:
        return None
    return Response(
        RedactedText(document["text"]),
        hidden_in(document["hidden"]),
        SafeHtml(document["html"]),
        document["by"],
        document["at"],
    )


def rating_out(rating: Rating | None) -> Document | None:
    """Write down how a sender found the handling."""
    if rating is None:
        return None
    return {
        "stars": rating.stars,
        "text": rating.text.value if rating.text else None,
        "hidden": hidden_out(rating.hidden),
        "at": rating.at,
    }


def rating_in(document: Mapping[str, Any] | None) -> Rating | None:
    """Read it again."""
    if document is None:
        return None
    text = document["text"]
    return Rating(
        int(document["stars"]),
        RedactedText(text) if text is not None else None,
        hidden_in(document["hidden"]),
        document["at"],
    )


def proposal_out(proposal: Proposal | None) -> Document | None:
    """Write down what was proposed."""
    if proposal is None:
        return None
    return {
        "guesses": {
            task: {"value": guess.value, "confidence": guess.confidence, "words": list(guess.words)}
            for task, guess in proposal.guesses.items()
        },
        "duplicates": [[item.item_id, item.number, item.likeness] for item in proposal.duplicates],
    }


def proposal_in(document: Mapping[str, Any] | None) -> Proposal | None:
    """Read it again."""
    if document is None:
        return None
    return Proposal(
        {
            task: Guess(guess["value"], float(guess["confidence"]), tuple(guess["words"]))
            for task, guess in document["guesses"].items()
        },
        tuple(Similar(item_id, int(number), float(likeness)) for item_id, number, likeness in document["duplicates"]),
    )


def history_out(history: tuple[Step, ...]) -> list[list[Any]]:
    """Write down an item's states."""
    return [[step.state.value, step.at, step.by] for step in history]


def item_out(item: Item) -> Document:
    """Write an item down, without its numbering."""
    return {
        "_id": item.id,
        "number": item.number,
        "kind": item.kind.value,
        "title": item.title.value,
        "text": item.text.value,
        "hidden": hidden_out(item.hidden),
        "html": item.html.value,
        "visibility": item.visibility.value,
        "sight": item.sight.value,
        "author_id": item.author_id,
        "created_at": item.created_at,
        "changed_at": item.changed_at,
        "change": item.change,
        "state": item.state.value,
        "area": item.area,
        "tags": list(item.tags),
        "page": item.page,
        "attachment_ids": list(item.attachment_ids),
        "files": attached_out(item.files),
        "history": history_out(item.history),
        "votes": item.votes,
        "weight": item.weight,
        "followers": item.followers,
        "comment_count": item.comment_count,
        "last_seq": item.last_seq,
        "assignee_id": item.assignee_id,
        "priority": item.priority.value,
        "response": response_out(item.response),
        "proposal": proposal_out(item.proposal),
        "triaged": item.triaged,
        "clock": dict(item.clock) if item.clock is not None else None,
        "due": item.due,
        "rating": rating_out(item.rating),
        "reopened": item.reopened,
        "merged_into": item.merged_into,
        "merged_at": item.merged_at,
        "changelog": response_out(item.changelog),
        "heat": item.heat,
        "edits": item.edits,
        "revision": item.revision,
    }


def item_in(document: Mapping[str, Any]) -> Item:
    """Read an item."""
    hidden = hidden_in(document["hidden"])
    return Item(
        id=document["_id"],
        number=int(document["number"]),
        kind=Kind(document["kind"]),
        title=RedactedText(document["title"]),
        text=RedactedText(document["text"]),
        hidden=hidden,
        redactions=redactions_of(hidden),
        html=SafeHtml(document["html"]),
        visibility=Visibility(document["visibility"]),
        sight=Sight(document["sight"]),
        author_id=document["author_id"],
        created_at=document["created_at"],
        changed_at=document["changed_at"],
        change=int(document["change"]),
        state=State(document["state"]),
        area=document["area"],
        tags=tuple(document["tags"]),
        page=document["page"],
        attachment_ids=tuple(document["attachment_ids"]),
        files=attached_in(document.get("files", ())),
        history=tuple(Step(State(state), at, by) for state, at, by in document["history"]),
        votes=int(document["votes"]),
        weight=int(document["weight"]),
        followers=int(document["followers"]),
        comment_count=int(document["comment_count"]),
        last_seq=int(document["last_seq"]),
        assignee_id=document["assignee_id"],
        priority=Priority(document["priority"]),
        response=response_in(document["response"]),
        proposal=proposal_in(document["proposal"]),
        triaged=bool(document["triaged"]),
        clock=document["clock"],
        due=document["due"],
        rating=rating_in(document["rating"]),
        reopened=bool(document["reopened"]),
        merged_into=document["merged_into"],
        merged_at=document["merged_at"],
        changelog=response_in(document["changelog"]),
        heat=float(document["heat"]),
        edits=int(document["edits"]),
        revision=int(document["revision"]),
    )


def comment_out(comment: Comment) -> Document:
    """Write a comment down."""
    return {
        "_id": comment.id,
        "item_id": comment.item_id,
        "seq": comment.seq,
        "author_id": comment.author_id,
        "text": comment.text.value,
        "hidden": hidden_out(comment.hidden),
        "html": comment.html.value,
        "created_at": comment.created_at,
        "sight": comment.sight.value,
        "note": comment.note,
        "attachment_ids": list(comment.attachment_ids),
        "files": attached_out(comment.files),
        "revision": comment.revision,
    }


def comment_in(document: Mapping[str, Any]) -> Comment:
    """Read a comment."""
    hidden = hidden_in(document["hidden"])
    return Comment(
        item_id=document["item_id"],
        seq=int(document["seq"]),
        author_id=document["author_id"],
        text=RedactedText(document["text"]),
        hidden=hidden,
        redactions=redactions_of(hidden),
        html=SafeHtml(document["html"]),
        created_at=document["created_at"],
        sight=Sight(document["sight"]),
        note=bool(document["note"]),
        attachment_ids=tuple(document["attachment_ids"]),
        files=attached_in(document.get("files", ())),
        revision=int(document["revision"]),
    )
