"""Attacks on the desk and on files from within: words put under somebody's yes, identifiers where no text is expected,
broken uploads.
"""

from itertools import count

import pytest

from tests.harness.people import World
from tests.harness.slugs import another
from tests.privacy.canaries import CANARIES

_NUMBERS = count(1)
"""A key made by chance might look like an identifier."""

_NIK = "3174051203900001"
_PHONE = "081290713648"


async def test_a_yes_is_to_what_was_read(world: World) -> None:
    """Staff who ask for something else while the customer's answer is on its way get no yes to it."""
    customer, agent = await world.person("customer"), await world.person("agent")
    talk = await customer.conversation()
    await agent.take(talk)
    case, path = f"/desk/cases/{talk}/feedback", f"/conversations/{talk}/feedback-ask"
    new = {"kind": "complaint", "title": "Lampu rusak", "text": "Lampu saya rusak sejak awal."}
    read = (await agent.post(case, new)).data["ask"]
    other = (await agent.post(case, {**new, "kind": "impression", "text": "Lampunya bagus sekali."})).data["ask"]
    for agree in (True, False):
        late = await customer.post(path, {"ask_id": read["id"], "agree": agree})
        assert late.code == "conflict"
    assert (await customer.post(path, {"agree": True})).reasons == {"ask_id": "required"}
    assert (await customer.get(path)).data["ask"] == other
    assert (await agent.get(f"/desk/cases/{talk}")).data["item"]["case"]["feedback_id"] is None
    assert (await customer.post(path, {"ask_id": other["id"], "agree": False})).data["ask"]["state"] == "declined"


@pytest.mark.parametrize("key", [_PHONE, f"ktp-{_NIK}", "wa-0812-9071-3648", "rek-bca-1234567890"])
async def test_keys_say_nothing_of_anybody(world: World, key: str) -> None:
    """Labels, skills and shortcuts are shown as they were typed, so none may hold an identifier."""
    admin, agent = await world.person("admin"), await world.person("agent")

    async def labelled(label: dict[str, object]) -> dict[str, str]:
        return (await admin.call("PATCH", "/desk/settings", {"labels": [label]})).reasons

    assert await labelled({"key": key, "name": "Biasa"}) == {"labels": "identifier"}
    assert await labelled({"key": "biasa", "name": "Biasa", "skill": key}) == {"labels": "identifier"}
    skilled = await admin.call("PATCH", f"/desk/agents/{agent.id}", {"skills": ["tagihan", key]})
    assert skilled.reasons == {"skills": "identifier"}
    typed = {"title": "Salam", "text": "Halo"}
    assert (await agent.post("/desk/canned", {**typed, "shortcut": key})).reasons == {"shortcut": "identifier"}
    canned = (await agent.post("/desk/canned", {**typed, "shortcut": f"salam-{next(_NUMBERS)}"})).data["canned"]
    renamed = await agent.call("PATCH", f"/desk/canned/{canned['id']}", {"shortcut": key})
    assert renamed.reasons == {"shortcut": "identifier"}
    labelling = {"name": "Pilihan", "filter": {"label": key}}
    assert (await agent.post("/desk/views", labelling)).reasons == {"label": "identifier"}


@pytest.mark.parametrize("word", [_PHONE, _NIK, f"KTP{_NIK}", "0" * 24])
async def test_views_and_macros_name_what_there_is(world: World, word: str) -> None:
    """Where an id is expected nobody leaves a word of their own for the others."""
    agent = await world.person("agent")
    view = {"name": "Pilihan", "filter": {"assignee": word}, "shared": True}
    assert (await agent.post("/desk/views", view)).reasons == {"assignee": "unknown_agent"}
    wrong = [
        {"kind": "assign", "agent_id": word},
        {"kind": "answer", "canned_id": word},
        {"kind": "label", "label": another("x")},
    ]
    for step in wrong:
        assert (await agent.post("/desk/macros", {"title": "Uji", "steps": [step]})).reasons == {"steps": "not_allowed"}
    # What a step has no use for is not kept.
    steps = [{"kind": "close", "agent_id": word, "canned_id": word}, {"kind": "assign", "agent_id": agent.id}]
    macro = (await agent.post("/desk/macros", {"title": "Uji", "steps": steps})).data["macro"]
    assert word not in str(macro["steps"])
    assert macro["steps"][1]["agent_id"] == agent.id


@pytest.mark.parametrize(
    "head",
    [
        "{}",
        "X-{}\x01: x",
        "X: {}" + "a" * 9_000,
        "\r\n".join(f"X{number}: {{0}}" for number in range(2_000)),
        'Content-Disposition: form-data; name="file"; filename="{}"; ; =',
        "Content-Disposition: form-data; name=\"file\"; filename*=bogus''{}",
    ],
    ids=["no_field", "control", "long", "many", "broken", "charset"],
)
async def test_broken_heads_of_uploads_are_no_fault_and_are_not_quoted(world: World, head: str) -> None:
    """However a part of a form begins, nothing of it reaches the log or the answer."""
    customer = await world.person("customer")
    talk = await customer.conversation()
    name = "-".join([_PHONE, _NIK, *(canary.as_id for canary in CANARIES)])
    body = b"--x\r\n" + head.replace("{0}", name).replace("{}", name).encode() + b"\r\n\r\nhalo\r\n--x--\r\n"
    for path in (f"/api/v1/conversations/{talk}/attachments", "/api/v1/feedback/attachments"):
        answer = await world.http.call(
            "POST", path, raw=body, token=customer.token, headers={"Content-Type": "multipart/form-data; boundary=x"}
        )
        assert answer.status in {201, 400}, answer.envelope
        assert _NIK.encode() not in answer.body
    log = world.server.log()
    assert _NIK not in log
    assert _PHONE not in log
