"""Master keys as the operator handles them: real commands on a real server, killed, repeated and restored."""

import asyncio
import secrets
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from server.composition.keys import key_source, vault_of
from server.config import Settings
from server.keyring import MasterKey
from server.storage.mongo import Database
from server.vault.masters import Masters
from server.vault.service import Vault
from tests.harness.http import Http
from tests.harness.people import World
from tests.harness.process import PATIENCE_S, Finished, ServerProcess, amanah, eventually, started

_MANY = 300
_PASSWORD = "kuda-nil-bersepeda-9"


def _vault(server: ServerProcess, database: Database) -> Vault:
    settings = Settings(data_dir=server.data_dir)
    return vault_of(database, Masters(key_source(settings, make=False)), settings, lambda: datetime.now(UTC))


async def _user(server: ServerProcess, name: str) -> str:
    """Make an account by the command line; give its address."""
    email = f"{secrets.token_hex(6)}@contoh.example"
    arguments = ("--email", email, "--role", "agent", "--display-name", name, "--password-stdin")
    made = await server.command("user", "create", *arguments, stdin=_PASSWORD.encode())
    assert (made.status, made.errors) == (0, "")
    return email


async def _sign_in(http: Http, email: str) -> str:
    """Sign in; give the name that the server shows."""
    answer = await http.post("/api/v1/sessions", {"email": email, "password": _PASSWORD})
    assert answer.status == 201, answer.body
    return str(answer.data["account"]["display_name"])


async def _use_until(world: World, email: str, stopped: asyncio.Event) -> int:
    """Sign in, make visitors and send messages all the while; give how many messages."""
    person = await world.person(name="Pengguna Tetap")
    room = await person.conversation()
    sent = 0
    while not stopped.is_set():
        assert await _sign_in(world.http, email) == "Rani Dukungan"
        assert (await person.send(room, f"pesan ke {sent}")).status == 201
        assert (await world.http.post("/api/v1/visitors", {})).status == 201
        sent += 1
    assert [message["seq"] for message in await person.messages(room, limit=100)] == list(range(1, min(sent, 100) + 1))
    return sent


async def _wrapped_with(database: Database) -> dict[str, int]:
    counts: dict[str, int] = {}
    async for item in database["person_keys"].find({}):
        counts[item["master_id"]] = counts.get(item["master_id"], 0) + 1
    return counts


async def _rotate_and_kill(server: ServerProcess, database: Database) -> None:
    """Begin a rotation and end it without warning when a part of the keys is wrapped anew."""
    process = await started("keys", "rotate", "--data-dir", str(server.data_dir), settings=server.settings)

    async def is_half_way() -> bool:
        assert process.returncode is None, "the rotation came to its end before it could be killed"
        return len(await _wrapped_with(database)) == 2

    await eventually(is_half_way, "some keys are wrapped anew")
    process.kill()
    await asyncio.wait_for(process.communicate(), PATIENCE_S)


def _environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def _put_away(server: ServerProcess, folder: Path) -> None:
    """Everything but what belongs to keys: the data, the engine's files, the anchors of the trail."""
    folder.mkdir()
    for path in list(server.data_dir.iterdir()):
        if path.name.startswith(("store", "audit")):
            path.rename(folder / path.name)


def _rows(listed: Finished) -> list[list[str]]:
    assert (listed.status, listed.errors) == (0, "")
    return [line.split() for line in listed.output.splitlines()[1:]]


async def test_rotation_beside_a_running_server(tmp_path: Path, browserless: aiohttp.ClientSession) -> None:
    """Killed half-way and repeated while people sign in and write; then the old key is forgotten. Nothing is lost."""
    server = ServerProcess(tmp_path, {"AMANAH_LIMITS": "off"})
    await server.start()
    key_file = server.data_dir / "master.key"
    try:
        async with World(server, browserless) as world:
            email = await _user(server, "Rani Dukungan")
            vault = _vault(server, world.database)
            for number in range(_MANY):
                await vault.make_key(f"filler{number}")
            (old,) = await _wrapped_with(world.database)
            stopped = asyncio.Event()
            using = asyncio.create_task(_use_until(world, email, stopped))
            try:
                await _rotate_and_kill(server, world.database)
                halfway = _rows(await server.command("keys", "list"))
                assert [row[1] for row in halfway] == ["current", "reading"]
                assert halfway[1][0] == old
                again = await server.command("keys", "rotate")
                assert again.status == 0, again.errors
                assert again.output.startswith("finished the rotation to master key " + halfway[0][0])
                forgotten = await server.command("keys", "forget", old)
                assert forgotten.status == 0, forgotten.errors
            finally:
                stopped.set()
                sent = await using
            assert sent > 0
            new = halfway[0][0]
            assert set(await _wrapped_with(world.database)) == {new}
            assert [row[:2] for row in _rows(await server.command("keys", "list"))] == [[new, "current"]]
            assert len(key_file.read_text().split()) == 1
            assert key_file.stat().st_mode & 0o777 == 0o600
            await server.stop()
            await server.start()
            assert await _sign_in(world.http, email) == "Rani Dukungan"
            verified = await server.command("audit", "verify")
            assert verified.status == 0, verified.errors
        shown = server.log() + again.output + forgotten.output
        assert key_file.read_text().strip() not in shown
    finally:
        await server.stop()


async def test_the_erased_stay_erased_in_an_older_backup(tmp_path: Path, browserless: aiohttp.ClientSession) -> None:
    """Restored on the same installation it brings back everything but them; after the master key that it was made under
    is forgotten it opens no more at all.
    """
    server = ServerProcess(tmp_path, {"AMANAH_LIMITS": "off"})
    archive = tmp_path / "before.amanah"
    await server.start()
    try:
        async with World(server, browserless) as world:
            erased, kept = await world.person(name="Yang Dihapus"), await world.person(name="Yang Tinggal")
            backed_up = await server.command("backup", str(archive))
            assert backed_up.status == 0, backed_up.errors
            assert (await erased.get("/me")).data["account"]["display_name"] == "Yang Dihapus"
            await _vault(server, world.database).destroy_key(erased.id)
        await server.stop()
        _put_away(server, tmp_path / "first")
        restored = await server.command("restore", str(archive))
        assert (restored.status, restored.errors) == (0, "")
        await server.start()
        async with World(server, browserless) as world:
            assert (await world.http.get("/api/v1/me", token=kept.token)).data["account"]["display_name"] == kept.name
            assert (await world.http.get("/api/v1/me", token=erased.token)).status == 401, "erased again at the start"
            left = await world.database["person_keys"].find_one({"_id": erased.id})
            assert left is not None
            assert set(left) == {"_id", "place", "destroyed_at"}
        (row,) = _rows(await server.command("keys", "list"))
        for command in (("rotate",), ("forget", row[0])):
            finished = await server.command("keys", *command)
            assert finished.status == 0, finished.errors
        await server.stop()
        _put_away(server, tmp_path / "second")
        refused = await server.command("restore", str(archive))
        assert refused.status == 1
        assert "another master key" in refused.errors
    finally:
        await server.stop()


async def test_the_key_from_a_command_changes_beside_a_running_server(
    tmp_path: Path, browserless: aiohttp.ClientSession
) -> None:
    """As from a key-management service: it gives a new key before the old one, and everything is wrapped with that."""
    keys = tmp_path / "service"
    first, second = MasterKey(secrets.token_bytes(32)), MasterKey(secrets.token_bytes(32))
    keys.write_text(first.line())
    command = shlex.join([sys.executable, "-c", f"print(open({str(keys)!r}).read())"])
    server = ServerProcess(tmp_path, {"AMANAH_LIMITS": "off", "AMANAH_MASTER_KEY_COMMAND": command})
    await server.start()
    try:
        assert not (server.data_dir / "master.key").exists()
        email = await _user(server, "Rani Dukungan")
        idle = await server.command("keys", "rotate")
        assert idle.status == 1
        assert "put a new key before it" in idle.errors
        keys.write_text(f"{second.line()}\n{first.line()}\n")
        rotated = await server.command("keys", "rotate")
        assert (rotated.status, rotated.errors) == (0, "")
        assert second.id in rotated.output
        http = Http(browserless, server.url)
        assert await _sign_in(http, email) == "Rani Dukungan"
        keys.write_text(second.line())
        await server.stop()
        await server.start()
        http = Http(browserless, server.url)
        assert await _sign_in(http, email) == "Rani Dukungan"
        assert first.line() not in server.log()
    finally:
        await server.stop()


async def test_the_key_from_the_environment(tmp_path: Path, browserless: aiohttp.ClientSession) -> None:
    """Nothing that the server starts inherits it, nothing shows it, and another one is refused by name."""
    key, other = MasterKey(secrets.token_bytes(32)), MasterKey(secrets.token_bytes(32))
    server = ServerProcess(tmp_path, {"AMANAH_LIMITS": "off", "AMANAH_MASTER_KEY": key.line()})
    await server.start()
    try:
        email = await _user(server, "Rani Dukungan")
        assert await _sign_in(Http(browserless, server.url), email) == "Rani Dukungan"
        children = server.worker_pids + server.engine_pids
        assert len(children) >= 2
        assert [pid for pid in children if b"AMANAH_MASTER_KEY" in _environment_of(pid)] == []
        assert not (server.data_dir / "master.key").exists()
        shown = await amanah("config", settings=server.settings)
        assert "AMANAH_MASTER_KEY=********" in shown.output
        assert key.line() not in shown.output + server.log()
    finally:
        await server.stop()
    settings = {"AMANAH_MASTER_KEY": other.line()}
    refused = await amanah("keys", "list", "--data-dir", str(server.data_dir), settings=settings)
    assert refused.status == 1
    assert f"{key.id}  missing" in refused.output
    refused = await amanah("keys", "rotate", "--data-dir", str(server.data_dir), settings=settings)
    assert refused.status == 1
    assert f"needs master key {key.id}, which AMANAH_MASTER_KEY does not hold" in refused.errors
    assert other.line() not in refused.output + refused.errors


async def test_a_lost_key_is_not_replaced_by_a_fresh_one(tmp_path: Path) -> None:
    """It would not fit, and the nightly copy of it would replace the one that does. No archive is made under one."""
    server = ServerProcess(tmp_path)
    key_file, kept, archive = server.data_dir / "master.key", tmp_path / "kept.key", tmp_path / "all.amanah"
    await server.start()
    await server.stop()
    key_file.rename(kept)
    for words in (("serve", "--port", "0"), ("user", "vouch", "--email", "a@b.example"), ("audit", "verify")):
        refused = await server.command(*words)
        assert refused.status == 1
        assert "there is no master key at" in refused.errors
        assert not key_file.exists()
    key_file.touch(0o600)
    key_file.write_text(MasterKey(secrets.token_bytes(32)).line())
    refused = await server.command("backup", str(archive))
    assert refused.status == 1
    assert "the data needs master key" in refused.errors
    assert not archive.exists()
    kept.rename(key_file)
    made = await server.command("backup", str(archive))
    assert (made.status, made.errors) == (0, "")


@pytest.mark.parametrize("words", [("audit", "verify"), ("retention", "--dry-run"), ("faults",), ("keys", "list")])
async def test_a_folder_without_data_is_not_found_in_order(tmp_path: Path, words: tuple[str, ...]) -> None:
    """A mistyped folder would be `ok: 0 entries` every day. Nothing is left in it."""
    settings = {"AMANAH_MASTER_KEY": "00" * 32}
    refused = await amanah(*words, "--data-dir", str(tmp_path / "data"), settings=settings)
    assert refused.status == 1
    assert "there is no data in AMANAH_DATA_DIR" in refused.errors
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"AMANAH_MASTER_KEY": "00" * 32, "AMANAH_MASTER_KEY_COMMAND": "true"}, "one place only"),
        ({"AMANAH_MASTER_KEY": "00" * 32, "AMANAH_MASTER_KEY_FILE": "elsewhere"}, "one place only"),
        ({"AMANAH_MASTER_KEY": "rahasia"}, "AMANAH_MASTER_KEY does not hold a key"),
        ({"AMANAH_MASTER_KEY_COMMAND": "false"}, "ended with status 1"),
    ],
)
async def test_a_key_that_cannot_be_had_stops_the_start(tmp_path: Path, settings: dict[str, str], reason: str) -> None:
    """One line that says where it was to come from."""
    finished = await amanah("serve", "--port", "0", "--data-dir", str(tmp_path / "data"), settings=settings)
    assert finished.status == 1
    assert reason in finished.errors
    assert "rahasia" not in finished.errors
    assert not (tmp_path / "data").exists()
