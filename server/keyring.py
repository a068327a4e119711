"""The master key and what is derived from it. No key is ever in the database, and none is printed.

One key a purpose through HKDF-SHA-256 (RFC 5869), so that a key given to one part opens nothing of another.
"""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES = 32
_NONCE_BYTES = 12


class KeyringError(Exception):
    """The master key can't be read or does not fit. Says which file, never what is in it."""


class Keyring:
    """Keys derived from one master key.

    Args:
        master: 32 random bytes.
    """

    def __init__(self, master: bytes) -> None:
        if len(master) != _KEY_BYTES:
            raise KeyringError(f"the master key must have {_KEY_BYTES} bytes")
        self._master = master

    def __repr__(self) -> str:
        return "<Keyring>"

    @classmethod
    def open(cls, path: Path, *, make: bool = True) -> "Keyring":
        """Read the key file, or make it (mode 0600) where there is none.

        Args:
            path: of the file.
            make: False where only a key that exists already is of use.

        Raises:
            KeyringError: the file is readable by others, has no key in it, or is not there and may not be made.
        """
        if not path.exists():
            if not make:
                raise KeyringError(f"there is no master key at {path}: put the one there that the data was made with")
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(_KEY_BYTES) + "\n")
                file.flush()
                os.fsync(file.fileno())
        if path.stat().st_mode & 0o077:
            raise KeyringError(f"{path} can be read by other users: chmod 600 it")
        try:
            return cls(bytes.fromhex(path.read_text().strip()))
        except ValueError:
            raise KeyringError(f"{path} does not hold a key: 64 hexadecimal digits are expected") from None

    def derive(self, purpose: str) -> bytes:
        """Give the 32-byte key of a purpose, `audit`, `placeholders`, ..."""
        return HKDF(algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=None, info=purpose.encode()).derive(self._master)

    def sealer(self, purpose: str) -> "Sealer":
        """Give the sealer of a purpose."""
        return Sealer(self.derive(f"{purpose}/seal"), self.derive(f"{purpose}/index"))


class Sealer:
    """Encrypts single values and makes blind indexes for looking them up.

    AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D); the index is HMAC-SHA-256, so equality can be asked
    without decrypting, and only with the key.
    """

    def __init__(self, seal_key: bytes, index_key: bytes) -> None:
        self._aead = AESGCM(seal_key)
        self._index_key = index_key

    def __repr__(self) -> str:
        return "<Sealer>"

    def seal(self, value: str, context: str) -> bytes:
        """Encrypt a value; `context` (an account and a field) is bound to it and must be given again to open it."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, value.encode(), context.encode())

    def open(self, sealed: bytes, context: str) -> str:
        """Decrypt a value.

        Raises:
            KeyringError: it was sealed with another key or for another context, or was changed.
        """
        try:
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode()).decode()
        except (InvalidTag, ValueError):
            raise KeyringError("a sealed value does not open with this master key") from None

    def blind_index(self, value: str) -> str:
        """Give the keyed digest under which equal values are found."""
        return hmac.new(self._index_key, value.encode(), hashlib.sha256).hexdigest()
