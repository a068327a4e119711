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

from nlp.workerlink import ONE_THREAD
from server.app import audit_of, back_up_to, open_accounts, open_database, restore_from, serve
from server.config import Settings, SettingsError
from server.demo import fill
from server.kernel.actor import Role
from server.kernel.errors import DomainError
from server.keyring import Keyring, KeyringError
from server.logs import configure
from server.storage.backup import total
from server.storage.errors import StorageError
from server.web.pages import ClientNotBuilt

_NETWORK = "command line"


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
        return int(options.command(settings, options))
    except (SettingsError, KeyringError, StorageError, ClientNotBuilt, OSError) as error:
        print(f"amanah: {error}", file=sys.stderr)
    except DomainError as error:
        reasons = ", ".join(f"{name} {reason}" for name, reason in error.fields.items())
        print(f"amanah: {error.code}{': ' + reasons if reasons else ''}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def _serve(settings: Settings, options: argparse.Namespace) -> int:
    async def run() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        await serve(settings, stopped, demo=fill if options.demo else None)

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
            account = await accounts.register(
                email=options.email,
                password=password,
                display_name=options.display_name,
                locale=settings.default_locale,
                network=_NETWORK,
                role=Role(options.role),
            )
            print(account.id)

    uvloop.run(run())
    return 0


def _audit_verify(settings: Settings, _options: argparse.Namespace) -> int:
    async def run() -> int:
        async with open_database(settings, attach=True) as (_, database):
            report = await audit_of(database, Keyring.open(settings.key_file), settings).verify()
        if report.ok:
            print(f"ok: {report.entries} entries in {report.blocks} blocks")
            return 0
        print(f"broken at {report.first_broken}: {report.reason}", file=sys.stderr)
        return 1

    return uvloop.run(run())


def _backup(settings: Settings, options: argparse.Namespace) -> int:
    counts = uvloop.run(back_up_to(settings, options.file))
    print(f"backed up {total(counts)} to {options.file}; keep the master key ({settings.key_file}) apart from it")
    return 0


def _restore(settings: Settings, options: argparse.Namespace) -> int:
    counts, report = uvloop.run(restore_from(settings, options.file))
    print(f"restored {total(counts)}; audit trail: {report.entries} entries in {report.blocks} blocks")
    if report.ok:
        return 0
    print(f"the audit trail in the archive is broken at {report.first_broken}: {report.reason}", file=sys.stderr)
    return 1


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

    audit = commands.add_parser("audit", help="the audit trail").add_subparsers(required=True, metavar="ACTION")
    verifying = audit.add_parser("verify", help="check the whole chain")
    verifying.add_argument("--data-dir", type=Path)
    verifying.set_defaults(command=_audit_verify)

    backing = commands.add_parser("backup", help="write an encrypted archive of everything; the server may run")
    backing.add_argument("file", metavar="FILE", type=Path)
    backing.add_argument("--data-dir", type=Path)
    backing.set_defaults(command=_backup)

    restoring = commands.add_parser("restore", help="fill an empty store from an archive, after checking all of it")
    restoring.add_argument("file", metavar="FILE", type=Path)
    restoring.add_argument("--data-dir", type=Path)
    restoring.set_defaults(command=_restore)

    configuring = commands.add_parser("config", help="show every setting")
    configuring.set_defaults(command=_config)
    return parser


if __name__ == "__main__":
    sys.exit(main())
