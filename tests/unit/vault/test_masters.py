"""Where master keys come from, and when they are read again."""

import asyncio
import os
import secrets
import shlex
import sys
from pathlib import Path

import pytest

from server.keyring import KeyringError, MasterKey
from server.vault import masters as masters_module
from server.vault.masters import KeyCommand, KeyFile, KeyText, Masters
from tests.harness.keys import key_file

_MARK = "rahasia-yang-tidak-boleh-tampil"


def _printing(text: str, *, then: str = "") -> str:
    return shlex.join([sys.executable, "-c", f"print({text!r}, flush=True)\n{then}"])


def test_a_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    """Mode 0600, with the folders above it, and the same key ever after."""
    path = tmp_path / "new" / "master.key"
    (first,) = key_file(path).read()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [key.id for key in KeyFile(path).read()] == [first.id]
    assert key_file(tmp_path / "other.key").read()[0].id != first.id
    assert sorted(item.name for item in path.parent.iterdir()) == ["master.key"]


def test_no_key_is_made_where_one_is_needed(tmp_path: Path) -> None:
    """An archive sealed with a key that nobody has kept opens for nobody."""
    with pytest.raises(KeyringError, match="no master key"):
        KeyFile(tmp_path / "master.key").read()
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """The refusal names the file, not what is in it."""
    path = tmp_path / "master.key"
    content = key_file(path).read()[0].line()
    path.chmod(0o640)
    with pytest.raises(KeyringError) as refused:
        KeyFile(path).read()
    assert str(path) in str(refused.value)
    assert content not in str(refused.value)


@pytest.mark.parametrize("content", ["", "zz" * 32, "00" * 31, "hello"])
def test_a_file_without_a_key_is_left_alone(tmp_path: Path, content: str) -> None:
    """Nothing is made up in its place: what was sealed would be lost."""
    path = tmp_path / "master.key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KeyringError):
        KeyFile(path).read()
    assert path.read_text() == content


def test_a_new_key_comes_first_and_the_old_stay(tmp_path: Path) -> None:
    """Through a link the file itself is replaced; what is taken out is gone; the current one can't be."""
    path, link = tmp_path / "kept" / "master.key", tmp_path / "master.key"
    (first,) = key_file(path).read()
    link.symlink_to(path)
    file = KeyFile(link)
    second = file.put_first()
    third = file.put_first()
    assert [key.id for key in KeyFile(path).read()] == [third.id, second.id, first.id]
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeyringError):
        file.remove(third.id)
    file.remove(second.id)
    assert [key.id for key in file.read()] == [third.id, first.id]
    assert second.line() not in path.read_text()
    assert [item.name for item in path.parent.iterdir()] == ["master.key"]


def test_keys_come_from_the_environment() -> None:
    """The current one first; the text stays out of what is shown."""
    one, two = secrets.token_hex(32), secrets.token_hex(32)
    source = KeyText(f"{one} {two}", "AMANAH_MASTER_KEY")
    assert [key.line() for key in source.read()] == [one, two]
    assert one not in repr(source)
    assert repr(Masters(source)) == "<Masters 2>"


def test_a_command_gives_keys_without_a_shell(tmp_path: Path) -> None:
    """Its words are what they are: nothing is expanded or chained."""
    key = secrets.token_hex(32)
    assert [found.line() for found in KeyCommand(_printing(key), "K").read()] == [key]
    outside = tmp_path / "made-by-a-shell"
    script = "import sys; print(sys.argv[1])"
    command = f"{shlex.quote(sys.executable)} -c {shlex.quote(script)} {key} ; touch {outside} $HOME"
    assert [found.line() for found in KeyCommand(command, "K").read()] == [key]
    assert not outside.exists()


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (_printing(_MARK), "does not hold a key"),
        (_printing(_MARK, then="raise SystemExit(3)"), "status 3"),
        (shlex.join([sys.executable, "-c", f"import sys; sys.exit({_MARK!r})"]), "status 1"),
        (shlex.join([sys.executable, "-c", f"while True: print({_MARK!r})"]), "more than keys"),
        (f"/nowhere/{_MARK}", "can't be started"),
        ("'", "not a command"),
        ("", "not a command"),
    ],
)
def test_a_failing_command_is_told_without_its_words(
    command: str, reason: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither what it printed nor how it was called: both may hold secrets."""
    with pytest.raises(KeyringError, match=reason) as failed:
        KeyCommand(command, "AMANAH_MASTER_KEY_COMMAND").read()
    assert _MARK not in str(failed.value)
    assert failed.value.__cause__ is None
    printed = capfd.readouterr()
    assert _MARK not in printed.out + printed.err


def test_a_command_that_does_not_end_is_ended(tmp_path: Path) -> None:
    """With what it started, whether it is silent or has closed its output already."""
    pid_file = tmp_path / "pid"
    # What sleeps is the command: far longer than the patience below, so that only being ended can end it in time.
    for begin in ("", "import os; os.close(1); os.close(2)\n"):
        script = (
            f"{begin}import os, pathlib, time\n"
            f"pathlib.Path({str(pid_file)!r}).write_text(str(os.getpid()))\n"
            "time.sleep(600)"
        )
        command = shlex.join([sys.executable, "-c", script])
        with pytest.raises(KeyringError, match="did not end"):
            KeyCommand(command, "K", patience_s=2.0).read()
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid_file.read_text()), 0)


async def test_a_changed_file_is_seen_at_once(tmp_path: Path) -> None:
    """The next key is wrapped with the new one, and what was wrapped with it before opens."""
    path = tmp_path / "master.key"
    masters = Masters(key_file(path))
    first = await masters.current()
    second = KeyFile(path).put_first()
    assert (await masters.get(second.id)).id == second.id
    third = KeyFile(path).put_first()
    assert (await masters.current()).id == third.id
    assert (await masters.get(first.id)).line() == first.line()


async def test_a_file_that_goes_bad_takes_nothing_away(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A running server goes on with what it knows, says so, and quotes nothing."""
    path = tmp_path / "master.key"
    masters = Masters(key_file(path))
    first = await masters.current()
    path.write_text(_MARK)
    assert (await masters.current()).id == first.id
    path.unlink()
    assert (await masters.current()).id == first.id
    assert "can't be read again" in caplog.text
    assert _MARK not in caplog.text


async def test_an_unknown_key_is_named_and_looked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command is asked again, but not for each of many records."""
    current, fresh = MasterKey(secrets.token_bytes(32)), MasterKey(secrets.token_bytes(32))
    runs, keys = tmp_path / "runs", tmp_path / "keys"
    keys.write_text(current.line())
    script = (
        f"import pathlib; pathlib.Path({str(runs)!r}).open('a').write('x');"
        f"print(pathlib.Path({str(keys)!r}).read_text())"
    )
    masters = Masters(KeyCommand(shlex.join([sys.executable, "-c", script]), "K"))
    keys.write_text(f"{fresh.line()} {current.line()}")
    found = await asyncio.gather(*(masters.get(fresh.id) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(item, KeyringError) for item in found)
    assert runs.read_text() == "x"
    monkeypatch.setattr(masters_module, "_PAUSE_SECONDS", 0.0)
    found = await asyncio.gather(*(masters.get(fresh.id) for _ in range(5)))
    assert {item.id for item in found} == {fresh.id}
    assert runs.read_text() == "xx"
    with pytest.raises(KeyringError, match="ffff"):
        await masters.get("ffff")
