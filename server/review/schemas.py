"""What moderation takes and gives over the wire."""

from typing import Annotated, Any, Literal

from pydantic import Field, GetPydanticSchema
from pydantic_core import core_schema

from moderation.queue import Decision, Ruling, State
from moderation.watched import Watch
from nlp.labels import Label
from server.kernel.text import RawText
from server.kernel.wire import Moment, Schema, TypedText
from server.review.model import MAX_NOTE, Category, Phase
from server.review.words import MAX_TYPED
from server.web.paging import PageQuery


def _typed(max_length: int) -> Any:
    def build(_source: Any, _handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(RawText, core_schema.str_schema(max_length=max_length))

    return GetPydanticSchema(build)


TypedNote = Annotated[RawText, _typed(MAX_NOTE)]
"""Words to or from a moderator: 0 to 1,000 code points."""

TypedWord = Annotated[RawText, _typed(MAX_TYPED)]
"""A word to watch, or several: 0 to 80 code points."""


class NewFlag(Schema):
    """What is wrong with what."""

    target_type: Annotated[str, Field(max_length=32)]
    target_id: Annotated[str, Field(max_length=64)]
    reason: Category
    note: TypedNote | None = None


class FlagOut(Schema):
    """One's own report."""

    target_type: str
    target_id: str
    reason: Category
    at: Moment


class FlagReply(Schema):
    """One's own report."""

    flag: FlagOut


class HiddenWordOut(Schema):
    """One hidden identifier in a note."""

    placeholder: str
    label: Label


class NoteOut(Schema):
    """Words of somebody, redacted."""

    text: str
    redactions: list[HiddenWordOut]


class PersonaOut(Schema):
    """Somebody as the public knows them; `handle` is empty for who is gone."""

    id: str
    handle: str
    level: int


class SubjectOut(Schema):
    """The text that an item is about."""

    text: str
    html: str
    url: str
    state: str
    created_at: Moment
    revision: int


class ReportOut(Schema):
    """What somebody reported."""

    who: PersonaOut
    reason: Category
    note: NoteOut | None
    at: Moment


class ReviewItemOut(Schema):
    """Something to be decided, or decided, as moderators see it. `subject` is null where the text is gone."""

    id: str
    target_type: str
    target_id: str
    state: State
    held: bool
    reasons: list[str]
    weight: float
    hidden_by_flags: bool
    author: PersonaOut
    created_at: Moment
    claimed_by: str | None
    claimed_until: Moment | None
    decision: Decision | None
    decided_by: str | None
    decided_at: Moment | None
    category: Category | None
    note: NoteOut | None
    sanction_until: Moment | None
    appeal: NoteOut | None
    appealed_at: Moment | None
    ruling_note: NoteOut | None
    ruled_at: Moment | None
    subject: SubjectOut | None


class ReviewItemReply(Schema):
    """One item."""

    item: ReviewItemOut


class ReviewItemView(Schema):
    """One item with what helps to decide it: reports, and what was decided about the same text before."""

    item: ReviewItemOut
    reports: list[ReportOut]
    earlier: list[ReviewItemOut]


class ReviewItemPage(Schema):
    """Some items, newest first; `next_cursor` is null at the end."""

    items: list[ReviewItemOut]
    next_cursor: str | None


class ReviewQuery(PageQuery):
    """Which list: what waits, what was appealed, or what is done."""

    phase: Phase = Phase.WAITING


class NewDecision(Schema):
    """A decision; `category` is the reason that the author is told. `text` is for an edit, `days` for a sanction.

    With the `revision` that one saw, nothing is decided about a text that was changed meanwhile.
    """

    decision: Decision
    note: TypedNote | None = None
    category: Category = Category.OTHER
    days: Annotated[int, Field(ge=1, le=3_650)] | None = None
    text: TypedText | None = None
    revision: Annotated[int, Field(ge=0)] | None = None


class NewRuling(Schema):
    """What becomes of an appeal."""

    ruling: Ruling
    note: TypedNote | None = None


class NewAppeal(Schema):
    """Why a decision was wrong."""

    text: TypedNote


class OwnItemOut(Schema):
    """What moderators did with a text of one's own. Who they are and who reported it is not said."""

    id: str
    target_type: str
    target_id: str
    state: State
    decision: Decision | None
    decided_at: Moment | None
    category: Category | None
    note: NoteOut | None
    sanction_until: Moment | None
    appeal: NoteOut | None
    ruling_note: NoteOut | None
    may_appeal: bool
    appeal_until: Moment | None


class OwnItemReply(Schema):
    """One of one's own."""

    item: OwnItemOut


class OwnItemPage(Schema):
    """Some of one's own, newest first, and what stands against one now."""

    items: list[OwnItemOut]
    next_cursor: str | None
    warnings: int
    silenced_until: Moment | None
    suspended_until: Moment | None


class WordOut(Schema):
    """A watched word, folded."""

    word: str
    action: Watch


class WordList(Schema):
    """All watched words."""

    items: list[WordOut]


class NewWord(Schema):
    """A word to watch and what to do; `none` takes it off the list."""

    word: TypedWord
    action: Watch | Literal["none"]


class FigureOut(Schema):
    """How often something happened in a month; `count` is null below the smallest group."""

    month: str
    what: str
    count: int | None


class Statistics(Schema):
    """Public figures of the last twelve months."""

    smallest_group: int
    items: list[FigureOut]
