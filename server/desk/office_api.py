"""What the desk keeps for itself, over HTTP: ready answers, macros, agents, labels, settings."""

from collections.abc import Sequence
from typing import Final

from server.chat.model import Action, rule
from server.desk.agents import AGENT_RULE, Agents
from server.desk.api import CASE, ROOT
from server.desk.office import CANNED_RULE, MACRO_RULE, Office
from server.desk.office_schemas import (
    DeskAgentChange,
    DeskAgentList,
    DeskAgentReply,
    DeskCannedChange,
    DeskCannedIn,
    DeskCannedList,
    DeskCannedReply,
    DeskLabelList,
    DeskMeIn,
    DeskMeReply,
    DeskSettingsChange,
    DeskSettingsReply,
    FilledIn,
    FilledReply,
    MacroChange,
    MacroIn,
    MacroList,
    MacroReply,
    MacroRun,
    MacroRunReply,
)
from server.desk.settings import Change, DeskSettings, NewLabel, Policy
from server.desk.views import agent_out, canned_out, label_out, macro_out, settings_out, steps_of
from server.kernel.wire import Empty
from server.web.endpoint import Access, Call, Endpoint, Reply

_CANNED: Final = f"{ROOT}/canned"
_MACROS: Final = f"{ROOT}/macros"


def endpoints(office: Office, agents: Agents, settings: DeskSettings) -> Sequence[Endpoint]:
    """Declare the endpoints."""
    return (*_canned_endpoints(office), *_macro_endpoints(office), *_staff_endpoints(agents, settings))


def _canned_endpoints(office: Office) -> Sequence[Endpoint]:
    async def list_canned(_: Call) -> DeskCannedList:
        return DeskCannedList(items=[canned_out(item) for item in await office.canned()])

    async def add(call: Call) -> Reply:
        body: DeskCannedIn = call.body
        canned = await office.add_canned(call.actor, body.shortcut, body.title, body.text)
        return Reply(DeskCannedReply(canned=canned_out(canned)), status=201)

    async def change(call: Call) -> DeskCannedReply:
        body: DeskCannedChange = call.body
        canned = await office.change_canned(call.actor, call.path["id"], body.shortcut, body.title, body.text)
        return DeskCannedReply(canned=canned_out(canned))

    async def remove(call: Call) -> Empty:
        await office.remove_canned(call.actor, call.path["id"])
        return Empty()

    async def fill(call: Call) -> FilledReply:
        body: FilledIn = call.body
        return FilledReply(text=await office.fill(call.actor, call.path["id"], body.conversation_id))

    one, desk = f"{_CANNED}/{{id}}", Access.DESK
    return (
        Endpoint("GET", _CANNED, "The ready answers", list_canned, DeskCannedList, desk),
        Endpoint("POST", _CANNED, "Keep an answer ready", add, DeskCannedReply, desk, body=DeskCannedIn, status=201),
        Endpoint(
            "PATCH",
            one,
            "Change a ready answer",
            change,
            DeskCannedReply,
            desk,
            body=DeskCannedChange,
            rule=CANNED_RULE,
        ),
        Endpoint("DELETE", one, "Remove a ready answer", remove, Empty, desk, rule=CANNED_RULE),
        Endpoint(
            "POST",
            f"{one}/fill",
            "A ready answer with its variables filled in",
            fill,
            FilledReply,
            Access.AGENT,
            body=FilledIn,
            rule=CANNED_RULE,
        ),
    )


def _macro_endpoints(office: Office) -> Sequence[Endpoint]:
    async def list_macros(_: Call) -> MacroList:
        return MacroList(items=[macro_out(item) for item in await office.macros()])

    async def add(call: Call) -> Reply:
        body: MacroIn = call.body
        macro = await office.put_macro(call.actor, None, body.title, steps_of(body.steps))
        return Reply(MacroReply(macro=macro_out(macro)), status=201)

    async def change(call: Call) -> MacroReply:
        body: MacroChange = call.body
        steps = None if body.steps is None else steps_of(body.steps)
        return MacroReply(macro=macro_out(await office.put_macro(call.actor, call.path["id"], body.title, steps)))

    async def remove(call: Call) -> Empty:
        await office.remove_macro(call.actor, call.path["id"])
        return Empty()

    async def run(call: Call) -> MacroRunReply:
        body: MacroRun = call.body
        done, failed = await office.run(call.actor, call.path["id"], call.path["macro"], body.client_id)
        return MacroRunReply(done=done, failed=failed)

    one, desk = f"{_MACROS}/{{id}}", Access.DESK
    return (
        Endpoint("GET", _MACROS, "The macros", list_macros, MacroList, desk),
        Endpoint("POST", _MACROS, "Make a macro", add, MacroReply, desk, body=MacroIn, status=201),
        Endpoint("PATCH", one, "Change a macro", change, MacroReply, desk, body=MacroChange, rule=MACRO_RULE),
        Endpoint("DELETE", one, "Remove a macro", remove, Empty, desk, rule=MACRO_RULE),
        Endpoint(
            "POST",
            f"{CASE}/macros/{{macro}}",
            "Do a macro's steps",
            run,
            MacroRunReply,
            desk,
            body=MacroRun,
            rule=rule(Action.LIST),
        ),
    )


def _staff_endpoints(agents: Agents, settings: DeskSettings) -> Sequence[Endpoint]:
    async def me(call: Call) -> DeskMeReply:
        found = await agents.me(call.actor)
        return DeskMeReply(me=None if found is None else agent_out(found))

    async def set_me(call: Call) -> DeskMeReply:
        body: DeskMeIn = call.body
        return DeskMeReply(me=agent_out(await agents.set_status(call.actor, body.status)))

    async def list_agents(_: Call) -> DeskAgentList:
        return DeskAgentList(items=[agent_out(agent) for agent in await agents.all()])

    async def change_agent(call: Call) -> DeskAgentReply:
        body: DeskAgentChange = call.body
        agent = await agents.change(call.actor, call.path["id"], skills=body.skills, capacity=body.capacity)
        return DeskAgentReply(agent=agent_out(agent))

    async def labels(_: Call) -> DeskLabelList:
        return DeskLabelList(items=[label_out(label) for _, label in sorted(settings.now.labels.items())])

    async def show(_: Call) -> DeskSettingsReply:
        return DeskSettingsReply(settings=settings_out(settings.now))

    async def change(call: Call) -> DeskSettingsReply:
        return DeskSettingsReply(settings=settings_out(await settings.change(call.actor, _change(call.body))))

    path, desk, admin = f"{ROOT}/settings", Access.DESK, Access.ADMIN
    return (
        Endpoint("GET", f"{ROOT}/me", "Whether the caller takes conversations", me, DeskMeReply, desk),
        Endpoint("PUT", f"{ROOT}/me", "Say it", set_me, DeskMeReply, Access.AGENT, body=DeskMeIn),
        Endpoint("GET", f"{ROOT}/agents", "Who takes conversations", list_agents, DeskAgentList, desk),
        Endpoint(
            "PATCH",
            f"{ROOT}/agents/{{id}}",
            "Say what an agent knows and how much they take",
            change_agent,
            DeskAgentReply,
            admin,
            body=DeskAgentChange,
            rule=AGENT_RULE,
        ),
        Endpoint("GET", f"{ROOT}/labels", "The labels", labels, DeskLabelList, desk),
        Endpoint("GET", path, "How the desk works", show, DeskSettingsReply, desk),
        Endpoint("PATCH", path, "Change how the desk works", change, DeskSettingsReply, admin, body=DeskSettingsChange),
    )


def _change(body: DeskSettingsChange) -> Change:
    policies = body.policies
    return Change(
        None
        if policies is None
        else {priority: Policy(item.first_response, item.resolution) for priority, item in policies.items()},
        body.warn_at,
        body.escalate_after,
        body.assigning,
        [NewLabel(item.key, item.name, item.colour, item.skill, item.archived) for item in body.labels or ()],
    )
