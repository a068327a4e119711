"""Written permissions over JSON, as their person has them: read, sign, take back, and check a signed copy.

The same use cases as the pages'. What staff does with permissions has pages alone. Must not read the store.
"""

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import Field

from server.accounts.model import MAX_CODE, MAX_PASSWORD
from server.factors.api import ShownCredential
from server.kernel.access import Rule
from server.kernel.actor import Role
from server.kernel.publishing import PublicUse
from server.kernel.text import RawText
from server.kernel.wire import Moment, Schema
from server.publication.contacts import OwnContacts
from server.publication.model import MAX_CONTACT, MAX_NAME, Method, Permission, State
from server.publication.permissions import Permissions, Signed
from server.web.endpoint import Access, Call, Endpoint

_OWN: Final = "/api/v1/me/permissions"
_RULE: Final = Rule("permission", own=frozenset(Role))
_LONGEST_NOTE: Final = 20_000


class PermissionOut(Schema):
    """A permission: what is published, where, until when, and how far it has come.

    `text` is what is published, to the letter. `method`: how the person proved who they are when they signed.
    """

    id: str
    use: PublicUse
    text: str
    state: State
    asked_at: Moment
    until: Moment
    named: bool
    method: Method | None
    signed_at: Moment | None
    ended_at: Moment | None


class ContactIn(Schema):
    """A contact of one's own to be signed: a phone number or an e-mail address, alone; `repr` does not show it.

    `category_id`: the category of the forum in whose posts of one's own it is to be shown. `days`: for how long.
    """

    category_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z_.-]{1,64}$")]
    contact: Annotated[str, Field(min_length=1, max_length=MAX_CONTACT, repr=False)]
    days: Annotated[int, Field(ge=1, le=365)]


class PermissionsReply(Schema):
    """A person's own, the newest first."""

    items: list[PermissionOut]


class PermissionReply(Schema):
    """One of a person's own, with the copy that they keep.

    `name`: as it was typed under it; null while it is not signed. `contact`: what is published where the text hides it,
    a contact of one's own in the forum; null for all else, and once it has ended. `note`: the signed statement (C2SP
    signed note), empty while it is not signed. `key`: the public key that checks it.
    """

    permission: PermissionOut
    name: Annotated[str | None, Field(repr=False)]
    contact: Annotated[str | None, Field(repr=False)]
    note: Annotated[str, Field(repr=False)]
    key: str


class Signature(Schema):
    """A signature: the name as under a letter, and a proof of who signs; `repr` shows none of it.

    A passkey alone does (`POST /api/v1/sessions/current/confirm/options` gives the challenge); otherwise the password,
    and the code of the second factor where one is set up.
    """

    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME, repr=False)]
    named: bool = False
    password: Annotated[str, Field(max_length=MAX_PASSWORD, repr=False)] = ""
    totp: Annotated[str, Field(max_length=MAX_CODE, repr=False)] = ""
    passkey: ShownCredential | None = None


class NoteIn(Schema):
    """A signed statement, as somebody was given it."""

    note: Annotated[str, Field(min_length=1, max_length=_LONGEST_NOTE, repr=False)]


class CheckedReply(Schema):
    """Whether a statement is ours and unchanged, and whether the permission in it stands now."""

    genuine: bool
    stands: bool


def endpoints(permissions: Permissions, contacts: OwnContacts) -> Sequence[Endpoint]:
    """Declare the endpoints."""

    async def own(call: Call) -> PermissionsReply:
        return PermissionsReply(items=[_out(one) for one in await permissions.own(call.actor)])

    async def get_one(call: Call) -> PermissionReply:
        return _whole(await permissions.document(call.actor, call.path["id"]))

    async def ask(call: Call) -> PermissionReply:
        body: ContactIn = call.body
        asked = await contacts.ask(call.actor, body.category_id, RawText(body.contact), body.contact, body.days)
        return _whole(await permissions.document(call.actor, asked.id))

    async def sign(call: Call) -> PermissionReply:
        body: Signature = call.body
        await permissions.sign(
            call.actor,
            call.caller,
            call.path["id"],
            name=body.name,
            password=body.password,
            code=body.totp.strip(),
            locale=call.locale,
            named=body.named,
            credential=body.passkey.model_dump() if body.passkey else None,
        )
        return await get_one(call)

    async def end(call: Call) -> PermissionReply:
        await permissions.end(call.actor, call.path["id"])
        return await get_one(call)

    async def check(call: Call) -> CheckedReply:
        body: NoteIn = call.body
        genuine, stands = await permissions.check(body.note)
        return CheckedReply(genuine=genuine, stands=stands)

    one = f"{_OWN}/{{id}}"
    return (
        Endpoint("GET", _OWN, "The caller's written permissions", own, PermissionsReply),
        Endpoint(
            "POST",
            _OWN,
            "Lay the permission for a contact of one's own in the forum before oneself, to be signed",
            ask,
            PermissionReply,
            access=Access.MEMBER,
            body=ContactIn,
            status=201,
        ),
        Endpoint("GET", one, "A written permission with its signed copy", get_one, PermissionReply, rule=_RULE),
        Endpoint("POST", f"{one}/sign", "Sign a written permission", sign, PermissionReply, rule=_RULE, body=Signature),
        Endpoint(
            "POST", f"{one}/end", "Decline a permission, or revoke it; holds at once", end, PermissionReply, rule=_RULE
        ),
        Endpoint(
            "POST",
            "/api/v1/privacy/permissions/check",
            "Check the signed copy of a written permission, and whether it stands now",
            check,
            CheckedReply,
            access=Access.PUBLIC,
            body=NoteIn,
            network_limit="permission_network",
        ),
    )


def _out(one: Permission) -> PermissionOut:
    return PermissionOut(
        id=one.id,
        use=one.use,
        text=one.text.value,
        state=one.state,
        asked_at=one.asked_at,
        until=one.until,
        named=one.named,
        method=one.method,
        signed_at=one.signed_at,
        ended_at=one.ended_at,
    )


def _whole(signed: Signed) -> PermissionReply:
    return PermissionReply(
        permission=_out(signed.permission),
        name=signed.name,
        contact=signed.contact,
        note=signed.note,
        key=signed.key,
    )
