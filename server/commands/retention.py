"""`amanah retention`: what has outlived its rule, as counts. Nothing is removed; a server may run meanwhile."""

import argparse
from pathlib import Path

import uvloop

from server.commands.upkeep import count_old
from server.config import Settings


def add_retention_command(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    retention = commands.add_parser("retention", help="count what has outlived its retention rule")
    retention.add_argument("--dry-run", action="store_true", required=True, help="only count; the server removes")
    retention.add_argument("--data-dir", type=Path)
    retention.set_defaults(command=_count)


def _count(settings: Settings, _options: argparse.Namespace) -> int:
    """Print rule, how many would go and how many are held; 1 where a rule could not be counted."""
    report = uvloop.run(count_old(settings))
    for line in report.lines:
        held = f", {line.held} held" if line.held else ""
        print(f"{line.rule}: {'not counted' if line.failed else f'{line.overdue} would go{held}'}")
    print(f"{report.overdue} would go, {report.held} are held; {len(report.lines)} rules")
    return 1 if report.failed else 0
