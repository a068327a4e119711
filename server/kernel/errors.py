"""Domain errors: what can go wrong in words a transport can map. No HTTP here, and never any typed text.

`code` is the stable name that clients see; `web.errors` maps it to a status.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar


class DomainError(Exception):
    """Base of every error a use case may raise.

    Args:
        fields: field name -> reason code (`too_long`, `required`, ...), for forms. Never a value that was typed.
    """

    code: ClassVar[str] = "internal"

    def __init__(self, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(self.code)
        self.fields: Mapping[str, str] = MappingProxyType(dict(fields or {}))


class InvalidInput(DomainError):
    """The request does not have the shape or the limits that the contract states."""

    code = "invalid_input"


class NotAuthenticated(DomainError):
    """Nobody is signed in, or the token is unknown or expired."""

    code = "not_authenticated"


class FreshSignInRequired(DomainError):
    """Somebody is signed in, but proved who they are too long ago for this."""

    code = "fresh_sign_in_required"


class SecondFactorRequired(DomainError):
    """The password was right, or the session is good, and a second factor is still to be shown or set up."""

    code = "second_factor_required"


class NotPermitted(DomainError):
    """Somebody is signed in and may not do this."""

    code = "not_permitted"


class NotFound(DomainError):
    """No such thing, or none that the caller may know of: both answer alike."""

    code = "not_found"


class Conflict(DomainError):
    """The thing is in a state that does not allow this, or somebody was quicker."""

    code = "conflict"


class ConsentRequired(DomainError):
    """The person has not agreed to this use of their data."""

    code = "consent_required"


class RateLimited(DomainError):
    """Too much, too quickly.

    Args:
        retry_after: whole seconds until the next attempt can succeed.
    """

    code = "rate_limited"

    def __init__(self, *, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class Held(DomainError):
    """The text was taken in but waits for a person's decision."""

    code = "held"


class RedactionUnavailable(DomainError):
    """The gate could not redact, so nothing was taken in."""

    code = "redaction_unavailable"


class Unavailable(DomainError):
    """The store does not answer at the moment; the same request may be repeated."""

    code = "unavailable"
