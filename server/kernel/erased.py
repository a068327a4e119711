"""Who stands in the place of a person who was erased. The same for all of them, so that nobody can be told apart."""

from typing import Final

NOBODY: Final = "erased"
"""No account ever has this id, so whoever shows people shows somebody who is gone."""
