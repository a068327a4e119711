"""The one map from domain errors to what clients get, over HTTP and in Socket.IO acks alike."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from server.kernel.errors import DomainError, InvalidInput, RateLimited
from server.web.catalogue import Catalogues

STATUS: Mapping[str, int] = {
    "invalid_input": 400,
    "not_authenticated": 401,
    "fresh_sign_in_required": 403,
    "second_factor_required": 403,
    "consent_required": 403,
    "not_permitted": 403,
    "not_found": 404,
    "conflict": 409,
    "rate_limited": 429,
    "held": 202,
    "redaction_unavailable": 503,
    "unavailable": 503,
    "internal": 500,
}
"""code -> HTTP status."""

_REASONS: Mapping[str, str] = {
    "missing": "required",
    "extra_forbidden": "unknown_field",
    "string_too_long": "too_long",
    "string_too_short": "required",
    "string_type": "not_text",
    "json_invalid": "not_json",
    "literal_error": "not_allowed",
    "enum": "not_allowed",
    "string_pattern_mismatch": "malformed",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "greater_than": "out_of_range",
}
_NAME = re.compile(r"[a-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as a client gets it.

    Attributes:
        status: HTTP status.
        error: the envelope's `error` object.
        retry_after: seconds, where waiting helps.
    """

    status: int
    error: dict[str, Any]
    retry_after: int | None = None

    def envelope(self) -> dict[str, Any]:
        """Give the whole envelope."""
        return {"ok": False, "error": self.error}


def invalid(error: ValidationError) -> InvalidInput:
    """Turn pydantic's error into ours: places and reasons, never the input.

    A name that is not one of ours is typed text too, so unknown fields are only counted as such.
    """
    fields: dict[str, str] = {}
    for item in error.errors(include_input=False, include_url=False, include_context=False):
        known = item["type"] != "extra_forbidden"
        place = ".".join(str(part) for part in item["loc"] if _NAME.fullmatch(str(part))) if known else "unknown"
        fields[place or "body"] = _REASONS.get(item["type"], "malformed")
    return InvalidInput(fields=fields)


def problem_of(error: Exception, *, request_id: str, locale: str, catalogues: Catalogues) -> Problem:
    """Map any error. What is not a domain error is `internal` and says nothing of itself."""
    code = error.code if isinstance(error, DomainError) else "internal"
    fields = dict(error.fields) if isinstance(error, DomainError) else {}
    body: dict[str, Any] = {
        "code": code,
        "message": catalogues.text(locale, f"error.{code}"),
        "fields": {
            name: {"reason": reason, "message": catalogues.reason(locale, reason)} for name, reason in fields.items()
        },
        "request_id": request_id,
    }
    retry_after = error.retry_after if isinstance(error, RateLimited) else None
    if retry_after is not None:
        body["retry_after"] = retry_after
    elif code in {"unavailable", "redaction_unavailable"}:
        retry_after = 2
    return Problem(STATUS[code], body, retry_after)
