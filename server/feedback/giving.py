"""Use cases of giving feedback: what is like it already, and taking it in. Knows neither HTTP nor MongoDB."""

import hashlib
import hmac
import os
import secrets
from base64 import b32encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from nlp.terms import terms_of
from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.feedback.admission import Admission, Admitted
from server.feedback.board import Board
from server.feedback.events import FeedbackGiven
from server.feedback.model import (
    Area,
    Item,
    Kind,
    Priority,
    Sight,
    State,
    Step,
    Visibility,
    default_visibility,
)
from server.feedback.ports import ClockKeeper, Files
from server.feedback.reading import Row
from server.feedback.words import admit_tags
from server.feedback.writing import Drawer
from server.intake import Intake
from server.kernel.actor import Actor
from server.kernel.attached import Attached
from server.kernel.errors import InvalidInput, Unavailable
from server.kernel.ids import new_id
from server.kernel.ports import Clock, EventSink, Limiter
from server.kernel.text import Hidden, Numbering, RawText

ANONYMOUS: Final = "anonymous"
"""Stands in the trail for a sender whom nobody knows."""
_CODE_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is taken for another."""
_RFC_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_CODE_BYTES: Final = 15
"""120 bits: 24 letters, so that nobody finds one by trying."""
_GROUP: Final = 4
_LONG_ENOUGH: Final = 16
"""Letters of a sender's own id from which a code may follow, so that who repeats a request is told it again."""
_MOST_SIMILAR: Final = 5
_LONGEST_PAGE: Final = 300
_SHORT_NUMBER: Final = 4
"""Letters of a part of a path that may hold a digit: a year, or a version."""
_BETWEEN_WORDS: Final = str.maketrans("-_+.", "    ")


class ItemStore(Protocol):
    """What is needed of the store."""

    async def next_number(self) -> int: ...
    async def next_change(self) -> int: ...
    async def insert_item(
        self,
        item: Item,
        client_key: bytes,
        numbers: Mapping[str, int],
        *,
        code: str | None = None,
        reasons: Sequence[str] = (),
    ) -> bool: ...
    async def find_given(self, client_key: bytes) -> Item | None: ...


class AreaStore(Protocol):
    """Where product areas are."""

    async def areas(self) -> list[Area]: ...


class BlindIndex(Protocol):
    """Keyed digests."""

    def of(self, value: str) -> str: ...


@dataclass(frozen=True, slots=True)
class NewItem:
    """Something to give.

    Attributes:
        kind: what it is.
        title: what it is about.
        text: Markdown.
        visibility: whom it is for; None for what is usual for its kind.
        anonymous: whether nobody is to know who sent it, even where they are signed in.
        area: key of a product area, or None.
        tags: words under which it is found.
        page: address at which it was written; what may say more than where is dropped.
        client_id: the sender's own id of it; the same again gives the first item. Where nobody knows the sender, only
            one of 16 letters or more counts, which nobody else can have.
        file_ids: what was uploaded for it: under the sender's account, or where nobody is to know them, with this
            very `client_id` as their secret.
    """

    kind: Kind
    title: RawText
    text: RawText
    visibility: Visibility | None = None
    anonymous: bool = False
    area: str | None = None
    tags: Sequence[RawText] = ()
    page: str | None = field(default=None, repr=False)
    client_id: str | None = None
    file_ids: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What came of it.

    Attributes:
        item: as stored; the first one, where it came again.
        code: by which a sender whom nobody knows comes back to it; shown once.
        is_new: whether it was stored by this.
    """

    item: Item
    code: str | None = field(default=None, repr=False)
    is_new: bool = True


class Giving:
    """Takes feedback in.

    Args:
        store: where items are kept.
        areas: where product areas are.
        board: what there is already.
        admission: the gate and what stands around it.
        intake: the gate, for words and questions.
        clocks: what is promised.
        files: what was sent with it.
        drawer: draws what follows.
        codes: keyed digests of follow-up codes.
        code_key: from which codes follow where a sender repeats a request.
        audit: the trail.
        sink: hears of it.
        limiter: rate limits.
        clock: the time.
    """

    def __init__(
        self,
        store: ItemStore,
        areas: AreaStore,
        board: Board,
        admission: Admission,
        intake: Intake,
        clocks: ClockKeeper,
        files: Files,
        drawer: Drawer,
        codes: BlindIndex,
        code_key: bytes,
        audit: AuditTrail,
        sink: EventSink,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        self._store = store
        self._areas = areas
        self._board = board
        self._admission = admission
        self._intake = intake
        self._clocks = clocks
        self._files = files
        self._drawer = drawer
        self._codes = codes
        self._code_key = code_key
        self._audit = audit
        self._sink = sink
        self._limiter = limiter
        self._clock = clock

    async def give(self, actor: Actor | None, new: NewItem, *, network: str) -> Given:
        """Take something in.

        Args:
            actor: who gives it; None where nobody is signed in, which is as anonymous as asking for it.
            new: what.
            network: where it comes from, for limits.

        Raises:
            NotPermitted: it is to be public, and the actor is silenced.
            InvalidInput, RedactionUnavailable: see the gate; there is no such area.
            RateLimited: too many.
        """
        sender = None if new.anonymous else actor
        if sender is None and new.client_id is not None and len(new.client_id) < _LONG_ENOUGH:
            # All whom nobody knows share their own ids: one that two may have is none.
            new = replace(new, client_id=None)
        key = _client_key(sender.account_id if sender else ANONYMOUS, new.client_id)
        code = None if sender else self._code(new.client_id)
        first = await self._store.find_given(key) if new.client_id else None
        if first is not None:
            return Given(first, code, is_new=False)
        await self._spend(actor, sender, network)
        await self._require_area(new.area)
        item, numbering, reasons = await self._make(actor, sender, new)
        item = replace(item, files=await self._claim(sender, key, new))
        counts = {"private": int(item.visibility is Visibility.PRIVATE), "anonymous": int(sender is None)}
        by = sender.account_id if sender else ANONYMOUS
        entry = AuditEntry("feedback:item:given", by, (item.id,), item.created_at, counts)
        async with self._audit.promises.around([entry]):
            digest = self._codes.of(code) if code else None
            stored = await self._store.insert_item(item, key, numbering.fresh(), code=digest, reasons=reasons)
            if not stored:
                first = await self._store.find_given(key)
                if first is None:
                    raise Unavailable
                # The same request at the same moment: that one's item it is.
                return Given(first, code, is_new=False)
        if item.files:
            await self._files.settle(item.id, [file.id for file in item.files])
        self._board.take(item)
        self._drawer.draw(item.id)
        await self._sink.publish([FeedbackGiven(item)])
        return Given(item, code)

    async def similar(self, actor: Actor | None, raw: RawText, *, network: str) -> list[tuple[Row, float]]:
        """Give the public items that are most like what somebody is typing. Keeps nothing.

        Raises:
            InvalidInput, RedactionUnavailable: see the gate.
            RateLimited: too many.
        """
        await self._limiter.spend("suggestion", actor.account_id if actor else network)
        asked, _ = await self._intake.ask(raw, sender=actor.account_id if actor else "")
        await self._board.look()
        return self._board.similar(terms_of(asked.value), _MOST_SIMILAR)

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _spend(self, actor: Actor | None, sender: Actor | None, network: str) -> None:
        if actor is not None:
            await self._limiter.spend("feedback", actor.account_id)
        if sender is None:
            await self._limiter.spend("feedback_anonymous_network", network)

    async def _require_area(self, area: str | None) -> None:
        if area is None:
            return
        if not any(known.key == area and not known.archived for known in await self._areas.areas()):
            raise InvalidInput(fields={"area": "unknown"})

    async def _claim(self, sender: Actor | None, key: bytes, new: NewItem) -> tuple[Attached, ...]:
        """Take the files that come with it, after everything else that may be refused."""
        if not new.file_ids:
            return ()
        if sender is not None:
            return await self._files.claim(sender.account_id, key, new.file_ids)
        if new.client_id is None:
            # Without a secret of theirs nothing says that these are theirs.
            raise InvalidInput(fields={"attachment_ids": "unknown_file"})
        return await self._files.claim(self._files.name_of(new.client_id), key, new.file_ids)

    async def _make(
        self, actor: Actor | None, sender: Actor | None, new: NewItem
    ) -> tuple[Item, Numbering, tuple[str, ...]]:
        item_id, now = new_id(), self._clock()
        visibility = new.visibility or default_visibility(new.kind)
        public = visibility is Visibility.PUBLIC
        admitted = await self._admission.text(
            sender, new.text, scope=item_id, public=public, title=new.title, known=actor
        )
        if admitted.title is None:
            raise InvalidInput(fields={"title": "required"})
        tags = await admit_tags(self._intake, new.tags, scope=item_id)
        page = await self._page(new.page, item_id)
        held = admitted.held or (public and sender is None)
        reasons = (*admitted.reasons, *((ANONYMOUS,) if public and sender is None else ()))
        item, numbering = _filled(item_id, new.kind, admitted, now)
        item = replace(
            item,
            number=await self._store.next_number(),
            change=await self._store.next_change(),
            visibility=visibility,
            sight=Sight.HELD if held else Sight.SHOWN,
            author_id=sender.account_id if sender else None,
            area=new.area,
            tags=tags,
            page=page,
            attachment_ids=admitted.images,
            clock=self._clocks.start(new.kind, Priority.NORMAL, now),
        )
        due = self._clocks.due(item.clock) if item.clock is not None else None
        return replace(item, due=due), numbering, reasons

    async def _page(self, address: str | None, scope: str) -> str | None:
        """Where it was written: the host, and the path if nothing in it needs hiding."""
        if not address:
            return None
        parts = urlsplit(address)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InvalidInput(fields={"page": "malformed"})
        host = f"{parts.scheme}://{parts.hostname}"
        path = _words_of(parts.path[:_LONGEST_PAGE])
        if not path.strip("/"):
            return f"{host}/"
        plain = unquote(path).replace("/", " / ")
        # What stands between words in addresses keeps names from being seen.
        for form in dict.fromkeys((plain, plain.translate(_BETWEEN_WORDS))):
            looked_at = await self._intake.admit(RawText(form), scope=scope, field="page")
            if any(isinstance(part, Hidden) for part in looked_at.parts):
                return f"{host}/"
        return host + path

    def _code(self, client_id: str | None) -> str:
        """A code; of a long own id the same each time, for only its sender knows that."""
        if client_id is None:
            return _written(secrets.token_bytes(_CODE_BYTES))
        return _written(hmac.digest(self._code_key, client_id.encode(), hashlib.sha256)[:_CODE_BYTES])


def _filled(item_id: str, kind: Kind, admitted: Admitted, now: datetime) -> tuple[Item, Numbering]:
    """Make an item of what was admitted, with the numbering that begins with it."""
    numbering = Numbering()
    title = (admitted.title or admitted.template).fill(numbering)
    text = admitted.template.fill(numbering)
    hidden = tuple(dict.fromkeys((*title.hidden, *text.hidden)))
    redactions = tuple(dict.fromkeys((*title.redactions, *text.redactions)))
    item = Item(
        id=item_id,
        number=0,
        kind=kind,
        title=title.text,
        text=text.text,
        hidden=hidden,
        redactions=redactions,
        html=admitted.render(text.text),
        visibility=Visibility.PRIVATE,
        sight=Sight.HELD,
        author_id=None,
        created_at=now,
        changed_at=now,
        change=0,
        history=(Step(State.RECEIVED, now, None),),
    )
    return item, numbering


def _client_key(sender: str, client_id: str | None) -> bytes:
    """One short key for a sender's own id of an item; a random one where they gave none."""
    if client_id is None:
        return os.urandom(16)
    return hashlib.sha256(f"feedback\0{sender}\0{client_id}".encode()).digest()[:16]


def _words_of(path: str) -> str:
    """Give a path up to the first part that could be somebody's number: alone, nothing tells it from any other."""
    kept: list[str] = []
    for part in path.split("/"):
        plain = unquote(part)
        if len(plain) > _SHORT_NUMBER and any(map(str.isdigit, plain)):
            break
        kept.append(part)
    return "/".join(kept)


def _written(data: bytes) -> str:
    letters = b32encode(data).decode().translate(str.maketrans(_RFC_LETTERS, _CODE_LETTERS))
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))


def normal_code(typed: str) -> str | None:
    """Give the form of a code that somebody typed; None where it can be none."""
    plain = "".join(typed.split()).replace("-", "").upper().translate(str.maketrans("OIL", "011"))
    if len(plain) != len(_written(bytes(_CODE_BYTES)).replace("-", "")) or not set(plain) <= set(_CODE_LETTERS):
        return None
    return "-".join(plain[start : start + _GROUP] for start in range(0, len(plain), _GROUP))
