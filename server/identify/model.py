"""Sites that vouch for their people, and the pure rules about believing a site's token (RFC 7519, RFC 8725).

Must not know how signatures are checked; `identify.tokens` does that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from server.kernel.access import Rule
from server.kernel.actor import Role

_ADMIN: Final = frozenset({Role.ADMIN})
SITE_RULE: Final = Rule("embedding_site", own=_ADMIN, others=_ADMIN)

MOST_SITES: Final = 50
MOST_KEYS: Final = 5
"""Of one site, so that one can be changed for another without a gap, and forgotten ones are seen."""

LONGEST: Final = timedelta(minutes=10)
"""From `iat` to `exp`: a word that was overheard is worth nothing soon after."""

SKEW: Final = timedelta(seconds=30)
"""How far a site's clock may differ from ours."""

MAX_TOKEN: Final = 4096
MAX_PUBLIC_KEY: Final = 8192
_LONGEST_SUBJECT: Final = 255
_LONGEST_NUMBER: Final = 128


class Distrust(Exception):
    """A site's word can't be taken.

    Args:
        rule: which rule was broken, never what was said.
    """

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


class KeyKind(StrEnum):
    """What a site signs with. A key is good for the algorithms of its kind only, whatever a token's header says."""

    SECRET = "secret"  # noqa: S105 (the name of a kind)
    RSA = "rsa"
    EC = "ec"
    ED25519 = "ed25519"


ALGORITHMS: Final[Mapping[KeyKind, tuple[str, ...]]] = {
    KeyKind.SECRET: ("HS256",),
    KeyKind.RSA: ("RS256", "PS256"),
    KeyKind.EC: ("ES256",),
    KeyKind.ED25519: ("EdDSA", "Ed25519"),
}


@dataclass(frozen=True, slots=True)
class SiteKey:
    """A key that holds at present. Which it is, is in a token's `kid`.

    Attributes:
        kid: its id.
        kind: what it is.
        value: the secret, or the public key as PEM.
        made_at: since when it holds.
    """

    kid: str
    kind: KeyKind
    value: str = field(repr=False)
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Site:
    """A site that may say who its people are.

    Attributes:
        id: opaque id; `iss` of its tokens.
        label: what administrators call it.
        enabled: whether its word holds.
        keys: those that hold at present; one that was revoked is not among them.
        made_at: when it was registered.
        made_by: by whom.
        revision: how often it was changed.
    """

    id: str
    label: str
    enabled: bool
    keys: tuple[SiteKey, ...]
    made_at: datetime
    made_by: str
    revision: int = 0

    def key(self, kid: str) -> SiteKey | None:
        """Find a key that holds."""
        return next((key for key in self.keys if key.kid == kid), None)


@dataclass(frozen=True, slots=True)
class Header:
    """The part of a token that says which key to look for. Nothing of it is believed."""

    site_id: str
    kid: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who a site says it is. `repr` shows nothing of it.

    Attributes:
        subject: the site's id of the person, which never changes.
        name: what to call them; empty where nothing was said.
        locale: `id`, `en`, or empty.
        number: the token's own id; good for one use.
        expires_at: until when the number has to be remembered.
    """

    subject: str
    name: str
    locale: str
    number: str
    expires_at: datetime

    def __repr__(self) -> str:
        return "<Person>"


def person_of(claims: Mapping[str, Any], site_id: str, audience: str, now: datetime) -> Person:
    """Check the claims of a token whose signature fits.

    An `email` is not looked at: whoever runs a site could name anybody's, and would be them here.

    Raises:
        Distrust: they are another site's, not for us, not of now, or name nobody.
    """
    if claims.get("iss") != site_id:
        raise Distrust("the token is another site's")
    said = claims.get("aud")
    if (said if isinstance(said, list) else [said]) != [audience]:
        raise Distrust("the token is for somebody else")
    issued, expires = _moment(claims, "iat"), _moment(claims, "exp")
    if expires - issued > LONGEST or expires <= issued:
        raise Distrust("the token lasts too long")
    if expires <= now - SKEW:
        raise Distrust("the token has expired")
    if issued > now + SKEW or ("nbf" in claims and _moment(claims, "nbf") > now + SKEW):
        raise Distrust("the token is of a later time")
    return Person(
        subject=_text(claims, "sub", _LONGEST_SUBJECT),
        name=claims["name"] if isinstance(claims.get("name"), str) else "",
        locale=claims["locale"][:2] if isinstance(claims.get("locale"), str) else "",
        number=_text(claims, "jti", _LONGEST_NUMBER),
        expires_at=expires + SKEW,
    )


def _text(claims: Mapping[str, Any], name: str, longest: int) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise Distrust("the token names nobody" if name == "sub" else "the token has no number of its own")
    return value


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Distrust("the token lacks a moment")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise Distrust("the token has no proper moment") from None
