"""Master keys, what is derived from the root key, and sealed values."""

import base64
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.keyring import Keyring, KeyringError, MasterKey, parse_master_keys

_RING = Keyring(bytes(range(32)))
_SEALER = _RING.sealer("accounts")
_MASTER = MasterKey(bytes(range(32)))

keys = st.binary(min_size=32, max_size=32)


@given(st.lists(keys, min_size=1, max_size=8, unique=True), st.sampled_from([" ", "\n", ",", " ,\n", "\n# old\n"]))
def test_keys_are_read_in_every_writing(materials: list[bytes], between: str) -> None:
    """Hexadecimal and both alphabets of base64, with or without padding; in order, each once."""
    writings = (
        lambda key: key.hex(),
        lambda key: key.hex().upper(),
        lambda key: base64.b64encode(key).decode(),
        lambda key: base64.urlsafe_b64encode(key).decode().rstrip("="),
    )
    words = [writings[number % 4](key) for number, key in enumerate(materials)]
    read = parse_master_keys(between.join([*words, words[0]]) + "\n", "a test")
    assert [key.line() for key in read] == [key.hex() for key in materials]
    assert len({key.id for key in read}) == len(materials)


@pytest.mark.parametrize(
    "text",
    ["", "# only a comment", "zz" * 32, "00" * 31, "00" * 33, "hello", "00" * 32 + " hello", "=" * 44, "é" * 64],
)
def test_what_is_no_key_is_refused_without_being_quoted(text: str) -> None:
    """What is nearly a key is nearly a secret."""
    with pytest.raises(KeyringError) as refused:
        parse_master_keys(text, "the place")
    assert "the place" in str(refused.value)
    assert refused.value.__cause__ is None
    assert all(word not in str(refused.value) for word in text.split() if len(word) > 20)


def test_more_keys_than_anybody_has_are_refused() -> None:
    """Such a file is another file."""
    lines = [secrets.token_hex(32) for _ in range(33)]
    assert len(parse_master_keys("\n".join(lines[:32]), "a test")) == 32
    with pytest.raises(KeyringError):
        parse_master_keys("\n".join(lines), "a test")


@given(keys, keys, keys)
def test_a_wrapped_key_opens_with_its_master_for_its_purpose(one: bytes, other: bytes, inner: bytes) -> None:
    """And in no other way; what is wrapped does not hold the key."""
    master = MasterKey(one)
    wrapped = master.wrap(inner, "person/a")
    assert master.unwrap(wrapped, "person/a") == inner
    assert inner not in wrapped
    assert len(wrapped) == 60
    with pytest.raises(KeyringError):
        master.unwrap(wrapped, "person/b")
    if one != other:
        with pytest.raises(KeyringError):
            MasterKey(other).unwrap(wrapped, "person/a")


def test_no_key_shows_itself() -> None:
    """Neither the master nor a ring nor what comes from them; an id says nothing of its key."""
    for shown in (repr(_MASTER), repr(_RING), repr(_SEALER), repr(_RING.index("accounts"))):
        assert bytes(range(32)).hex()[:12] not in shown
    assert _MASTER.id not in bytes(range(32)).hex()
    assert repr(_MASTER) == f"<MasterKey {_MASTER.id}>"
    with pytest.raises(KeyringError):
        MasterKey(b"short")
    with pytest.raises(KeyringError):
        Keyring(b"short")


def test_purposes_have_keys_of_their_own() -> None:
    """None equals another, the root or the key of archives."""
    derived = {_RING.derive(purpose) for purpose in ("audit", "placeholders", "accounts/seal", "wrap", "id")}
    assert len(derived | {_MASTER.archive_key(), bytes(range(32))}) == 7
    assert {len(key) for key in derived} == {32}


def test_an_older_installation_keeps_its_keys() -> None:
    """Everything was derived from the master key then: as a root it gives the same."""
    assert _MASTER.as_root().derive("audit") == _RING.derive("audit")
    assert _MASTER.archive_key() == _RING.derive("backup")


@given(keys, keys)
def test_a_root_key_survives_its_wrapping(root: bytes, material: bytes) -> None:
    """And opens with its master only."""
    master = MasterKey(material)
    wrapped = Keyring(root).wrapped(master)
    assert Keyring.unwrap(master, wrapped).derive("audit") == Keyring(root).derive("audit")
    with pytest.raises(KeyringError):
        Keyring.unwrap(MasterKey(bytes(32 - len(b"x")) + b"x"), wrapped)


@given(st.text(), st.text(min_size=1))
def test_what_is_sealed_opens_in_its_context_only(value: str, context: str) -> None:
    """With the same key and for the same thing; each sealing looks different."""
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
    index = _RING.index("accounts")
    assert (index.of(one) == index.of(other)) is (one == other)
    assert index.of(one) != _RING.index("notes").of(one)
