"""`amanah redaction-signals`: what people said of the redaction, for whoever trains the next model.

A server may run on the same store meanwhile. Prints classes and counts; there is nothing else to print.
"""

import argparse
from datetime import UTC, date, datetime
from pathlib import Path

import uvloop

from server.composition.opening import open_database
from server.config import Settings
from server.signals.api import signal_out
from server.signals.service import counted
from server.signals.store import MongoSignalStore


def add_signals_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    signals = commands.add_parser("redaction-signals", help="print what people said of the redaction as JSON Lines")
    signals.add_argument("--from", dest="first", metavar="DAY", type=_day, help="YYYY-MM-DD; else 400 days back")
    signals.add_argument("--to", dest="last", metavar="DAY", type=_day, help="YYYY-MM-DD; else today")
    signals.add_argument("--data-dir", type=Path)
    signals.set_defaults(command=_print)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _print(settings: Settings, options: argparse.Namespace) -> int:
    async def run() -> None:
        async with open_database(settings, attach=True) as (_, database):
            found = await counted(MongoSignalStore(database), options.first, options.last, datetime.now(UTC).date())
        for item in found:
            print(signal_out(item).model_dump_json())

    uvloop.run(run())
    return 0
