"""Profiles over HTTP: anybody's under their handle, and one's own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, GetPydanticSchema
from pydantic_core import core_schema

from moderation.trust import Deed
from nlp.labels import Label
from server.accounts.model import MAX_NAME
from server.kernel.actor import Role
from server.kernel.text import RawText
from server.kernel.wire import Moment, Schema
from server.markup import MarkupRules, render
from server.people.model import MAX_BIO, PERSON_RULE, Persona, Profile, next_change
from server.people.service import People
from server.web.endpoint import Access, Call, Endpoint

_MAX_TYPED_HANDLE = 64
_SHOWN = (Deed.WRITTEN, Deed.ACCEPTED, Deed.LIKES_RECEIVED, Deed.LIKES_GIVEN)


def _build(_source: Any, _handler: Any) -> core_schema.CoreSchema:
    return core_schema.no_info_after_validator_function(RawText, core_schema.str_schema(max_length=MAX_BIO))


TypedBio = Annotated[RawText, GetPydanticSchema(_build)]
"""What somebody typed about themselves: 0 to 1,000 code points."""


class HiddenPiece(Schema):
    """One hidden identifier."""

    placeholder: str
    label: Label


class BioOut(Schema):
    """What somebody says of themselves: Markdown, redacted, and the same as clean HTML."""

    text: str
    html: str
    redactions: list[HiddenPiece]


class PersonCounts(Schema):
    """What somebody has done here."""

    posts: int
    accepted: int
    likes_received: int
    likes_given: int


class PersonOut(Schema):
    """Somebody as everybody sees them. `badge` is the role of staff, null for others; `joined` a year and a month."""

    handle: str
    path: str
    avatar_path: str
    badge: Role | None
    level: int
    joined: str
    suspended: bool
    bio: BioOut | None
    counts: PersonCounts


class PersonReply(Schema):
    """Somebody."""

    person: PersonOut


class MyProfileOut(Schema):
    """One's own profile. `handle_change_at` is null where the handle can be changed now."""

    person: PersonOut
    display_name: Annotated[str, Field(repr=False)]
    handle_change_at: Moment | None
    silenced_until: Moment | None
    suspended_until: Moment | None
    deeds: dict[str, int]


class MyProfileReply(Schema):
    """One's own profile."""

    profile: MyProfileOut


class ProfileChange(Schema):
    """What is to be changed; what is left out stays. `repr` shows none of it."""

    handle: Annotated[str | None, Field(max_length=_MAX_TYPED_HANDLE, repr=False)] = None
    bio: TypedBio | None = None
    display_name: Annotated[str | None, Field(max_length=MAX_NAME, repr=False)] = None


def person_out(profile: Profile, persona: Persona) -> PersonOut:
    """Give the wire form of somebody."""
    bio = profile.bio and BioOut(
        text=profile.bio.text.value,
        html=render(profile.bio.text, rules=MarkupRules(links=persona.level > 0, images=False)).value,
        redactions=[HiddenPiece(placeholder=item.placeholder, label=item.label) for item in profile.bio.redactions],
    )
    posts, accepted, received, given = (profile.totals.get(deed, 0) for deed in _SHOWN)
    return PersonOut(
        handle=profile.handle,
        path=persona.path,
        avatar_path=persona.avatar_path,
        badge=persona.badge,
        level=persona.level,
        joined=profile.joined,
        suspended=persona.suspended,
        bio=bio,
        counts=PersonCounts(posts=posts, accepted=accepted, likes_received=received, likes_given=given),
    )


def endpoints(service: People) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    def mine(profile: Profile, persona: Persona, name: str) -> MyProfileReply:
        now = service.now()
        return MyProfileReply(
            profile=MyProfileOut(
                person=person_out(profile, persona),
                display_name=name,
                handle_change_at=next_change(profile, service.rules, now),
                silenced_until=_ahead(profile.silenced_until, now),
                suspended_until=_ahead(profile.suspended_until, now),
                deeds={deed.value: profile.totals.get(deed, 0) for deed in Deed},
            )
        )

    async def person(call: Call) -> PersonReply:
        return PersonReply(person=person_out(*await service.get(call.path["handle"])))

    async def my_profile(call: Call) -> MyProfileReply:
        return mine(*await service.profile(call.actor), call.actor.display_name)

    async def change(call: Call) -> MyProfileReply:
        body: ProfileChange = call.body
        changed = await service.change(call.actor, handle=body.handle, bio=body.bio, display_name=body.display_name)
        return mine(changed.profile, changed.persona, changed.display_name)

    return (
        Endpoint(
            "GET",
            "/api/v1/people/{handle}",
            "Somebody in the forum, under their handle",
            person,
            PersonReply,
            Access.PUBLIC,
            rule=PERSON_RULE,
            network_limit="page_network",
        ),
        Endpoint(
            "GET", "/api/v1/me/profile", "One's own profile in the forum", my_profile, MyProfileReply, Access.MEMBER
        ),
        Endpoint(
            "PATCH",
            "/api/v1/me/profile",
            "Change one's handle, words about oneself, and the name that support sees",
            change,
            MyProfileReply,
            Access.MEMBER,
            body=ProfileChange,
        ),
    )


def _ahead(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment > now else None
