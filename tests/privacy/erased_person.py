"""Somebody whose data is put through every capability, each time with a word of its own, and what is left of them.

The words are real ones that the gate lets through, so that they stand in the store as they were typed; nobody else here
says them. None has fewer than six letters: those of thousands of ids and tokens make a shorter one by chance.
"""

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from aiohttp import FormData

from server.attachments.model import Audience
from server.attachments.store import MongoAttachmentStore
from server.kernel.text import RedactedText
from server.review.model import Category, Note, Report
from server.review.store import MongoReviewStore
from tests.harness.documents import pdf
from tests.harness.http import Http
from tests.harness.images import png
from tests.harness.people import Person, World
from tests.harness.slugs import another

WORDS = {
    "subject": "kolintang",
    "message": "sasando",
    "edited": "cendrawasih",
    "rating": "mambruk",
    "file_text": "kelentang",
    "file_name": "sampelong",
    "form_note": "gambus",
    "form_value": "serunai",
    "staff_note": "bonang",
    "staff_answer": "saluang",
    "topic_title": "talempong",
    "topic_tag": "kecapi",
    "post": "tehyan",
    "post_before": "gerantang",
    "poll": "sampek",
    "draft": "karinding",
    "bio": "bangsing",
    "report": "keteng",
    "appeal": "celempung",
    "feedback": "slenthem",
    "photo_name": "genggong",
    "pdf_name": "tanjidor",
    "feedback_photo_name": "panting",
    "feedback_pdf_name": "calung",
}
"""What the person says where."""

HANDLE = "burung-enggang"


@dataclass
class Traces:
    """What the person left where, for looking there afterwards."""

    person: Person
    conversation: str = ""
    topic: str = ""
    answered: str = ""
    others_post: str = ""
    image: str = ""
    form: str = ""
    handle: str = HANDLE
    tokens: list[str] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    """What was uploaded: where -> id, which nothing may hold afterwards."""
    shown: list[str] = field(default_factory=list)
    """Addresses under which images of theirs were shown."""


async def everywhere(world: World) -> Traces:
    """Let a customer use everything there is; somebody else answers, quotes and mentions them."""
    person = await world.person("customer", "Enggang Ruyung")
    traces = Traces(person)
    agent = await world.person("agent", "Petugas")
    moderator = await world.person("moderator", "Penjaga")
    other = await world.person("moderator", "Tetangga")
    await _was_visitor(world, person)
    await _talk(world.http, person, agent, traces)
    await _forum(world.http, person, moderator, other, traces)
    await _feedback(person, traces)
    traces.tokens = [agent.token, moderator.token, other.token]
    return traces


def _ok(answer: Any, *statuses: int) -> dict[str, Any]:
    assert answer.status in (statuses or (200, 201)), (answer.status, answer.code, answer.reasons)
    return dict(answer.data)


async def _was_visitor(world: World, person: Person) -> None:
    """They wrote before they had an account, and took that over: the visitor's account leads to theirs."""
    visitor = await world.person("visitor")
    _ok(await visitor.send(await visitor.conversation("Sebelum mendaftar"), "Apakah buka hari Minggu?"))
    _ok(await person.post("/me/conversations/adoption", {"token": visitor.token}))
    known = await world.database["accounts"].find_one({"_id": visitor.id})
    assert known is not None
    assert known["became"] == person.id


async def _talk(http: Http, person: Person, agent: Person, traces: Traces) -> None:
    talk = traces.conversation = await person.conversation(f"Soal {WORDS['subject']}")
    await agent.take(talk)
    path = f"/api/v1/conversations/{talk}"
    _ok(await person.send(talk, f"Saya mau tanya soal {WORDS['message']}, nomor saya 0812-5550-1234"))
    sent = _ok(await person.send(talk, "Ini salah"))["message"]
    change = {"text": f"Maksud saya {WORDS['edited']}", "revision": 0}
    _ok(await http.call("PATCH", f"{path}/messages/{sent['seq']}", change, token=person.token))
    _ok(await agent.send(talk, f"Baik, {WORDS['staff_answer']} kami periksa"))
    _ok(await agent.post(f"/desk/cases/{talk}/notes", {"text": f"Perlu {WORDS['staff_note']} dulu"}))
    to = f"{path}/attachments"
    uploaded = {
        "chat_file": await _upload(person, to, f"Catatan {WORDS['file_text']}\n".encode(), f"{WORDS['file_name']}.txt"),
        "chat_photo": await _upload(person, to, png(), f"{WORDS['photo_name']}.png"),
        "chat_pdf": await _upload(person, to, pdf(f"Surat {WORDS['file_text']}"), f"{WORDS['pdf_name']}.pdf"),
    }
    traces.files |= uploaded
    body = {"client_message_id": secrets.token_hex(8), "text": "", "attachment_ids": list(uploaded.values())}
    _ok(await http.post(f"{path}/messages", body, token=person.token))
    admin = await person.world.person("admin", "Pengurus")
    words = {"id": "Kirim barang", "en": "Send goods"}
    fields = [{"type": "text", "label": {"id": "Catatan", "en": "Note"}, "keep_days": 30}]
    template = {"purpose": "delivery", "title": words, "about": words, "consent": words, "fields": fields}
    kept = _ok(await http.post("/api/v1/forms/templates", template, token=admin.token))["template"]
    new = {"template": kept["id"], "note": f"Isi {WORDS['form_note']} ya"}
    sent_form = _ok(await http.post(f"{path}/forms", new, token=agent.token))["form"]
    traces.form = sent_form["id"]
    values = {"values": [{"field": "text", "value": WORDS["form_value"]}], "consent": 1}
    _ok(await http.call("PUT", f"/api/v1/forms/{traces.form}/values", values, token=person.token))
    _ok(await agent.post(f"/conversations/{talk}/close", {}))
    _ok(await http.post(f"{path}/rating", {"score": 4, "text": f"Bagus, {WORDS['rating']}"}, token=person.token))


async def _upload(person: Person, path: str, data: bytes, name: str) -> str:
    """Upload a file; give its id."""
    form = FormData()
    # As a file: aiohttp warns of bytes as many as these.
    form.add_field("file", BytesIO(data), filename=name, content_type="application/octet-stream")
    headers = {"Authorization": f"Bearer {person.token}"}
    async with person.world.session.post(person.world.server.url + path, data=form, headers=headers) as got:
        answer = await got.json()
        assert got.status == 201, answer
        return str(answer["data"]["attachment"]["id"])


async def _image(person: Person, data: bytes) -> dict[str, Any]:
    """Take an image in, as newcomers may for what they send in confidence."""
    answer = await person.world.http.call(
        "POST",
        "/api/v1/attachments",
        raw=data,
        token=person.token,
        headers={"Content-Type": "image/png"},
        params={"confirmed": "true", "confidential": "true"},
    )
    return dict(_ok(answer)["attachment"])


async def _feedback(person: Person, traces: Traces) -> None:
    """A suggestion in public, and a complaint with an image in its text, another as a file, and a document."""
    text = f"Tolong tambah {WORDS['feedback']} di laporan."
    _ok(await person.post("/feedback", {"kind": "suggestion", "title": f"Soal {WORDS['feedback']}", "text": text}))
    to = "/api/v1/feedback/attachments"
    uploaded = {
        "feedback_photo": await _upload(person, to, png(64, 48), f"{WORDS['feedback_photo_name']}.png"),
        "feedback_pdf": await _upload(person, to, pdf(text), f"{WORDS['feedback_pdf_name']}.pdf"),
    }
    image = await _image(person, png(96, 72))
    complaint = {
        "kind": "complaint",
        "title": "Laporan tertutup sendiri",
        "text": f"Terlampir, {WORDS['feedback']}: ![layar]({image['markdown_path']})",
        "attachment_ids": list(uploaded.values()),
    }
    _ok(await person.post("/feedback", complaint))
    traces.files |= {**uploaded, "feedback_image": image["id"]}
    traces.shown += [image["path"], image["small_path"]]


async def _forum(http: Http, person: Person, moderator: Person, other: Person, traces: Traces) -> None:
    slug = another("hapus")
    body = {"name": "Umum", "description": "Tentang apa saja", "slug": slug}
    category = _ok(await http.post("/api/v1/forum/categories", body, token=moderator.token))["category"]["id"]
    profile = {"handle": HANDLE, "bio": f"Suka {WORDS['bio']}"}
    _ok(await http.call("PATCH", "/api/v1/me/profile", profile, token=person.token))
    new = {
        "category_id": category,
        "title": f"Tentang {WORDS['topic_title']}",
        "text": f"Isinya {WORDS['post_before']}",
        "tags": [WORDS["topic_tag"]],
        "poll": {"options": [f"Setuju {WORDS['poll']}", "Tidak"]},
    }
    begun = _ok(await http.post("/api/v1/forum/topics", new, token=person.token))
    topic, post = begun["topic"]["id"], begun["post"]["id"]
    traces.topic = topic
    change = {"text": f"Isinya {WORDS['post']}"}
    _ok(await http.call("PATCH", f"/api/v1/forum/posts/{post}", change, token=person.token))
    quoted = f"> @{HANDLE} #1\n> Isinya {WORDS['post']}\n\nTerima kasih @{HANDLE}, jendela kuning."
    answer = _ok(await http.post(f"/api/v1/forum/topics/{topic}/posts", {"text": quoted}, token=other.token))
    traces.answered = answer["post"]["id"]
    alone = {"category_id": category, "title": "Milik tetangga", "text": "Pintu hijau"}
    theirs = _ok(await http.post("/api/v1/forum/topics", alone, token=other.token))["post"]["id"]
    traces.others_post = theirs
    marked = f"/api/v1/forum/posts/{theirs}"
    _ok(await http.call("PUT", f"{marked}/reaction", {"kind": "like"}, token=person.token))
    _ok(await http.call("PUT", f"{marked}/bookmark", token=person.token))
    draft = {"place": "new", "title": f"Rencana {WORDS['draft']}", "text": f"Nanti {WORDS['draft']}"}
    _ok(await http.call("PUT", "/api/v1/me/drafts", draft, token=person.token))
    # Newcomers may show no image yet: what one who may would leave, by the server's own store.
    image, images = await _image(person, png(48, 36)), MongoAttachmentStore(person.world.database)
    (kept,) = (await images.find([image["id"]])).values()
    await images.put(replace(kept, texts=(post,), audiences=(Audience.EVERYBODY,), loose_since=None))
    traces.files["forum_image"] = image["id"]
    traces.shown += [image["path"], image["small_path"]]
    # Newcomers may not report yet: what one who may would leave, by the server's own store.
    note = Note(RedactedText(f"Ini {WORDS['report']}"))
    report = Report("post", theirs, person.id, Category.SPAM, note, 1.0, 0, datetime.now(UTC))
    assert await MongoReviewStore(person.world.database).insert_report(report)
    await _case(http, post, person, moderator, other)


async def _case(http: Http, post: str, person: Person, judge: Person, reporter: Person) -> None:
    """A post of the person is reported and decided about; they appeal."""
    flag = {"target_type": "post", "target_id": post, "reason": "personal_data", "note": "Jendela kuning"}
    _ok(await http.post("/api/v1/flags", flag, token=reporter.token))
    waiting = _ok(await http.get("/api/v1/review/items", token=judge.token, limit=50))["items"]
    path = f"/api/v1/review/items/{next(item['id'] for item in waiting if item['target_id'] == post)}"
    decision = {"decision": "warn", "category": "personal_data", "note": "Pintu hijau"}
    _ok(await http.post(f"{path}/decision", decision, token=judge.token))
    _ok(await http.post(f"{path}/appeal", {"text": f"Menurut saya {WORDS['appeal']}"}, token=person.token))


def needles(traces: Traces) -> dict[str, bytes]:
    """What must not be found anywhere afterwards, by where it was said."""
    return {**{where: word.encode() for where, word in WORDS.items()}, "handle": HANDLE.encode(), "name": b"Ruyung"}
