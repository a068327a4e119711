"""The one form of what people are reached by. Pure."""

import re
import unicodedata
from typing import Final

MAX_EMAIL: Final = 254

# The HTML standard's e-mail rule, without single-label domains: enough to catch typing errors; only a mail proves more.
_EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


def email_of(typed: str) -> str | None:
    """Give the form under which an e-mail address is kept and looked up; None where it can't be one."""
    email = unicodedata.normalize("NFKC", typed).strip().lower()
    return email if len(email) <= MAX_EMAIL and _EMAIL.fullmatch(email) else None
