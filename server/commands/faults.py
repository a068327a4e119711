"""`amanah faults`: what went wrong for a reason of ours, by type and place, for whoever mends it.

A server may run on the same store meanwhile. Prints no text of an exception; there is none to print.
"""

import argparse
from pathlib import Path

import orjson
import uvloop

from server.composition.opening import open_database
from server.config import Settings
from server.telemetry.store import MongoTelemetryStore

_MOST = 200


def add_faults_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    faults = commands.add_parser("faults", help="print reports of faults as JSON Lines: type, place, how often, when")
    faults.add_argument("--data-dir", type=Path)
    faults.set_defaults(command=_print)


def _print(settings: Settings, _: argparse.Namespace) -> int:
    async def run() -> None:
        async with open_database(settings, attach=True) as (_, database):
            found = await MongoTelemetryStore(database).faults(_MOST)
        for report in found:
            line = {
                "fingerprint": report.fault.fingerprint,
                "type": report.fault.type,
                "place": report.fault.place,
                "work": report.fault.work,
                "count": report.count,
                "first_at": report.first_at,
                "last_at": report.last_at,
            }
            print(orjson.dumps(line).decode())

    uvloop.run(run())
    return 0
