"""The demo's desk: labels, ready answers, macros, notes, and what agents did with conversations.

Everything enters through the services. Nobody here exists.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from server.composition.desking import Desking
from server.composition.opening import now
from server.demo.forum import again
from server.desk.handling import CaseWish
from server.desk.model import Priority, StepKind
from server.desk.office import Step
from server.desk.settings import Change, NewLabel
from server.kernel.actor import Actor
from server.kernel.text import RawText

_ADMIN: Final = "admin"

_LABELS: Final = (
    ("tagihan", "Tagihan", 6, "tagihan"),
    ("kasir", "Kasir", 2, None),
    ("klinik", "Klinik", 1, None),
    ("gangguan", "Gangguan", 5, None),
    ("pelatihan", "Pelatihan", 3, None),
)
_CANNED: Final = (
    ("salam", "Salam pembuka", "Selamat datang, {{customer}}. Ada yang bisa saya bantu?"),
    ("periksa", "Sedang kami periksa", "Terima kasih sudah memberi tahu. Kami periksa sekarang dan kembali hari ini."),
    ("rincian", "Minta rincian", "Boleh kami tahu langkah terakhir sebelum itu terjadi, dan versi aplikasinya?"),
    (
        "rekening",
        "Data rekening lewat formulir",
        "Mohon tidak menulis nomor rekening di sini. Saya kirim formulir tersegel.",
    ),
    ("pamit", "Penutup", "Sama-sama. Bila ada lagi tentang {{subject}}, tulis saja di sini."),
)
_MACROS: Final = (
    (
        "Gangguan: tandai dan kabari",
        (
            Step(StepKind.LABEL, label="gangguan"),
            Step(StepKind.PRIORITY, priority=Priority.HIGH),
            Step(StepKind.ANSWER, canned_id="periksa"),
        ),
    ),
    ("Selesai: pamit dan tutup", (Step(StepKind.ANSWER, canned_id="pamit"), Step(StepKind.CLOSE))),
)


@dataclass(frozen=True, slots=True)
class Handled:
    """What staff did with a conversation of the demo."""

    labels: tuple[str, ...] = ()
    priority: Priority | None = None
    snoozed_hours: int = 0
    notes: tuple[str, ...] = ()


async def fill_office(desk: Desking, actors: Mapping[str, Actor]) -> None:
    """Make labels, ready answers and macros.

    Args:
        desk: the services.
        actors: key -> who speaks.
    """
    admin = actors[_ADMIN]
    labels = [NewLabel(key, RawText(name), colour, skill, False) for key, name, colour, skill in _LABELS]
    await again(partial(desk.settings.change, admin, Change(labels=labels)))
    ids: dict[str, str] = {}
    for shortcut, title, text in _CANNED:
        kept = await again(partial(desk.office.add_canned, admin, shortcut, RawText(title), RawText(text)))
        ids[shortcut] = kept.id
    for title, steps in _MACROS:
        made = [Step(step.kind, ids.get(step.canned_id or ""), step.label, step.priority) for step in steps]
        await again(partial(desk.office.put_macro, admin, None, RawText(title), made))
    for key, skills in (("rani", ("kasir", "klinik")), ("yosef", ("tagihan",))):
        await desk.agents.change(admin, actors[key].account_id, skills=skills, capacity=12)


async def handle(desk: Desking, agent: Actor, case_id: str, handled: Handled) -> None:
    """Do with a conversation what its agent did.

    Args:
        desk: the services.
        agent: whose it is.
        case_id: which.
        handled: what was done.
    """
    for note in handled.notes:
        await again(partial(desk.notes.write, agent, case_id, RawText(note)))
    until = now() + timedelta(hours=handled.snoozed_hours) if handled.snoozed_hours else None
    wish = CaseWish(handled.priority, frozenset(handled.labels) or None, until)
    if wish != CaseWish():
        await desk.handling.change(agent, case_id, wish)
