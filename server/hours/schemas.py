"""When support answers, on the wire."""

from typing import Annotated

from pydantic import Field

from server.kernel.wire import Moment, Schema

Text = Annotated[str, Field(max_length=64)]


class SupportHoursReply(Schema):
    """Whether somebody answers now.

    Attributes:
        open: whether it is within working time.
        opens_at: when it opens next; null while it is open, and where it never does.
        expected_answer_minutes: how long a first answer took in working time lately, in the middle; null where too few
            answers are known to say so.
    """

    open: bool
    opens_at: Moment | None
    expected_answer_minutes: int | None


class SupportHoursShape(Schema):
    """When it is worked: spans like `08:00-17:00` by weekday (`mon` to `sun`) and by day (`2026-12-24`).

    `country`: whose public holidays are free, or empty. Of `days`, those without a span are closed.
    """

    zone: Text
    country: Text
    week: dict[Text, list[Text]]
    days: dict[Text, list[Text]]


class SupportHoursSetting(Schema):
    """The hours that are set."""

    hours: SupportHoursShape
