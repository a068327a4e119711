"""The `amanah` command line."""

import argparse
import asyncio
import os
import resource
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import uvloop

from nlp.errors import RedactorUnavailable
from nlp.workerlink import ONE_THREAD
from server.app import serve
from server.commands.audit import add_audit_commands
from server.commands.faults import add_faults_command
from server.commands.forum_import import add_import_command
from server.commands.retention import add_retention_command
from server.commands.signals import add_signals_command
from server.commands.triage import add_triage_command
from server.commands.upkeep import (
    back_up_to,
    forget_key,
    list_keys,
    open_accounts,
    open_factors,
    restore_from,
    rotate_keys,
    verify_backup,
)
from server.composition.keys import key_source
from server.config import Settings, SettingsError
from server.demo.filling import fill
from server.factors.service import SYSTEM
from server.kernel.actor import Role
from server.kernel.errors import DomainError, NotFound
from server.keyring import KeyringError
from server.logs import configure
from server.notify.smtp import MailSettingsError
from server.open_files import allow_connections
from server.policy.versions import PolicyRefused
from server.storage.backup import total
from server.storage.directory import require_own
from server.storage.errors import StorageError
from server.web.binding import AddressUnusable
from server.web.pages import ClientNotBuilt


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; give the exit status. Expected failures are one line on standard error."""
    options = _parser().parse_args(arguments)
    # A core dump would hold raw text and keys. Children inherit it.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        settings = Settings.from_environment(
            host=getattr(options, "host", None),
            port=getattr(options, "port", None),
            data_dir=getattr(options, "data_dir", None),
        )
        configure(settings.log_level)
        # What is started from here has no use for it.
        os.environ.pop("AMANAH_MASTER_KEY", None)
        if options.command not in {_config, _redact}:
            require_own(settings.data_dir)
        return int(options.command(settings, options))
    except PolicyRefused as error:
        print(f"amanah: the privacy policy can't be used (AMANAH_POLICY): {error}", file=sys.stderr)
    except (SettingsError, MailSettingsError, KeyringError, StorageError, ClientNotBuilt, AddressUnusable) as error:
        print(f"amanah: {error}", file=sys.stderr)
    except RedactorUnavailable:
        print(
            "amanah: the redactor did not start: is there memory for it, and is all of nlp/model there?",
            file=sys.stderr,
        )
    except OSError as error:
        print(f"amanah: {_unusable(error, settings.data_dir)}", file=sys.stderr)
    except DomainError as error:
        reasons = ", ".join(f"{name} {reason}" for name, reason in error.fields.items())
        print(f"amanah: {error.code}{': ' + reasons if reasons else ''}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def _unusable(error: OSError, data_dir: Path) -> str:
    """Say which file or folder can't be used, and by which setting another is taken."""
    if not error.filename:
        return str(error)
    path = Path(os.fsdecode(error.filename))
    where = f" (in AMANAH_DATA_DIR={data_dir})" if path.absolute().is_relative_to(data_dir.absolute()) else ""
    return f"{error.strerror}: {path}{where}"


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    async def run() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        await serve(settings, stopped, demo=fill if options.demo else None)

    allow_connections()
    uvloop.run(run())
    return 0


def _redact(_settings: Settings, _options: argparse.Namespace) -> NoReturn:
    """Become the filter: with one thread for small matrices, which must be said before the process begins."""
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-m", "nlp.filter"], {**os.environ, **ONE_THREAD})


def _user_create(settings: Settings, options: argparse.Namespace) -> int:
    password = sys.stdin.readline().rstrip("\n")

    async def run() -> None:
        async with open_accounts(settings) as accounts:
            account = await accounts.create(
                email=options.email,
                password=password,
                display_name=options.display_name,
                locale=settings.default_locale,
                role=Role(options.role),
            )
            print(account.id)

    uvloop.run(run())
    return 0


def _user_reset_factors(settings: Settings, options: argparse.Namespace) -> int:
    async def run() -> None:
        async with open_factors(settings) as (accounts, factors):
            account = await accounts.find_by_email(options.email)
            if account is None:
                raise NotFound
            await factors.reset(SYSTEM, account.id)

    uvloop.run(run())
    return 0


def _user_vouch(settings: Settings, options: argparse.Namespace) -> int:
    async def run() -> None:
        async with open_accounts(settings) as accounts:
            account = await accounts.find_by_email(options.email)
            if account is None:
                raise NotFound
            await accounts.vouch(SYSTEM, account.id)

    uvloop.run(run())
    return 0


def _backup(settings: Settings, options: argparse.Namespace) -> int:
    *word, file = options.file
    if word:
        if word != ["verify"]:
            print("amanah: `backup FILE` or `backup verify FILE`", file=sys.stderr)
            return 2
        found = uvloop.run(verify_backup(settings, Path(file)))
        print(f"{file} is whole: {total(found.counts)}, made {found.at:%Y-%m-%d %H:%M} UTC by version {found.version}")
        return 0
    counts = uvloop.run(back_up_to(settings, Path(file)))
    kept = key_source(settings, make=False).name
    print(f"backed up {total(counts)} to {file}; keep the master key ({kept}) apart from it")
    return 0


def _restore(settings: Settings, options: argparse.Namespace) -> int:
    counts, report = uvloop.run(restore_from(settings, options.file))
    print(f"restored {total(counts)}; audit trail: {report.entries} entries in {report.blocks} blocks")
    if report.ok:
        return 0
    print(f"the audit trail in the archive is broken at {report.first_broken}: {report.reason}", file=sys.stderr)
    return 1


def _keys_list(settings: Settings, _options: argparse.Namespace) -> int:
    found = uvloop.run(list_keys(settings))
    print(f"master keys in {key_source(settings, make=False).name}; {found.destroyed} people's keys were destroyed")
    for row in found.rows:
        since = f"{row.first_used_at:%Y-%m-%d %H:%M} UTC" if row.first_used_at else "not used yet"
        unfinished = "" if row.settled or row.state != "current" else "; `amanah keys rotate` has work to do"
        wraps = f"{row.persons} people's keys{' and the root key' if row.root else ''}"
        print(f"{row.id}  {row.state:<7}  {since:<20}  wraps {wraps}{unfinished}")
    return 1 if any(row.state == "missing" for row in found.rows) else 0


def _keys_rotate(settings: Settings, _options: argparse.Namespace) -> int:
    done = uvloop.run(rotate_keys(settings))
    what = "finished the rotation to" if done.resumed else "rotated to"
    kept = key_source(settings, make=False).name
    print(f"{what} master key {done.key_id}; {done.rewrapped} keys wrapped anew; copy {kept} to its safe place now")
    return 0


def _keys_forget(settings: Settings, options: argparse.Namespace) -> int:
    uvloop.run(forget_key(settings, options.id))
    print(f"forgot master key {options.id}; archives made under it open no more, but with a copy of it kept elsewhere")
    return 0


def _config(settings: Settings, _options: argparse.Namespace) -> int:
    for name, value, default, about in settings.described():
        print(f"{name}={value}\n    {about} Default: {default or '(empty)'}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="amanah", description="Support chat that hides personal data before storing it"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serving = commands.add_parser("serve", help="run everything")
    serving.add_argument("--host")
    serving.add_argument("--port", type=int)
    serving.add_argument("--data-dir", type=Path)
    serving.add_argument("--demo", action="store_true", help="fill an empty store with invented data")
    serving.set_defaults(command=_serve)

    redacting = commands.add_parser("redact", help="filter JSON Lines {id, text}")
    redacting.set_defaults(command=_redact)

    user = commands.add_parser("user", help="accounts").add_subparsers(required=True, metavar="ACTION")
    creating = user.add_parser("create", help="make an account; the password is read from standard input")
    creating.add_argument("--email", required=True)
    creating.add_argument("--role", required=True, choices=[role.value for role in Role if role is not Role.VISITOR])
    creating.add_argument("--display-name", required=True)
    creating.add_argument("--password-stdin", action="store_true", required=True)
    creating.add_argument("--data-dir", type=Path)
    creating.set_defaults(command=_user_create)
    vouching = user.add_parser("vouch", help="say that an address is its holder's, where it was changed without mail")
    vouching.add_argument("--email", required=True)
    vouching.add_argument("--data-dir", type=Path)
    vouching.set_defaults(command=_user_vouch)
    resetting = user.add_parser("reset-factors", help="take away all second factors of somebody who has lost them")
    resetting.add_argument("--email", required=True)
    resetting.add_argument("--data-dir", type=Path)
    resetting.set_defaults(command=_user_reset_factors)

    add_audit_commands(commands)
    add_signals_command(commands)
    add_faults_command(commands)
    add_import_command(commands)
    add_triage_command(commands)
    add_retention_command(commands)

    backing = commands.add_parser(
        "backup", help="write an encrypted archive of everything, or read one from end to end; the server may run"
    )
    backing.add_argument("file", metavar="[verify] FILE", nargs="+")
    backing.add_argument("--data-dir", type=Path)
    backing.set_defaults(command=_backup)

    restoring = commands.add_parser("restore", help="fill an empty store from an archive, after checking all of it")
    restoring.add_argument("file", metavar="FILE", type=Path)
    restoring.add_argument("--data-dir", type=Path)
    restoring.set_defaults(command=_restore)

    keys = commands.add_parser("keys", help="master keys").add_subparsers(required=True, metavar="ACTION")
    listing = keys.add_parser("list", help="which there are, and how much is wrapped with each; never a key")
    listing.add_argument("--data-dir", type=Path)
    listing.set_defaults(command=_keys_list)
    rotating = keys.add_parser("rotate", help="change to a new master key, or finish changing; the server may run")
    rotating.add_argument("--data-dir", type=Path)
    rotating.set_defaults(command=_keys_rotate)
    forgetting = keys.add_parser("forget", help="take an older master key out of the key file, for good")
    forgetting.add_argument("id", metavar="ID")
    forgetting.add_argument("--data-dir", type=Path)
    forgetting.set_defaults(command=_keys_forget)

    configuring = commands.add_parser("config", help="show every setting")
    configuring.set_defaults(command=_config)
    return parser


if __name__ == "__main__":
    sys.exit(main())
