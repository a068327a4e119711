"""Moderation over HTTP: reporting, the desk, decisions and appeals, watched words, public figures."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from moderation.queue import State, can_appeal
from moderation.watched import Watch
from server.kernel.ports import Clock
from server.kernel.wire import Empty, Schema
from server.review.figures import Figures
from server.review.flagging import Flagging
from server.review.model import (
    APPEAL_RULE,
    REVIEW_RULE,
    Decisive,
    Item,
    Note,
    People,
    Report,
    ReviewSubject,
)
from server.review.sanctions import Sanctions
from server.review.schemas import (
    FigureOut,
    FlagOut,
    FlagReply,
    HiddenWordOut,
    NewAppeal,
    NewDecision,
    NewFlag,
    NewRuling,
    NewWord,
    NoteOut,
    OwnItemOut,
    OwnItemPage,
    OwnItemReply,
    PersonaOut,
    ReportOut,
    ReviewItemOut,
    ReviewItemPage,
    ReviewItemReply,
    ReviewItemView,
    ReviewQuery,
    Statistics,
    SubjectOut,
    WordList,
    WordOut,
)
from server.review.service import ReviewService
from server.review.words import WatchedWords
from server.web.endpoint import Access, Call, Endpoint
from server.web.paging import PageQuery, next_cursor, place_of

_ITEMS = "/api/v1/review/items"
_ITEM = f"{_ITEMS}/{{id}}"


@dataclass(frozen=True, slots=True)
class Desk:
    """The services that the endpoints stand on."""

    service: ReviewService
    flagging: Flagging
    sanctions: Sanctions
    words: WatchedWords
    figures: Figures
    people: People
    clock: Clock


def endpoints(desk: Desk) -> Sequence[Endpoint]:
    """Declare the endpoints."""
    return (*_desk_endpoints(desk), *_own_endpoints(desk), *_word_endpoints(desk))


def _desk_endpoints(desk: Desk) -> Sequence[Endpoint]:

    async def out(items: Sequence[Item], subjects: Sequence[ReviewSubject | None] = ()) -> list[ReviewItemOut]:
        texts = subjects or await desk.service.subjects(items)
        people = await _personas(desk.people, [item.case.author_id for item in items])
        return [_item_out(item, subject, people) for item, subject in zip(items, texts, strict=True)]

    async def reply(item: Item) -> ReviewItemReply:
        return ReviewItemReply(item=(await out([item]))[0])

    async def list_items(call: Call) -> ReviewItemPage:
        query: ReviewQuery = call.query
        found = await desk.service.newest(
            call.actor, query.phase, before_id=place_of(query.cursor), limit=query.limit + 1
        )
        items = [item for item in found[: query.limit] if desk.service.is_for(call.actor, item)]
        return ReviewItemPage(items=await out(items), next_cursor=next_cursor([one.id for one in found], query.limit))

    async def open_item(call: Call) -> ReviewItemView:
        opened = await desk.service.open(call.actor, call.path["id"])
        reporters = await _personas(desk.people, [report.reporter_id for report in opened.reports])
        return ReviewItemView(
            item=(await out([opened.item], [opened.subject]))[0],
            reports=[_report_out(report, reporters) for report in opened.reports],
            earlier=await out(opened.earlier, [opened.subject] * len(opened.earlier)) if opened.earlier else [],
        )

    async def claim(call: Call) -> ReviewItemReply:
        return await reply(await desk.service.claim(call.actor, call.path["id"]))

    async def release(call: Call) -> ReviewItemReply:
        return await reply(await desk.service.release(call.actor, call.path["id"]))

    async def decide(call: Call) -> ReviewItemReply:
        body: NewDecision = call.body
        said = Decisive(category=body.category, note=body.note, days=body.days, text=body.text, revision=body.revision)
        return await reply(await desk.service.decide(call.actor, call.path["id"], body.decision, said))

    async def rule(call: Call) -> ReviewItemReply:
        body: NewRuling = call.body
        return await reply(await desk.service.rule(call.actor, call.path["id"], body.ruling, body.note))

    return (
        Endpoint(
            "GET",
            _ITEMS,
            "What is to be decided, or was",
            list_items,
            ReviewItemPage,
            Access.MODERATOR,
            query=ReviewQuery,
        ),
        Endpoint(
            "GET",
            _ITEM,
            "One item with its reports",
            open_item,
            ReviewItemView,
            Access.MODERATOR,
            rule=REVIEW_RULE,
        ),
        _step("claim", "Take an item", claim, Empty),
        _step("release", "Give an item back", release, Empty),
        _step("decision", "Decide; never about one's own text, nor what one reported", decide, NewDecision),
        _step("ruling", "Decide an appeal; never of one's own decision", rule, NewRuling),
    )


def _step(
    name: str, summary: str, handler: Callable[[Call], Awaitable[ReviewItemReply]], body: type[Schema]
) -> Endpoint:
    return Endpoint(
        "POST", f"{_ITEM}/{name}", summary, handler, ReviewItemReply, Access.MODERATOR, body=body, rule=REVIEW_RULE
    )


def _own_endpoints(desk: Desk) -> Sequence[Endpoint]:

    async def flag(call: Call) -> FlagReply:
        body: NewFlag = call.body
        report = await desk.flagging.report(call.actor, body.target_type, body.target_id, body.reason, body.note)
        return FlagReply(
            flag=FlagOut(
                target_type=report.target_type, target_id=report.target_id, reason=report.category, at=report.at
            )
        )

    async def mine(call: Call) -> OwnItemPage:
        query: PageQuery = call.query
        found = await desk.service.mine(call.actor, before_id=place_of(query.cursor), limit=query.limit + 1)
        standing = await desk.sanctions.of(call.actor.account_id)
        return OwnItemPage(
            items=[own_item_out(desk.service, item, desk.clock) for item in found[: query.limit]],
            next_cursor=next_cursor([item.id for item in found], query.limit),
            warnings=standing.warnings,
            silenced_until=standing.silenced_until,
            suspended_until=standing.suspended_until,
        )

    async def appeal(call: Call) -> OwnItemReply:
        item = await desk.service.appeal(call.actor, call.path["id"], call.body.text)
        return OwnItemReply(item=own_item_out(desk.service, item, desk.clock))

    async def statistics(_: Call) -> Statistics:
        found = await desk.figures.read()
        items = [FigureOut(month=one.month, what=one.what, count=one.count) for one in found]
        return Statistics(smallest_group=desk.figures.smallest, items=items)

    return (
        Endpoint(
            "POST",
            "/api/v1/flags",
            "Report a text; once each, never one's own",
            flag,
            FlagReply,
            Access.MEMBER,
            body=NewFlag,
            status=201,
        ),
        Endpoint(
            "GET",
            "/api/v1/me/review/items",
            "What moderators did with one's own texts",
            mine,
            OwnItemPage,
            Access.MEMBER,
            query=PageQuery,
        ),
        Endpoint(
            "POST",
            "/api/v1/review/items/{id}/appeal",
            "Ask for another moderator's look, once",
            appeal,
            OwnItemReply,
            Access.MEMBER,
            body=NewAppeal,
            rule=APPEAL_RULE,
        ),
        Endpoint(
            "GET",
            "/api/v1/review/statistics",
            "Public figures about moderation",
            statistics,
            Statistics,
            Access.PUBLIC,
        ),
    )


def _word_endpoints(desk: Desk) -> Sequence[Endpoint]:
    async def words(_: Call) -> WordList:
        return WordList(items=[WordOut(word=entry.word, action=entry.action) for entry in desk.words.entries])

    async def change(call: Call) -> WordList:
        body: NewWord = call.body
        if isinstance(body.action, Watch):
            await desk.words.set(call.actor, body.word, body.action)
        else:
            await desk.words.remove(call.actor, body.word)
        return await words(call)

    path = "/api/v1/review/words"
    return (
        Endpoint("GET", path, "The watched words", words, WordList, Access.CURATOR),
        Endpoint("PUT", path, "Watch a word, or no longer", change, WordList, Access.CURATOR, body=NewWord),
    )


def own_item_out(service: ReviewService, item: Item, clock: Clock) -> OwnItemOut:
    """Give what an author sees of an item about their own text."""
    decided = item.case.decided
    within = timedelta(days=service.policy.appeal_days)
    may_appeal = can_appeal(item.case, clock(), within)
    return OwnItemOut(
        id=item.id,
        target_type=item.target_type,
        target_id=item.target_id,
        state=State.OPEN if item.case.state is State.CLAIMED else item.case.state,
        decision=decided.what if decided else None,
        decided_at=decided.at if decided else None,
        category=item.category,
        note=_note_out(item.note),
        sanction_until=item.until,
        appeal=_note_out(item.appeal),
        ruling_note=_note_out(item.ruling_note),
        may_appeal=may_appeal,
        appeal_until=decided.at + within if decided and may_appeal else None,
    )


async def _personas(people: People, account_ids: Sequence[str]) -> dict[str, PersonaOut]:
    found = await people.personas(sorted(set(account_ids)))
    return {key: PersonaOut(id=key, handle=one.handle, level=one.level) for key, one in found.items()}


def _persona(people: Mapping[str, PersonaOut], account_id: str) -> PersonaOut:
    return people.get(account_id) or PersonaOut(id=account_id, handle="", level=0)


def _note_out(note: Note | None) -> NoteOut | None:
    if note is None:
        return None
    hidden = [HiddenWordOut(placeholder=item.placeholder, label=item.label) for item in note.redactions]
    return NoteOut(text=note.text.value, redactions=hidden)


def _report_out(report: Report, people: Mapping[str, PersonaOut]) -> ReportOut:
    return ReportOut(
        who=_persona(people, report.reporter_id), reason=report.category, note=_note_out(report.note), at=report.at
    )


def _item_out(item: Item, subject: ReviewSubject | None, people: Mapping[str, PersonaOut]) -> ReviewItemOut:
    case, decided = item.case, item.case.decided
    return ReviewItemOut(
        id=item.id,
        target_type=item.target_type,
        target_id=item.target_id,
        state=case.state,
        held=case.held,
        reasons=list(item.reasons),
        weight=item.weight,
        hidden_by_flags=item.auto_hidden,
        author=_persona(people, case.author_id),
        created_at=item.created_at,
        claimed_by=case.claim.by if case.claim else None,
        claimed_until=case.claim.until if case.claim else None,
        decision=decided.what if decided else None,
        decided_by=decided.by if decided else None,
        decided_at=decided.at if decided else None,
        category=item.category,
        note=_note_out(item.note),
        sanction_until=item.until,
        appeal=_note_out(item.appeal),
        appealed_at=case.appealed_at,
        ruling_note=_note_out(item.ruling_note),
        ruled_at=case.ruled.at if case.ruled else None,
        subject=_subject_out(subject),
    )


def _subject_out(subject: ReviewSubject | None) -> SubjectOut | None:
    if subject is None:
        return None
    return SubjectOut(
        text=subject.text.value,
        html=subject.html.value,
        url=subject.url,
        state=subject.state,
        created_at=subject.created_at,
        revision=subject.revision,
    )
