"""Master keys and what is derived from keys. None is ever in the database in the clear, and none is printed.

A master key wraps other keys and nothing else, so that it can be changed. What must outlive such a change (the audit
trail's key, the placeholders', the blind indexes') is derived from the installation's root key, which is random and
kept wrapped: see docs/adr/0008-keys.md. One key a purpose through HKDF-SHA-256 (RFC 5869), so that a key given to one
part opens nothing of another.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_ID_BYTES: Final = 8
_MOST_KEYS: Final = 32
_ROOT: Final = "root"
_HEX: Final = re.compile(r"[0-9a-fA-F]{64}")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{43}=?")


class KeyringError(Exception):
    """A key can't be read or does not fit. Says which file, setting or key id, never what is in it."""


def random_key() -> bytes:
    """Make a key from the system's randomness."""
    return os.urandom(KEY_BYTES)


def encrypt(key: bytes, value: bytes, bound_to: bytes) -> bytes:
    """Encrypt with AES-256-GCM under a random 96-bit nonce (NIST SP 800-38D), which stands before what it gives."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, value, bound_to)


def decrypt(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    """Undo `encrypt`.

    Raises:
        KeyringError: another key, bound to something else, or changed.
    """
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        raise KeyringError("a sealed value does not open with its key") from None


def derive(key: bytes, purpose: str) -> bytes:
    """Give the 32-byte key of a purpose."""
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


class MasterKey:
    """One version of the master key.

    Args:
        material: 32 random bytes.
    """

    def __init__(self, material: bytes) -> None:
        if len(material) != KEY_BYTES:
            raise KeyringError(f"a master key must have {KEY_BYTES} bytes")
        self._material = material
        self._wrapping = derive(material, "wrap")
        self.id: Final = derive(material, "id")[:_ID_BYTES].hex()
        """Computed from the key, so that nobody can number keys wrongly; it says nothing of it and may be shown."""

    def __repr__(self) -> str:
        return f"<MasterKey {self.id}>"

    def wrap(self, key: bytes, context: str) -> bytes:
        """Encrypt another key, bound to what it is for."""
        return encrypt(self._wrapping, key, context.encode())

    def unwrap(self, wrapped: bytes, context: str) -> bytes:
        """Decrypt another key.

        Raises:
            KeyringError: it was wrapped with another master key or for something else, or was changed.
        """
        return decrypt(self._wrapping, wrapped, context.encode())

    def archive_key(self) -> bytes:
        """Give the key of backups: of the master and not of the root, so that old archives die with old masters."""
        return derive(self._material, "backup")

    def as_root(self) -> "Keyring":
        """Give the keys of an installation from before there were root keys: the master key was all there was."""
        return Keyring(self._material)

    def line(self) -> str:
        """Give the key itself, as it stands in a key file."""
        return self._material.hex()


def parse_master_keys(text: str, source: str) -> tuple[MasterKey, ...]:
    """Read master keys: hexadecimal or base64, separated by blanks, commas or lines; `#` begins a comment line.

    Args:
        text: the current key first, then older ones.
        source: where it is from, for the error.

    Raises:
        KeyringError: there is none, too many, or something that is no key.
    """
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    words = [word for line in lines for word in line.replace(",", " ").split()]
    keys = {key.id: key for key in (MasterKey(_material(word, source)) for word in words[: _MOST_KEYS + 1])}
    if not keys or len(keys) > _MOST_KEYS:
        raise KeyringError(f"{source} does not hold a key: 64 hexadecimal digits, or 32 bytes in base64, are expected")
    return tuple(keys.values())


def _material(word: str, source: str) -> bytes:
    try:
        if _HEX.fullmatch(word):
            return bytes.fromhex(word)
        if _BASE64.fullmatch(word):
            return base64.b64decode(word.rstrip("=").translate({0x2D: "+", 0x5F: "/"}) + "=", validate=True)
    except (ValueError, binascii.Error):
        pass
    # `from None` and no word of it: what is nearly a key is nearly a secret.
    raise KeyringError(
        f"{source} does not hold a key: 64 hexadecimal digits, or 32 bytes in base64, are expected"
    ) from None


class Keyring:
    """The lasting keys of an installation, all derived from its root key.

    Args:
        root: 32 random bytes.
    """

    def __init__(self, root: bytes) -> None:
        if len(root) != KEY_BYTES:
            raise KeyringError(f"the root key must have {KEY_BYTES} bytes")
        self._root = root

    def __repr__(self) -> str:
        return "<Keyring>"

    def derive(self, purpose: str) -> bytes:
        """Give the 32-byte key of a purpose, `audit`, `placeholders`, ..."""
        return derive(self._root, purpose)

    def sealer(self, purpose: str) -> "Sealer":
        """Give the sealer of a purpose: for what belongs to nobody. What is a person's goes into the vault."""
        return Sealer(self.derive(f"{purpose}/seal"))

    def index(self, purpose: str) -> "BlindIndex":
        """Give the blind index of a purpose."""
        return BlindIndex(self.derive(f"{purpose}/index"))

    def wrapped(self, master: MasterKey) -> bytes:
        """Give the root key wrapped."""
        return master.wrap(self._root, _ROOT)

    @classmethod
    def unwrap(cls, master: MasterKey, wrapped: bytes) -> "Keyring":
        """Undo `wrapped`.

        Raises:
            KeyringError: it was wrapped with another master key, or was changed.
        """
        return cls(master.unwrap(wrapped, _ROOT))


class BlindIndex:
    """Makes the digests under which a sealed value is looked up: HMAC-SHA-256, so equality can be asked without
    decrypting, and only with the key.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "<BlindIndex>"

    def of(self, value: str) -> str:
        """Give the keyed digest of a value, in hexadecimal."""
        return hmac.new(self._key, value.encode(), hashlib.sha256).hexdigest()


class Sealer:
    """Encrypts single values under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "<Sealer>"

    def seal(self, value: str, context: str) -> bytes:
        """Encrypt a value; `context` (what it is, and of what) is bound to it and must be given again to open it."""
        return encrypt(self._key, value.encode(), context.encode())

    def open(self, sealed: bytes, context: str) -> str:
        """Decrypt a value.

        Raises:
            KeyringError: it was sealed with another key or for another context, or was changed.
        """
        return decrypt(self._key, sealed, context.encode()).decode()
