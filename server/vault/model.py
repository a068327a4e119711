"""A person's key as it is stored, and the pure rules of sealing with it. Knows no store and no file."""

import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from server.keyring import KeyringError, MasterKey, decrypt, encrypt

_FORMAT: Final = b"\1"
_LENGTH: Final = struct.Struct(">H")


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A person's key, readable with one master key only.

    Attributes:
        account_id: whose.
        master_id: which master key wraps it.
        wrapped: 60 bytes.
        made_at: aware, UTC; also after it was wrapped anew.
    """

    account_id: str
    master_id: str
    wrapped: bytes
    made_at: datetime


@dataclass(frozen=True, slots=True)
class DestroyedKey:
    """What is left of a person's key: that there was one.

    Attributes:
        account_id: whose.
        destroyed_at: aware, UTC.
    """

    account_id: str
    destroyed_at: datetime


@dataclass(frozen=True, slots=True)
class WrappedRoot:
    """The installation's root key, readable with one master key only."""

    master_id: str
    wrapped: bytes
    made_at: datetime


@dataclass(frozen=True, slots=True)
class MasterRecord:
    """What the store remembers of a master key.

    Attributes:
        id: of the key.
        first_used_at: aware, UTC.
        settled: whether everything was wrapped with it when a rotation to it ended. One that is not settled is that of
            a rotation that still has to come to its end.
    """

    id: str
    first_used_at: datetime
    settled: bool


def wrap_person_key(master: MasterKey, account_id: str, key: bytes, made_at: datetime) -> WrappedKey:
    """Wrap a person's key, bound to the person."""
    return WrappedKey(account_id, master.id, master.wrap(key, _context(account_id)), made_at)


def unwrap_person_key(master: MasterKey, record: WrappedKey) -> bytes:
    """Undo `wrap_person_key`.

    Raises:
        KeyringError: it is another person's, another master key's, or was changed.
    """
    return master.unwrap(record.wrapped, _context(record.account_id))


def seal(key: bytes, account_id: str, field: str, value: bytes) -> bytes:
    """Encrypt a value of a person, bound to the person and the field."""
    return _FORMAT + encrypt(key, value, _bound_to(account_id, field))


def unseal(key: bytes, account_id: str, field: str, sealed: bytes) -> bytes:
    """Undo `seal`.

    Raises:
        KeyringError: it is another person's or field's, or was changed.
    """
    if not sealed.startswith(_FORMAT):
        raise KeyringError("a sealed value has a form that this version does not know")
    return decrypt(key, sealed[len(_FORMAT) :], _bound_to(account_id, field))


def _context(account_id: str) -> str:
    return f"person/{account_id}"


def _bound_to(account_id: str, field: str) -> bytes:
    """Injective: the length keeps (`ab`, `c`) and (`a`, `bc`) apart."""
    owner = account_id.encode()
    return _FORMAT + _LENGTH.pack(len(owner)) + owner + field.encode()
