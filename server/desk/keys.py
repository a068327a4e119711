"""Words that people choose for a program's use: keys of labels, skills, shortcuts.

They are kept and shown as they are: a hole in them would be of no use. What says something of anybody is refused.
"""

from server.intake import Intake
from server.kernel.errors import InvalidInput
from server.kernel.text import RawText


async def require_key(intake: Intake, key: str, *, field: str, sender: str) -> None:
    """Insist that such a word holds no identifier.

    Args:
        intake: the gate.
        key: letters, digits and hyphens.
        field: name of the field, for errors.
        sender: id of the account.

    Raises:
        InvalidInput: it holds one.
        RedactionUnavailable: the redactor did not answer in time.
    """
    if await intake.identifies(RawText(key.replace("-", " ")), sender=sender):
        raise InvalidInput(fields={field: "identifier"})
