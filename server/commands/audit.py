"""`amanah audit ...`: what operators and auditors do with the trail. A server may run on the same store meanwhile."""

import argparse
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import BinaryIO, TypeAlias

import orjson
import uvloop

from server.audit.checkpoints import TrailContradicted
from server.audit.content import ContentReport, TextKind
from server.audit.export import export, prove_entry, prove_growth
from server.audit.model import VerificationReport
from server.audit.note import moment
from server.audit.parts import AuditParts
from server.commands.upkeep import open_audit
from server.config import Settings

_ACTOR = "command_line"
_PRIVATE_FILE = 0o600
_NAMED = 20

Work: TypeAlias = Callable[[AuditParts, Sequence[TextKind], argparse.Namespace], Awaitable[int]]


def add_audit_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    audit = commands.add_parser("audit", help="the audit trail").add_subparsers(required=True, metavar="ACTION")

    verifying = _command(audit, "verify", "check the whole trail", _verify)
    verifying.add_argument("--content", action="store_true", help="check the stored texts against it too")

    _command(audit, "key", "print the public key, for whoever checks the trail from outside", _key)

    signing = _command(audit, "checkpoint", "sign the trail as it is, and give the checkpoint out", _checkpoint)
    signing.add_argument("file", metavar="FILE", type=Path, nargs="?", help="a new file; printed otherwise")

    exporting = _command(audit, "export", "write all lines of the trail, for deploy/verify_audit.py", _export)
    exporting.add_argument("file", metavar="FILE", type=Path, help="a new file")

    proving = _command(audit, "prove", "print a proof that is checked without the export", _prove)
    what = proving.add_mutually_exclusive_group(required=True)
    what.add_argument("entry", metavar="ENTRY", type=int, nargs="?", help="number of an entry: that it is in the trail")
    what.add_argument("--from", dest="earlier", metavar="SIZE", type=int, help="that a checkpoint's trail only grew")
    proving.add_argument("--to", dest="later", metavar="SIZE", type=int, help="up to this checkpoint; else the newest")

    cutting = _command(audit, "cut", "remove what is older than AMANAH_AUDIT_DAYS; the server does it daily", _cut)
    cutting.add_argument("--dry-run", action="store_true", help="only say what would be removed")

    hold = audit.add_parser("hold", help="legal holds").add_subparsers(required=True, metavar="ACTION")
    _command(hold, "list", "show all", _hold_list)
    setting = _command(hold, "set", "begin one: nothing is cut while it stands", _hold_set)
    setting.add_argument("reason", metavar="REASON", help="a code, like court_order; no names")
    releasing = _command(hold, "release", "end one", _hold_release)
    releasing.add_argument("number", metavar="NUMBER", type=int)


def _command(
    group: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, about: str, work: Work
) -> argparse.ArgumentParser:
    def command(settings: Settings, options: argparse.Namespace) -> int:
        async def run() -> int:
            async with open_audit(settings) as (parts, texts):
                return await work(parts, texts, options)

        try:
            return int(uvloop.run(run()))
        except TrailContradicted as contradiction:
            print(f"amanah: {contradiction.why}; see `amanah audit verify`", file=sys.stderr)
            return 1

    parser = group.add_parser(name, help=about)
    parser.add_argument("--data-dir", type=Path)
    parser.set_defaults(command=command)
    return parser


async def _verify(parts: AuditParts, texts: Sequence[TextKind], options: argparse.Namespace) -> int:
    content: ContentReport | None = None
    if options.content:
        report, content = await parts.verify_content(texts)
    else:
        report = await parts.verify()
    ok = _print_report(report)
    if content is not None and report.ok:
        ok = _print_content(content)
    return 0 if ok else 1


def _print_report(report: VerificationReport) -> bool:
    if not report.ok:
        print(f"broken at {report.first_broken}: {report.reason}", file=sys.stderr)
        return False
    entries, blocks = report.entries - report.removed_entries, report.blocks - report.removed_blocks
    print(f"ok: {entries} entries in {blocks} blocks")
    if report.removed_entries:
        print(f"entries 1 to {report.removed_entries} were removed under the retention rule; what is left of them fits")
    if report.checkpoints:
        print(f"{report.checkpoints} signed checkpoints fit")
    return True


def _print_content(content: ContentReport) -> bool:
    for ids, what in (
        (content.changed, "changed since it was audited"),
        (content.missing, "in the trail, but not in the store"),
        (content.untold, "in the store, but not in the trail"),
    ):
        for identity in ids[:_NAMED]:
            print(f"{identity}: {what}", file=sys.stderr)
        if len(ids) > _NAMED:
            print(f"and {len(ids) - _NAMED} more: {what}", file=sys.stderr)
    if content.ok:
        print(f"content: {content.checked} texts fit; {content.unsealed} entries are older than digests")
        if content.doubtful:
            print(f"{content.doubtful} entries tell of what a crash left, which nobody saw being done")
    return content.ok


async def _key(parts: AuditParts, _texts: Sequence[TextKind], _options: argparse.Namespace) -> int:
    print(parts.checkpoints.signer.described)
    return 0


async def _checkpoint(parts: AuditParts, _texts: Sequence[TextKind], options: argparse.Namespace) -> int:
    made = await parts.checkpoints.make()
    if made is None:
        print("amanah: the trail is empty", file=sys.stderr)
        return 1
    if options.file is None:
        print(made.note, end="")
        return 0
    with _new_file(options.file) as file:
        file.write(made.note.encode())
    print(f"{options.file}: a checkpoint of {made.size} blocks")
    return 0


async def _export(parts: AuditParts, _texts: Sequence[TextKind], options: argparse.Namespace) -> int:
    lines = await _written(options.file, export(parts.store, parts.checkpoints.signer.origin))
    print(f"{options.file}: {lines} lines; ids and counts, no content")
    return 0


async def _written(path: Path, lines: AsyncIterator[bytes]) -> int:
    count = 0
    with _new_file(path) as file:
        async for line in lines:
            file.write(line)
            count += 1
    return count


async def _prove(parts: AuditParts, _texts: Sequence[TextKind], options: argparse.Namespace) -> int:
    signer = parts.checkpoints.signer
    if options.entry is not None:
        proof = await prove_entry(parts.store, signer, options.entry)
    else:
        proof = await prove_growth(parts.store, signer, options.earlier, options.later)
    print(orjson.dumps(dict(proof), option=orjson.OPT_INDENT_2).decode())
    return 0


async def _cut(parts: AuditParts, _texts: Sequence[TextKind], options: argparse.Namespace) -> int:
    plan = await parts.retention.plan()
    if plan.holds:
        print(f"legal hold {', '.join(map(str, plan.holds))} stands: nothing is cut")
        return 0
    if not plan.has_effect:
        print("nothing is old enough to be cut")
        return 0
    if options.dry_run:
        print(
            f"entries {plan.first_entry} to {plan.last_entry} (blocks {plan.first} to {plan.last}) would be removed; "
            "one hash a block and a signed record would be kept"
        )
        return 0
    for cut in await parts.retention.cut():
        print(f"blocks {cut.first} to {cut.through} were removed, up to entry {cut.entries}")
    await parts.checkpoints.make()
    return 0


async def _hold_list(parts: AuditParts, _texts: Sequence[TextKind], _options: argparse.Namespace) -> int:
    for hold in await parts.retention.holds():
        ended = "stands" if hold.released_at is None else f"released {moment(hold.released_at)}"
        print(f"{hold.number}  {hold.reason}  set {moment(hold.set_at)}  {ended}")
    return 0


async def _hold_set(parts: AuditParts, _texts: Sequence[TextKind], options: argparse.Namespace) -> int:
    hold = await parts.retention.set_hold(options.reason, _ACTOR)
    print(f"legal hold {hold.number} stands: nothing is cut until it is released")
    return 0


async def _hold_release(parts: AuditParts, _texts: Sequence[TextKind], options: argparse.Namespace) -> int:
    hold = await parts.retention.release_hold(options.number, _ACTOR)
    print(f"legal hold {hold.number} was released")
    return 0


def _new_file(path: Path) -> BinaryIO:
    """A private file that was not there before."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE_FILE), "wb")
