"""Sealing under a person's key: what it is bound to. The list of the erased. Private files."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.keyring import KeyringError, MasterKey
from server.private_files import create_private, held, replace_private
from server.vault.erased import ErasedFile
from server.vault.model import WrappedKey, seal, unseal, unwrap_person_key, wrap_person_key

keys = st.binary(min_size=32, max_size=32)
ids = st.text(min_size=1, max_size=30)
_NOW = datetime(2026, 11, 22, tzinfo=UTC)


@given(keys, ids, st.text(max_size=40), st.binary(max_size=200))
def test_a_value_opens_again(key: bytes, owner: str, field: str, value: bytes) -> None:
    """Whatever it is, and each sealing looks different."""
    sealed = seal(key, owner, field, value)
    assert unseal(key, owner, field, sealed) == value
    assert sealed != seal(key, owner, field, value)
    assert len(value) < 4 or value not in sealed


@given(keys, keys, st.tuples(ids, st.text(max_size=40)), st.tuples(ids, st.text(max_size=40)), st.binary(max_size=60))
def test_a_value_opens_for_its_person_and_field_only(
    key: bytes, other_key: bytes, place: tuple[str, str], other: tuple[str, str], value: bytes
) -> None:
    """Not with another's key, not for another person or field, not for a pair that only reads alike when joined."""
    sealed = seal(key, *place, value)
    wrong = [
        (other_key, *place),
        (key, *other),
        (key, place[0] + place[1][:1], place[1][1:]),
        (key, place[1], place[0]),
    ]
    for attempt in wrong:
        if attempt != (key, *place):
            with pytest.raises(KeyringError):
                unseal(*attempt, sealed)


@given(keys, st.binary(min_size=1, max_size=60), st.data())
def test_no_bit_can_be_changed(key: bytes, value: bytes, data: st.DataObject) -> None:
    """Nor the end cut off, nor anything made up."""
    sealed = seal(key, "a", "f", value)
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    changed = bytearray(sealed)
    changed[bit // 8] ^= 1 << bit % 8
    cut = data.draw(st.integers(0, len(sealed) - 1))
    for wrong in (bytes(changed), sealed[:cut], sealed + b"\0", data.draw(st.binary(max_size=60))):
        with pytest.raises(KeyringError):
            unseal(key, "a", "f", wrong)


@given(keys, ids, ids)
def test_a_wrapped_key_is_its_persons(key: bytes, owner: str, other: str) -> None:
    """Moved to another account it does not open: what is sealed there stays with whom it belongs to."""
    master = MasterKey(bytes(32))
    record = wrap_person_key(master, owner, key, _NOW)
    assert unwrap_person_key(master, record) == key
    assert record.master_id == master.id
    if other != owner:
        with pytest.raises(KeyringError):
            unwrap_person_key(master, WrappedKey(other, record.master_id, record.wrapped, _NOW))


def test_the_list_of_the_erased_grows(tmp_path: Path) -> None:
    """In order, privately; a line that a crash cut off is none, and hurts none that comes after it."""
    path = tmp_path / "data" / "erased.ids"
    file = ErasedFile(path)
    assert file.ids() == []
    file.add("a1")
    file.add("a2")
    assert file.ids() == ["a1", "a2"]
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open("a") as torn:
        torn.write("a")
    assert file.ids() == ["a1", "a2"]
    file.add("a3")
    assert ErasedFile(path).ids() == ["a1", "a2", "a", "a3"]


async def test_one_of_many_makes_a_file(tmp_path: Path) -> None:
    """And all see the whole of it; nothing is left beside it."""
    path = tmp_path / "new" / "key"
    made = await asyncio.gather(*(asyncio.to_thread(create_private, path, b"%d" % number * 500) for number in range(8)))
    assert made.count(True) == 1
    assert path.read_bytes() == b"%d" % made.index(True) * 500
    replace_private(path, b"other")
    assert path.read_bytes() == b"other"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [item.name for item in path.parent.iterdir()] == ["key"]


def test_a_file_that_cannot_be_replaced_stays(tmp_path: Path) -> None:
    """And no piece of the new one lies about."""
    (tmp_path / "key").mkdir()
    with pytest.raises(OSError, match="key"):
        replace_private(tmp_path / "key", b"new")
    assert [item.name for item in tmp_path.iterdir()] == ["key"]


def test_a_lock_is_shared_or_not(tmp_path: Path) -> None:
    """Backups may run together; a change of keys runs alone."""
    path = tmp_path / "data" / "keys.lock"
    with held(path, shared=True) as one, held(path, shared=True) as two, held(path) as changing:
        assert (one, two, changing) == (True, True, False)
    with held(path) as changing, held(path, shared=True) as reading, held(path) as other:
        assert (changing, reading, other) == (True, False, False)
    with held(path) as again:
        assert again
