"""Signed statements that a person keeps: a receipt for a choice, a permission. Anybody can check one by the public key.

The form is that of the trail's checkpoints (`audit.note`; C2SP signed note): a line with the name of the key, one line
of JSON with what is stated, an empty line, and a line with the signature. Must not know what is stated, nor sign for
the trail: each name has a key of its own.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any, Final

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_ED25519: Final = b"\x01"
_ID_BYTES: Final = 4
_DASH: Final = "— "


class StatementInvalid(Exception):
    """A statement is not of the expected form or not signed with the key. Holds nothing of it."""


class Statements:
    """Signs and opens statements of one kind.

    Args:
        seed: 32 secret bytes, for nothing else.
        name: what is signed, `receipts`.
    """

    def __init__(self, seed: bytes, name: str) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._private.public_key().public_bytes_raw()
        self.origin = f"amanah/{name}/{hashlib.sha256(self.public).hexdigest()[:16]}"
        """Name of the key. Comes from the key, so that two servers never share it."""
        self._id = hashlib.sha256(self.origin.encode() + b"\n" + _ED25519 + self.public).digest()[:_ID_BYTES]

    def __repr__(self) -> str:
        return f"<Statements {self.origin}>"

    @property
    def described(self) -> str:
        """The public key as one word (C2SP's verifier key)."""
        return f"{self.origin}+{self._id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    def sign(self, stated: Mapping[str, Any]) -> str:
        """Sign what JSON can say; keys are sorted, so that the same always gives the same."""
        text = f"{self.origin}\n{canonical(stated).decode()}\n"
        sealed = base64.b64encode(self._id + self._private.sign(text.encode())).decode()
        return f"{text}\n{_DASH}{self.origin} {sealed}\n"

    def open(self, note: str) -> dict[str, Any]:
        """Give what is stated.

        Raises:
            StatementInvalid: it is no statement, or not signed with this key.
        """
        text, empty, signed = note.partition("\n\n")
        text += "\n"
        origin, _, stated = text.partition("\n")
        name, _, encoded = signed.removeprefix(_DASH).rstrip("\n").partition(" ")
        if not empty or not signed.startswith(_DASH) or not name == origin == self.origin:
            raise StatementInvalid("not a statement of this key")
        try:
            sealed = base64.b64decode(encoded, validate=True)
            if sealed[:_ID_BYTES] != self._id:
                raise StatementInvalid("signed with another key")
            self._private.public_key().verify(sealed[_ID_BYTES:], text.encode("utf-8", "surrogatepass"))
            found = orjson.loads(stated)
        except (binascii.Error, ValueError, InvalidSignature):
            raise StatementInvalid("the signature does not fit") from None
        if not isinstance(found, dict):
            raise StatementInvalid("nothing is stated")
        return found


def canonical(stated: Any) -> bytes:
    """Give JSON in the one form that is signed and digested: UTF-8, keys sorted, no spaces."""
    return orjson.dumps(stated, option=orjson.OPT_SORT_KEYS)


def digest(stated: Any) -> str:
    """Give the SHA-256 of what JSON can say, in hexadecimal."""
    return hashlib.sha256(canonical(stated)).hexdigest()
