"""Sends canaries as files of a conversation and of feedback: in what they are called, and in what they say."""

from collections.abc import Mapping

from aiohttp import FormData

from tests.harness.documents import docx, pdf
from tests.harness.http import Answer
from tests.harness.people import Person
from tests.privacy.canaries import ALL_AT_ONCE, CANARIES, CONTROL
from tests.privacy.surfaces import Recorder

_FEEDBACK = "/api/v1/feedback"


async def texts(sender: Person, conversation_id: str, recorder: Recorder) -> dict[str, list[str]]:
    """Send each canary alone, as a text that is called by it, with a message and with feedback; then all at once.

    Returns:
        label -> what the text says that was kept.
    """
    kept: dict[str, list[str]] = {}
    for canary in CANARIES:
        content = f"{CONTROL}\n\n{canary.sentence}\n"
        file = (await _upload(sender, conversation_id, content.encode(), f"{canary.sentence}.txt", recorder)).data
        file_id = file["attachment"]["id"]
        body = {"client_message_id": f"f-{canary.label.value}", "text": "", "attachment_ids": [file_id]}
        path = f"/api/v1/conversations/{conversation_id}"
        sent = await recorder.post(f"{path}/messages", body, token=sender.token)
        assert sent.status == 201, sent.reasons
        links = await recorder.post(f"{path}/attachments/links", {"ids": [file_id]}, token=sender.token)
        shown = await recorder.call("GET", links.data["items"][0]["url"])
        kept[canary.label.value] = [shown.body.decode()]
    for document in (pdf(ALL_AT_ONCE), docx(ALL_AT_ONCE.replace("<", "").replace("&", ""))):
        # Sealed, so that nobody is shown what it says but its sender: that is not looked at here.
        answer = await _upload(sender, conversation_id, document, f"{CONTROL}.bin", recorder)
        assert answer.data["attachment"]["sealed"]
    await _broken(sender, conversation_id, recorder)
    for label, said in (await _feedback_texts(sender, recorder)).items():
        kept[label] += said
    return kept


async def _feedback_texts(sender: Person, recorder: Recorder) -> dict[str, list[str]]:
    """Send each canary as a file of a complaint, and all of them with a form by somebody whom nobody knows.

    Returns:
        label -> what the text says that was kept.
    """
    kept: dict[str, list[str]] = {}
    for canary in CANARIES:
        content = f"{CONTROL}\n\n{canary.sentence}\n"
        uploaded = await _upload_to(
            f"{_FEEDBACK}/attachments", sender, content.encode(), f"{canary.sentence}.txt", recorder
        )
        file_id = uploaded.data["attachment"]["id"]
        new = {"kind": "complaint", "title": CONTROL, "text": CONTROL, "attachment_ids": [file_id]}
        given = (await recorder.post(_FEEDBACK, new, token=sender.token)).data["feedback"]
        links = await recorder.post(
            f"{_FEEDBACK}/{given['id']}/attachments/links", {"ids": [file_id]}, token=sender.token
        )
        shown = await recorder.call("GET", links.data["items"][0]["url"])
        kept[canary.label.value] = [shown.body.decode()]
    fields = {"kind": "complaint", "title": CONTROL, "text": CONTROL, "client_id": "k" * 32, "anonymous": "1"}
    for data in (ALL_AT_ONCE.encode(), pdf(ALL_AT_ONCE), b"PK\x03\x04" + ALL_AT_ONCE.encode()):
        parts = [
            f'--x\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()
        ]
        name = ALL_AT_ONCE.replace('"', "%22").replace("\n", " ").replace("\r", " ")[:400]
        head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = "".join([*parts, head]).encode() + data + b"\r\n--x--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=x", "Origin": sender.world.server.url}
        await recorder.call("POST", "/saran/baru", raw=body, headers=headers)
    return kept


async def _broken(sender: Person, conversation_id: str, recorder: Recorder) -> None:
    """What is refused, with canaries wherever something may stand."""
    text = ALL_AT_ONCE.encode()
    for data in (b"%PDF-" + text, b"PK\x03\x04" + text, b"<html>" + text, b"\0" + text, b"\xff\xd8\xff" + text):
        refused = await _upload(sender, conversation_id, data, ALL_AT_ONCE, recorder)
        assert refused.code == "invalid_input"
    path = f"/api/v1/conversations/{conversation_id}/attachments"
    head = b'--x\r\nContent-Disposition: form-data; name="'
    for raw in (
        text,
        head + text,
        head + b'file"; filename="' + text,
        head + text + b'"\r\n\r\n' + text + b"\r\n--x--\r\n",
    ):
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        await recorder.call("POST", path, raw=raw, token=sender.token, headers=headers)


async def _upload(person: Person, conversation_id: str, data: bytes, name: str, recorder: Recorder) -> Answer:
    return await _upload_to(f"/api/v1/conversations/{conversation_id}/attachments", person, data, name, recorder)


async def _upload_to(path: str, person: Person, data: bytes, name: str, recorder: Recorder) -> Answer:
    form = FormData()
    form.add_field("file", data, filename=name, content_type="text/plain")
    url = f"{person.world.server.url}{path}"
    headers: Mapping[str, str] = {"Authorization": f"Bearer {person.token}"}
    async with person.world.session.post(url, data=form, headers=headers) as got:
        answer = Answer(got.status, got.headers, await got.read())
    recorder.answers.append(answer.body)
    return answer
