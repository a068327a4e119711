"""The demo's drill, half-way, and a legal hold for an invented case. Everything enters through the services."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from server.demo.forum import again
from server.incidents.model import Data, Kind, Query, Severity
from server.incidents.service import Incidents
from server.kernel.actor import Actor
from server.kernel.text import RawText
from server.retention.holds import LegalHolds
from server.retention.model import HoldKind

_OFFICER: Final = "wahyu"
_STORY: Final = "Peramban di meja depan ditinggal terbuka saat istirahat, dan ada yang membaca percakapan setengah jam."
_MEASURES: Final = "Sesi itu ditutup, kata sandi diganti, dan layar kini terkunci sendiri sesudah lima menit."


async def fill_incidents(incidents: Incidents, holds: LegalHolds, actors: Mapping[str, Actor]) -> None:
    """Begin a drill, and set a hold.

    Args:
        incidents: the register.
        holds: legal holds.
        actors: key -> who speaks.
    """
    officer, now = actors[_OFFICER], datetime.now(UTC)
    begun = now - timedelta(minutes=20)
    title, story = RawText("Latihan: peramban petugas dipakai orang lain"), RawText(_STORY)
    report = partial(incidents.report, officer, title, story, Kind.ACCESS, Severity.HIGH, begun, drill=True)
    drill = await again(report)
    drill = await incidents.assess(
        officer,
        drill.id,
        drill.revision,
        severity=Severity.HIGH,
        kind=Kind.ACCESS,
        data=[Data.MESSAGES, Data.NAME],
        occurred_from=begun - timedelta(hours=1),
        occurred_to=begun,
        notifiable=True,
    )
    drill = await again(partial(incidents.write, officer, drill.id, drill.revision, "measures", RawText(_MEASURES)))
    people = [actors[key].account_id for key in ("bengkel", "yayasan", "toko")]
    drill = await incidents.affected.find(officer, drill.id, drill.revision, Query.PEOPLE, names=people)
    task, owner, due = RawText("Pasang kunci layar di semua meja"), officer.account_id, now + timedelta(days=3)
    await again(partial(incidents.tasks.add, officer, drill.id, drill.revision, task, owner, due))
    reason = RawText("Sengketa tagihan yang sedang diperiksa; percakapannya diperlukan sebagai bukti.")
    until = now + timedelta(days=180)
    await again(partial(holds.set, officer, HoldKind.PERSON, people[0], reason, until))
