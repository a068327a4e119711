"""Checks signatures of sites' tokens, and the keys that sites give us. Believes no claim: `identify.model` judges."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from server.identify.model import ALGORITHMS, MAX_TOKEN, Distrust, Header, KeyKind, SiteKey
from server.kernel.errors import InvalidInput

_LEAST_RSA_BITS: Final = 2048
"""NIST SP 800-131A: shorter ones are not to be used."""


def header_of(token: str) -> Header:
    """Read which site and key a token names, to look them up. Nothing of it is believed.

    Raises:
        Distrust: it is not a signed token that names both.
    """
    parts = token.split(".")
    if len(token) > MAX_TOKEN or len(parts) != 3:
        raise Distrust("it is no signed token")
    header, claims = _json(parts[0]), _json(parts[1])
    # RFC 7515, 4.1.11: what must be understood and is not, is refused; we understand no extension.
    if "crit" in header:
        raise Distrust("the token asks for what is not known")
    kid, issuer = header.get("kid"), claims.get("iss")
    if not isinstance(kid, str) or not isinstance(issuer, str):
        raise Distrust("the token names no key or no site")
    return Header(issuer, kid)


def claims_of(token: str, key: SiteKey) -> Mapping[str, Any]:
    """Check the signature with this key, by an algorithm of the key's kind, and give the claims.

    Raises:
        Distrust: it does not fit.
    """
    try:
        return jwt.decode(token, _imported(key), algorithms=list(ALGORITHMS[key.kind])).claims
    except (JoseError, ValueError, TypeError, LookupError, UnicodeError, RecursionError):
        raise Distrust("the token's signature does not fit") from None


def public_key_of(pem: str) -> tuple[KeyKind, str]:
    """Give the kind of a public key and its normal form.

    Raises:
        InvalidInput: it is no public key, or one of a kind or length that is not taken.
    """
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidInput(fields={"public_key": "not_a_key"}) from None
    kind: KeyKind | None = None
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= _LEAST_RSA_BITS:
        kind = KeyKind.RSA
    elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        kind = KeyKind.EC
    elif isinstance(key, ed25519.Ed25519PublicKey):
        kind = KeyKind.ED25519
    if kind is None:
        raise InvalidInput(fields={"public_key": "not_a_key"})
    return kind, key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _imported(key: SiteKey) -> OctKey | RSAKey | ECKey | OKPKey:
    if key.kind is KeyKind.SECRET:
        return OctKey.import_key(key.value)
    if key.kind is KeyKind.RSA:
        return RSAKey.import_key(key.value)
    return ECKey.import_key(key.value) if key.kind is KeyKind.EC else OKPKey.import_key(key.value)


def _json(part: str) -> Mapping[str, Any]:
    try:
        read = orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError):
        raise Distrust("it is no signed token") from None
    if not isinstance(read, dict):
        raise Distrust("it is no signed token")
    return read
