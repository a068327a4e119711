"""Base classes of what goes over the wire. Pure shapes: pydantic, no transport."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, GetPydanticSchema, PlainSerializer
from pydantic_core import core_schema

from server.kernel.text import RawText


class Schema(BaseModel):
    """Anything on the wire. Unknown fields are refused, so that nothing is silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Empty(Schema):
    """An object without fields."""


def _typed(max_length: int) -> Any:
    def build(_source: Any, _handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(RawText, core_schema.str_schema(max_length=max_length))

    return GetPydanticSchema(build)


MAX_TEXT = 4_000
MAX_SUBJECT = 120
MAX_REMARK = 1_000

TypedText = Annotated[RawText, _typed(MAX_TEXT)]
"""A text that a person typed: 0 to 4,000 code points. A `RawText` from the moment it is parsed."""

TypedSubject = Annotated[RawText, _typed(MAX_SUBJECT)]
"""A subject that a person typed: 0 to 120 code points."""

TypedRemark = Annotated[RawText, _typed(MAX_REMARK)]
"""A remark that a person typed: 0 to 1,000 code points."""


def rfc3339(moment: datetime) -> str:
    """Give a moment in RFC 3339, UTC, with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


Moment = Annotated[datetime, PlainSerializer(rfc3339, return_type=str, when_used="json")]
"""An aware UTC time; RFC 3339 on the wire."""
