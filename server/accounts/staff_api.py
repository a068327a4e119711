"""Staff over HTTP: whom a conversation can be given to, and the roles."""

from collections.abc import Callable, Sequence
from typing import Annotated

from pydantic import Field

from server.accounts.model import Account
from server.accounts.staff import Staff
from server.kernel.access import Rule
from server.kernel.actor import Role
from server.kernel.errors import InvalidInput
from server.kernel.wire import Schema
from server.web.endpoint import Access, Call, Endpoint

_ADMIN = frozenset({Role.ADMIN})


class AgentOut(Schema):
    """Somebody who can be given conversations."""

    id: str
    display_name: Annotated[str, Field(repr=False)]
    online: bool


class AgentList(Schema):
    """All of them."""

    items: list[AgentOut]


class StaffMemberOut(Schema):
    """Somebody of staff, as administrators see them."""

    id: str
    display_name: Annotated[str, Field(repr=False)]
    role: Role
    disabled: bool


class StaffList(Schema):
    """All staff."""

    items: list[StaffMemberOut]


class StaffReply(Schema):
    """One of staff."""

    member: StaffMemberOut


class StaffChange(Schema):
    """Another role, or whether they are kept out. One of the two at least."""

    role: Role | None = None
    disabled: bool | None = None


def endpoints(staff: Staff, is_online: Callable[[str], bool]) -> Sequence[Endpoint]:
    """Declare the endpoints.

    Args:
        staff: the use cases.
        is_online: whether an account has a live connection.
    """

    async def agents(_: Call) -> AgentList:
        found = await staff.agents()
        return AgentList(items=[AgentOut(id=a.id, display_name=a.display_name, online=is_online(a.id)) for a in found])

    async def everybody(_: Call) -> StaffList:
        return StaffList(items=[_member(account) for account in await staff.everybody()])

    async def change(call: Call) -> StaffReply:
        body: StaffChange = call.body
        if body.role is None and body.disabled is None:
            raise InvalidInput(fields={"role": "required"})
        account = await staff.change(call.actor, call.path["id"], role=body.role, disabled=body.disabled)
        return StaffReply(member=_member(account))

    return (
        Endpoint("GET", "/api/v1/agents", "Whom a conversation can be given to", agents, AgentList, Access.DESK),
        Endpoint("GET", "/api/v1/staff", "Everybody of staff", everybody, StaffList, Access.ADMIN),
        Endpoint(
            "PATCH",
            "/api/v1/staff/{id}",
            "Give somebody another role, keep them out, or let them in again; their sessions end",
            change,
            StaffReply,
            Access.ADMIN,
            body=StaffChange,
            fresh=True,
            rule=Rule("staff_account", own=_ADMIN, others=_ADMIN),
        ),
    )


def _member(account: Account) -> StaffMemberOut:
    return StaffMemberOut(
        id=account.id, display_name=account.display_name, role=account.role, disabled=account.is_disabled
    )
