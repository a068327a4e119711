"""The master key, what is derived from it, and sealed values."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.keyring import Keyring, KeyringError

_RING = Keyring(bytes(range(32)))
_SEALER = _RING.sealer("accounts")


def test_a_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    """Mode 0600, and the same key ever after."""
    path = tmp_path / "new" / "master.key"
    first = Keyring.open(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Keyring.open(path).derive("audit") == first.derive("audit")
    assert Keyring.open(tmp_path / "other.key").derive("audit") != first.derive("audit")


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """The refusal names the file, not what is in it."""
    path = tmp_path / "master.key"
    Keyring.open(path)
    content = path.read_text().strip()
    path.chmod(0o640)
    with pytest.raises(KeyringError) as refused:
        Keyring.open(path)
    assert str(path) in str(refused.value)
    assert content not in str(refused.value)


@pytest.mark.parametrize("content", ["", "zz" * 32, "00" * 31, "00" * 33, "hello"])
def test_a_file_without_a_key_is_refused(tmp_path: Path, content: str) -> None:
    """Nothing is made up in its place: what was sealed would be lost."""
    path = tmp_path / "master.key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KeyringError):
        Keyring.open(path)
    assert path.read_text() == content


def test_purposes_have_keys_of_their_own() -> None:
    """None equals another or the master, and a ring shows none."""
    keys = {_RING.derive(purpose) for purpose in ("audit", "placeholders", "accounts/seal", "accounts/index")}
    assert len(keys) == 4
    assert bytes(range(32)) not in keys
    assert {len(key) for key in keys} == {32}
    assert repr(_RING) == "<Keyring>"
    assert repr(_SEALER) == "<Sealer>"


@given(st.text(), st.text(min_size=1))
def test_what_is_sealed_opens_in_its_context_only(value: str, context: str) -> None:
    """With the same key and for the same account; each sealing looks different."""
    sealed = _SEALER.seal(value, context)
    assert _SEALER.open(sealed, context) == value
    assert sealed != _SEALER.seal(value, context)
    if len(value) > 3:
        assert value.encode() not in sealed
    for sealer, other in ((_SEALER, context + "x"), (_RING.sealer("notes"), context)):
        with pytest.raises(KeyringError):
            sealer.open(sealed, other)


@given(st.binary(max_size=60))
def test_made_up_seals_do_not_open(sealed: bytes) -> None:
    """Whatever their length."""
    with pytest.raises(KeyringError):
        _SEALER.open(sealed, "a")


@given(st.text(), st.text())
def test_blind_indexes_are_equal_for_equal_values(one: str, other: str) -> None:
    """And only with the same key."""
    assert (_SEALER.blind_index(one) == _SEALER.blind_index(other)) is (one == other)
    assert _SEALER.blind_index(one) != _RING.sealer("notes").blind_index(one)
