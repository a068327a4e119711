"""A passkey that was shown on a page with a form: its script writes what the browser made into a hidden field."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from server.factors.api import ShownCredential
from server.kernel.errors import InvalidInput

FIELD: Final = "passkey"
_LONGEST: Final = 8_192


def shown_credential(written: str) -> Mapping[str, Any] | None:
    """Read one.

    Args:
        written: JSON of `PublicKeyCredential.toJSON()`, or nothing.

    Returns:
        What `FactorService.confirm` takes; None where none was shown.

    Raises:
        InvalidInput: it is none.
    """
    if not written:
        return None
    try:
        if len(written) > _LONGEST:
            raise InvalidInput(fields={FIELD: "passkey_refused"})
        return ShownCredential.model_validate_json(written).model_dump()
    except ValidationError:
        # `from None`: the error knows the input.
        raise InvalidInput(fields={FIELD: "passkey_refused"}) from None
