"""Sends canaries as new texts of messages, as new subjects, and as what is added to a rating."""

from tests.harness.people import Person
from tests.privacy.canaries import CANARIES, CONTROL
from tests.privacy.surfaces import Recorder


async def texts(sender: Person, agent: Person, recorder: Recorder) -> dict[str, list[str]]:
    """Write each canary into a message that is there already, and say it of a conversation that is done.

    Returns:
        label -> the texts that came back.
    """
    kept: dict[str, list[str]] = {}
    talk = await sender.conversation(f"{CONTROL} lagi")
    await agent.take(talk)
    path = f"/api/v1/conversations/{talk}"
    for canary in CANARIES:
        body = {"client_message_id": f"e-{canary.label.value}", "text": f"{CONTROL} **sekali**"}
        message = (await recorder.post(f"{path}/messages", body, token=sender.token)).data["message"]
        place = f"{path}/messages/{message['seq']}"
        change = {"text": f"{CONTROL}: {canary.sentence}", "revision": 0}
        edited = await recorder.call("PATCH", place, change, token=sender.token)
        assert edited.status == 200, edited.reasons
        outdated = await recorder.call("PATCH", place, change, token=sender.token)
        assert outdated.code == "conflict"
        refused = await recorder.call("PUT", f"{place}/reactions/{canary.as_id}", token=sender.token)
        assert refused.code == "invalid_input"
        renamed = await recorder.call("PUT", f"{path}/subject", {"subject": canary.sentence}, token=sender.token)
        assert renamed.status == 200, renamed.reasons
        kept[canary.label.value] = [edited.data["message"]["text"], renamed.data["conversation"]["subject"]]
    await agent.post(f"/conversations/{talk}/close", {})
    for canary in CANARIES:
        remark = {"score": 4, "text": canary.sentence}
        rated = await recorder.post(f"{path}/rating", remark, token=sender.token)
        assert rated.status == 200, rated.reasons
        kept[canary.label.value].append(rated.data["conversation"]["rating"]["text"])
    wrong = await recorder.post(f"{path}/transcript", {}, token=sender.token)
    assert wrong.code == "conflict"
    return kept
