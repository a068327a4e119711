"""What an identity provider says, and the pure rules about believing it (OpenID Connect Core 1.0, RFC 9700)."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

SIGN_IN = timedelta(minutes=10)
"""How long somebody may take at the provider."""

SKEW = timedelta(seconds=60)
"""How far its clock may differ from ours."""

OLDEST = timedelta(minutes=10)
"""How old a token may be that was made for us just now."""

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519")
"""Signatures that are accepted: none of a shared secret, and never none at all."""

_LONGEST_SUBJECT = 255
_MULTIPLE_FACTORS = "mfa"
"""In `amr`: more than one factor was shown (RFC 8176, 2)."""


class Distrust(Exception):
    """The provider's word can't be taken.

    Args:
        rule: which rule was broken, never what was said.
    """

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are to the provider.

    Attributes:
        issuer: the provider's identifier, exactly as it writes it.
        client_id: ours.
        secret: ours; empty for a public client.
        redirect_uri: where it sends people back to.
        name: what people know the provider by.
        longest: how long ago somebody may have shown the provider who they are; asked for, so that it says when.
    """

    issuer: str
    client_id: str
    secret: str
    redirect_uri: str
    name: str
    longest: timedelta

    def __repr__(self) -> str:
        return f"Client(issuer={self.issuer!r}, client_id={self.client_id!r})"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the provider says of itself (OpenID Connect Discovery 1.0, 3).

    Attributes:
        authorization_endpoint: where people sign in.
        token_endpoint: where codes become tokens.
        userinfo_endpoint: where more is said of a person, or empty.
        jwks_uri: where its keys are.
        names_itself: whether it names itself in its answers (RFC 9207).
        auth_methods: how clients may show who they are.
    """

    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    names_itself: bool
    auth_methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says it is. `repr` shows nothing of it.

    Attributes:
        subject: the provider's id of the person, which never changes.
        email: their address, where it says one.
        email_verified: whether it has made sure that the address is theirs.
        proved_at: when they last showed it who they are, where it says so.
        multiple_factors: whether they showed more than one factor.
    """

    subject: str
    email: str | None
    email_verified: bool
    proved_at: datetime | None
    multiple_factors: bool

    def __repr__(self) -> str:
        return "<Identity>"


@dataclass(frozen=True, slots=True)
class State:
    """A way to the provider that waits for its way back.

    Attributes:
        digest: SHA-256 of the state, in hexadecimal.
        holder: SHA-256 of the key of the browser that went.
        expires_at: when it is void.
    """

    digest: str
    holder: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """With what a browser comes back. `repr` shows nothing of it.

    Attributes:
        code: for a token; empty when the provider refused.
        state: that it was sent with.
        issuer: who answers, where that is said.
    """

    code: str
    state: str
    issuer: str

    def __repr__(self) -> str:
        return "<Answer>"


def is_safe_address(address: str) -> bool:
    """Whether secrets may be sent there: over TLS, or to this very machine."""
    parts = urlsplit(address)
    if parts.scheme == "https":
        return bool(parts.hostname)
    if parts.scheme != "http" or not parts.hostname:
        return False
    try:
        return ip_address(parts.hostname).is_loopback
    except ValueError:
        return parts.hostname == "localhost"


def metadata_of(document: object, issuer: str) -> Metadata:
    """Read a discovery document.

    Raises:
        Distrust: it is another provider's, lacks something, or names an address without TLS.
    """
    if not isinstance(document, Mapping) or document.get("issuer") != issuer:
        raise Distrust("the discovery document names another issuer")
    found = {name: document.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
    userinfo = document.get("userinfo_endpoint", "")
    for address in (*found.values(), *([userinfo] if userinfo else [])):
        if not isinstance(address, str) or not is_safe_address(address):
            raise Distrust("the discovery document lacks an address or names an unsafe one")
    methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Metadata(
        authorization_endpoint=str(found["authorization_endpoint"]),
        token_endpoint=str(found["token_endpoint"]),
        userinfo_endpoint=str(userinfo),
        jwks_uri=str(found["jwks_uri"]),
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
        auth_methods=tuple(map(str, methods)) if isinstance(methods, Sequence) else (),
    )


def derived(browser: str, state: str, what: str) -> str:
    """Give the nonce or the PKCE verifier of one way: only the browser that went can bring what they are made of."""
    return _base64url(hmac.new(browser.encode(), f"{what}:{state}".encode(), sha256).digest())


def authorization_url(client: Client, metadata: Metadata, *, state: str, browser: str, again: bool) -> str:
    """Give the address to send a browser to (authorization code with PKCE, RFC 7636)."""
    verifier = derived(browser, state, "verifier")
    query = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uri,
        "scope": "openid email",
        "state": state,
        "nonce": derived(browser, state, "nonce"),
        "code_challenge": _base64url(sha256(verifier.encode()).digest()),
        "code_challenge_method": "S256",
        "max_age": "0" if again else str(int(client.longest.total_seconds())),
    }
    if again:
        query["prompt"] = "login"
    joint = "&" if urlsplit(metadata.authorization_endpoint).query else "?"
    return f"{metadata.authorization_endpoint}{joint}{urlencode(query)}"


def require_issuer(answer: Answer, metadata: Metadata, issuer: str) -> None:
    """Insist that the answer comes from the provider that was asked (RFC 9207, against mix-up).

    Raises:
        Distrust: it comes from another one, or does not say so although this provider always does.
    """
    if (answer.issuer and answer.issuer != issuer) or (metadata.names_itself and not answer.issuer):
        raise Distrust("the answer comes from another provider")


def identity_of(claims: Mapping[str, Any], client: Client, *, nonce: str, now: datetime) -> Identity:
    """Check the claims of an ID token whose signature fits (OpenID Connect Core 1.0, 3.1.3.7).

    Raises:
        Distrust: they are not for us, not of this sign-in, not of now, or not of this provider.
    """
    if claims.get("iss") != client.issuer:
        raise Distrust("the token is another provider's")
    audience = claims.get("aud")
    if (audience if isinstance(audience, list) else [audience]) != [client.client_id]:
        raise Distrust("the token is for somebody else")
    if claims.get("azp", client.client_id) != client.client_id:
        raise Distrust("the token was given to somebody else")
    if _moment(claims, "exp") <= now - SKEW:
        raise Distrust("the token has expired")
    if not now - OLDEST - SKEW <= _moment(claims, "iat") <= now + SKEW:
        raise Distrust("the token was not made just now")
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise Distrust("the token is of another sign-in")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise Distrust("the token names nobody")
    methods = claims.get("amr")
    return Identity(
        subject=subject,
        email=_email(claims),
        email_verified=claims.get("email_verified") is True,
        proved_at=min(_moment(claims, "auth_time"), now) if "auth_time" in claims else None,
        multiple_factors=isinstance(methods, list) and _MULTIPLE_FACTORS in methods,
    )


def with_userinfo(identity: Identity, said: object) -> Identity:
    """Add what the userinfo endpoint says.

    Raises:
        Distrust: it speaks of somebody else (OpenID Connect Core 1.0, 5.3.2).
    """
    if not isinstance(said, Mapping) or said.get("sub") != identity.subject:
        raise Distrust("the provider speaks of two people")
    return Identity(
        subject=identity.subject,
        email=_email(said),
        email_verified=said.get("email_verified") is True,
        proved_at=identity.proved_at,
        multiple_factors=identity.multiple_factors,
    )


def digest_of(value: str) -> str:
    """SHA-256 in hexadecimal, for random values that only their holder knows."""
    return sha256(value.encode("utf-8", "backslashreplace")).hexdigest()


def _email(claims: Mapping[str, Any]) -> str | None:
    email = claims.get("email")
    return email if isinstance(email, str) else None


def _moment(claims: Mapping[str, Any], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Distrust("the token lacks a moment")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise Distrust("the token has no proper moment") from None


def _base64url(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
