"""The file of a backup: frames of BSON, compressed and sealed one by one. Must not know the database.

    header   magic, format version (2 bytes), salt (32), key check (16)
    frames   length of the sealed frame (4 bytes, big-endian), the sealed frame; the last is marked as the last

Each frame is sealed with AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): the nonce
is seven bytes of the file, the frame's number in four and one that is 1 for the last frame only, and the header is
bound to each. So a changed, moved, repeated or missing frame does not open, and a file without its end is found out.
Key, nonce prefix and key check come from the given key and the random salt through HKDF-SHA-256.

A frame holds, compressed, a BSON document that says what it is, and the documents, one after the other, byte for byte.
"""

import hmac
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

import bson
from bson.codec_options import CodecOptions
from bson.errors import InvalidBSON
from bson.raw_bson import RawBSONDocument
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.storage.errors import ArchiveUnusable

FORMAT: Final = 1
RAW: Final[CodecOptions[RawBSONDocument]] = CodecOptions(document_class=RawBSONDocument)
"""Documents as their bytes, so that what is restored is what was read."""

_MAGIC: Final = b"amanah-backup\n"
_VERSION: Final = struct.Struct(">H")
_LENGTH: Final = struct.Struct(">I")
_BSON_LENGTH: Final = struct.Struct("<i")
_SALT_BYTES: Final = 32
_CHECK_BYTES: Final = 16
_KEY_BYTES: Final = 32
_PREFIX_BYTES: Final = 7
_HEADER_BYTES: Final = len(_MAGIC) + _VERSION.size + _SALT_BYTES + _CHECK_BYTES
_NOTE_BYTES: Final = 5
_BIGGEST_FRAME: Final = 64 * 2**20
_MOST_FRAMES: Final = 2**32
_COMPRESSION: Final = 3


@dataclass(frozen=True, slots=True)
class Frame:
    """A part of an archive.

    Attributes:
        number: from 0.
        note: what it is.
        documents: of the database, or what the note says.
    """

    number: int
    note: dict[str, Any]
    documents: tuple[RawBSONDocument, ...]


class _Seal:
    """Key and nonces of one file."""

    def __init__(self, header: bytes, secret: bytes) -> None:
        self._aead = AESGCM(secret[:_KEY_BYTES])
        self._prefix = secret[_KEY_BYTES : _KEY_BYTES + _PREFIX_BYTES]
        self._header = header

    def __repr__(self) -> str:
        return "<_Seal>"

    def seal(self, number: int, content: bytes, *, last: bool) -> bytes:
        return self._aead.encrypt(self._nonce(number, last), content, self._header)

    def open(self, number: int, sealed: bytes, *, last: bool) -> bytes | None:
        try:
            return self._aead.decrypt(self._nonce(number, last), sealed, self._header)
        except InvalidTag:
            return None

    def _nonce(self, number: int, last: bool) -> bytes:
        return self._prefix + _LENGTH.pack(number) + (b"\1" if last else b"\0")


def _secret(key: bytes, salt: bytes) -> bytes:
    """Key, nonce prefix and key check of the file with this salt."""
    length = _KEY_BYTES + _PREFIX_BYTES + _CHECK_BYTES
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=_MAGIC + _VERSION.pack(FORMAT)).derive(key)


class ArchiveWriter:
    """Writes an archive from its beginning to its end.

    Args:
        file: open for writing, empty.
        key: 32 bytes.
    """

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        salt = os.urandom(_SALT_BYTES)
        secret = _secret(key, salt)
        header = _MAGIC + _VERSION.pack(FORMAT) + salt + secret[-_CHECK_BYTES:]
        self._seal = _Seal(header, secret)
        self._file = file
        self._number = 0
        file.write(header)

    def write(self, note: dict[str, Any], documents: Sequence[RawBSONDocument] = (), *, last: bool = False) -> None:
        """Add a frame.

        Raises:
            ArchiveUnusable: there are as many frames as can be numbered.
            OSError: the file can't be written.
        """
        if self._number >= _MOST_FRAMES:
            raise ArchiveUnusable("there is too much for one archive")
        content = zlib.compress(bson.encode(note) + b"".join(item.raw for item in documents), _COMPRESSION)
        sealed = self._seal.seal(self._number, content, last=last)
        self._file.write(_LENGTH.pack(len(sealed)))
        self._file.write(sealed)
        self._number += 1


def fitting_key(file: BinaryIO, keys: Sequence[bytes]) -> bytes:
    """Find the key that an archive was made with.

    Args:
        file: open for reading.
        keys: of 32 bytes, at least one.

    Raises:
        ArchiveUnusable: this is no archive, one of another format, or one made with none of the keys.
    """
    for key in keys[:-1]:
        try:
            ArchiveReader(file, key)
        except ArchiveUnusable:
            continue
        return key
    ArchiveReader(file, keys[-1])
    return keys[-1]


class ArchiveReader:
    """Reads an archive, frame by frame, as often as asked. Nothing is given that was not sealed with the key.

    Args:
        file: open for reading.
        key: 32 bytes.

    Raises:
        ArchiveUnusable: this is no archive, one of another format, or one made with another key.
    """

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        file.seek(0)
        header = file.read(_HEADER_BYTES)
        if len(header) < _HEADER_BYTES or not header.startswith(_MAGIC):
            raise ArchiveUnusable("this is not an archive of `amanah backup`")
        rest = header[len(_MAGIC) :]
        version = _VERSION.unpack_from(rest)[0]
        if version != FORMAT:
            raise ArchiveUnusable(f"the archive has format {version}; this program reads format {FORMAT}")
        salt, check = rest[_VERSION.size : -_CHECK_BYTES], rest[-_CHECK_BYTES:]
        secret = _secret(key, salt)
        if not hmac.compare_digest(secret[-_CHECK_BYTES:], check):
            raise ArchiveUnusable("the archive was made with another master key, or its beginning was changed")
        self._seal = _Seal(header, secret)
        self._file = file
        self.identity = salt.hex()
        """Which archive this is: random, and no other has it."""

    def frames(self) -> Iterator[Frame]:
        """Give every frame from the first to the last.

        Raises:
            ArchiveUnusable: something was changed, moved, left out or added; frames before it were given already.
        """
        self._file.seek(_HEADER_BYTES)
        number = 0
        while True:
            prefix = self._file.read(_LENGTH.size)
            if len(prefix) < _LENGTH.size:
                raise ArchiveUnusable(f"the archive ends before its last frame, after {number} frames")
            length = _LENGTH.unpack(prefix)[0]
            sealed = self._file.read(length) if length <= _BIGGEST_FRAME else b""
            content = self._seal.open(number, sealed, last=False)
            last = content is None
            if content is None:
                content = self._seal.open(number, sealed, last=True)
            if content is None:
                raise ArchiveUnusable(f"frame {number} of the archive was changed, moved or cut off")
            yield _unpack(number, content)
            number += 1
            if last:
                break
        if self._file.read(1):
            raise ArchiveUnusable("something stands behind the archive's last frame")


def _unpack(number: int, content: bytes) -> Frame:
    """The frame in what was sealed; that it is not one means that another program sealed it."""
    try:
        data = zlib.decompress(content)
        parts = list(_split(data))
        note = bson.decode(parts[0])
        return Frame(number, note, tuple(RawBSONDocument(part, RAW) for part in parts[1:]))
    except (zlib.error, InvalidBSON, IndexError, struct.error):
        raise ArchiveUnusable(f"frame {number} of the archive does not have the form of one") from None


def _split(data: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(data):
        length = _BSON_LENGTH.unpack_from(data, position)[0]
        if length < _NOTE_BYTES or position + length > len(data):
            raise InvalidBSON
        yield data[position : position + length]
        position += length
