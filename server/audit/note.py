"""Signed statements about the trail that anybody can check with the public key: checkpoints and cuts. Pure.

The form is the signed note of C2SP (c2sp.org/signed-note, c2sp.org/tlog-checkpoint): lines of text, an empty line, then
a line with the key's name and, in Base64, four bytes of the key's id and the Ed25519 signature over the text. A
checkpoint's lines: origin, number of blocks, root in Base64, `entries N`, `time T`. A cut's lines: origin with `/cut`
behind it, number of blocks up to its border, root of the tree there, `blocks A-B`, `entries A-B`, `reason R`, `time T`.
Neither holds an id of anybody. What is signed is never anything else.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519: Final = b"\x01"
_ID_BYTES: Final = 4
_DASH: Final = "— "
_ROOT: Final = r"(?P<root>[A-Za-z0-9+/]{43}=)"
_CHECKPOINT: Final = re.compile(
    rf"(?P<origin>\S+)\n(?P<size>\d+)\n{_ROOT}\nentries (?P<entries>\d+)\ntime (?P<time>\S+)\n",
    re.ASCII,
)
_CUT: Final = re.compile(
    rf"(?P<origin>\S+)/cut\n(?P<size>\d+)\n{_ROOT}\nblocks (?P<first>\d+)-(?P<through>\d+)\n"
    r"entries (?P<first_entry>\d+)-(?P<entries>\d+)\nreason (?P<reason>[a-z_]{1,32})\ntime (?P<time>\S+)\n",
    re.ASCII,
)


class NoteInvalid(Exception):
    """A note is not of the expected form or not signed with the key. Holds nothing of it."""


@dataclass(frozen=True, slots=True)
class TreeHead:
    """What a checkpoint says.

    Attributes:
        size: how many blocks the trail had.
        root: of the tree over them, 32 bytes.
        entries: how many entries it had.
        at: when, whole milliseconds since 1970.
    """

    size: int
    root: bytes
    entries: int
    at: int


@dataclass(frozen=True, slots=True)
class Removal:
    """What a cut says: which blocks were taken away, and what the tree was up to there.

    Attributes:
        size: number of the last block taken away.
        root: of the tree over all blocks up to it, 32 bytes.
        first: number of the first block taken away.
        first_entry: number of its first entry.
        entries: number of the last entry taken away.
        reason: a code.
        at: when, whole milliseconds since 1970.
    """

    size: int
    root: bytes
    first: int
    first_entry: int
    entries: int
    reason: str
    at: int


class Verifier:
    """Opens notes with the public key."""

    def __init__(self, public: bytes) -> None:
        self._key = Ed25519PublicKey.from_public_bytes(public)
        self.public = public
        self.origin = f"amanah/audit/{hashlib.sha256(public).hexdigest()[:16]}"
        """Name of the log and of its key. Comes from the key, so that two servers never share it."""
        self.key_id = hashlib.sha256(self.origin.encode() + b"\n" + _ED25519 + public).digest()[:_ID_BYTES]

    @property
    def described(self) -> str:
        """The public key as one word, for outsiders (C2SP's verifier key)."""
        return f"{self.origin}+{self.key_id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    def tree_head(self, note: str) -> TreeHead:
        """Open a checkpoint.

        Raises:
            NoteInvalid: it is none, or not signed with this key.
        """
        found = self._open(note, _CHECKPOINT)
        return TreeHead(
            int(found["size"]), base64.b64decode(found["root"]), int(found["entries"]), _milliseconds(found["time"])
        )

    def removal(self, note: str) -> Removal:
        """Open a cut.

        Raises:
            NoteInvalid: it is none, or not signed with this key.
        """
        found = self._open(note, _CUT)
        if found["through"] != found["size"]:
            raise NoteInvalid("the blocks do not end at the size")
        return Removal(
            size=int(found["size"]),
            root=base64.b64decode(found["root"]),
            first=int(found["first"]),
            first_entry=int(found["first_entry"]),
            entries=int(found["entries"]),
            reason=found["reason"],
            at=_milliseconds(found["time"]),
        )

    def _open(self, note: str, form: "re.Pattern[str]") -> dict[str, str]:
        text, empty, signed = note.partition("\n\n")
        text += "\n"
        name, _, encoded = signed.removeprefix(_DASH).rstrip("\n").partition(" ")
        found = form.fullmatch(text)
        if not empty or not signed.startswith(_DASH) or name != self.origin or found is None:
            raise NoteInvalid("not a note of this key")
        if found["origin"] != self.origin or (found["size"] != "0" and found["size"].startswith("0")):
            raise NoteInvalid("not a note of this trail")
        try:
            sealed = base64.b64decode(encoded, validate=True)
            if sealed[:_ID_BYTES] != self.key_id or _encoded(sealed) != encoded:
                raise NoteInvalid("signed with another key")
            self._key.verify(sealed[_ID_BYTES:], text.encode("utf-8", "surrogatepass"))
        except (binascii.Error, ValueError, InvalidSignature):
            raise NoteInvalid("the signature does not fit") from None
        return found.groupdict()


class Signer(Verifier):
    """Makes notes.

    Args:
        seed: 32 secret bytes, for nothing else.
    """

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        super().__init__(self._private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return "<Signer>"

    def checkpoint(self, head: TreeHead) -> str:
        """Sign a checkpoint."""
        return self._sign(
            f"{self.origin}\n{head.size}\n{_encoded(head.root)}\nentries {head.entries}\ntime {moment(head.at)}\n"
        )

    def cut(self, removal: Removal) -> str:
        """Sign a cut."""
        return self._sign(
            f"{self.origin}/cut\n{removal.size}\n{_encoded(removal.root)}\n"
            f"blocks {removal.first}-{removal.size}\nentries {removal.first_entry}-{removal.entries}\n"
            f"reason {removal.reason}\ntime {moment(removal.at)}\n"
        )

    def _sign(self, text: str) -> str:
        sealed = self.key_id + self._private.sign(text.encode())
        return f"{text}\n{_DASH}{self.origin} {_encoded(sealed)}\n"


def moment(milliseconds: int) -> str:
    """A time as it stands in notes: RFC 3339, UTC, milliseconds."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"


def notes_in(text: str) -> list[str]:
    """Split the text of a file with one note after another. What is no note comes as a piece that does not open."""
    notes: list[str] = []
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        if line.strip() or lines:
            lines.append(line)
        if line.startswith(_DASH):
            notes.append("".join(lines))
            lines = []
    if lines:
        notes.append("".join(lines))
    return notes


def _milliseconds(text: str) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise NoteInvalid("the time is none") from None
    if at.tzinfo is None:
        raise NoteInvalid("the time has no zone")
    return int(at.timestamp()) * 1000 + at.microsecond // 1000


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
