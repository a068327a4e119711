"""What the addresses in settings look like. Pure; knows no setting, and asks nobody whether an address answers."""

import re
from typing import Final
from urllib.parse import urlsplit

_DATABASE: Final = re.compile(r"[A-Za-z0-9_-]{1,63}")
_MONGO: Final = ("mongodb", "mongodb+srv")
_LOOPBACK: Final = {"localhost", "127.0.0.1", "::1"}


def is_origin(text: str) -> bool:
    """Whether this is an origin as browsers write it: `https://HOST` or `http://HOST:PORT`, and nothing behind it.

    A path would be passed over in silence, a word without a scheme would fit no page ever, and a semicolon would begin
    another directive of the content policy that origins are put into.
    """
    try:
        parts = urlsplit(text)
        plain = f"{parts.scheme}://{parts.netloc}" == text and re.fullmatch(r"[\w.:\[\]*-]+", parts.netloc, re.ASCII)
        return parts.scheme in {"http", "https"} and bool(parts.hostname and plain) and parts.port != 0
    except ValueError:
        return False


def is_mongo(text: str) -> bool:
    """Whether this is an address of MongoDB's kind."""
    scheme, _, rest = text.partition("://")
    return scheme in _MONGO and bool(rest)


def is_database(text: str) -> bool:
    """Whether a database may be called this with every operating system that MongoDB runs on."""
    return bool(_DATABASE.fullmatch(text))


def is_private(address: str) -> bool:
    """Whether what is sent there can't be read on its way."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def is_address(address: str) -> bool:
    """Whether this is an address of the web without a name and a password in it."""
    parts = urlsplit(address)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc


def is_port(text: str) -> bool:
    """Whether this is the number of a port."""
    return text.isascii() and text.isdecimal() and 0 < int(text) < 65_536
