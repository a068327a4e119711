"""Texts for people, by key and language, from the gettext catalogues in `locales/`.

Keys stand in for source texts (`home.title`), so that Indonesian and English are equals. A missing key is a defect
and raises; a test compares the catalogues.
"""

from collections.abc import Mapping
from pathlib import Path

from babel.messages.pofile import read_po

LOCALES = ("id", "en")
"""Languages, the first is the house's."""

_FOLDER = Path(__file__).parent / "locales"


class Catalogues:
    """All texts of all languages, in memory."""

    def __init__(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        self._texts = texts

    @classmethod
    def load(cls, folder: Path = _FOLDER) -> "Catalogues":
        """Read `<locale>.po` of each language."""
        texts: dict[str, dict[str, str]] = {}
        for locale in LOCALES:
            with (folder / f"{locale}.po").open("rb") as file:
                catalogue = read_po(file, locale=locale)
            texts[locale] = {str(item.id): str(item.string) for item in catalogue if item.id}
        return cls(texts)

    def keys(self, locale: str) -> frozenset[str]:
        """Give the keys of a language."""
        return frozenset(self._texts[locale])

    def text(self, locale: str, key: str, **values: str | int) -> str:
        """Give a text.

        Args:
            locale: `id` or `en`.
            key: the text's key.
            values: for `{name}` in the text.

        Raises:
            KeyError: there is no such text.
        """
        text = self._texts[locale][key]
        return text.format(**values) if values else text

    def reason(self, locale: str, reason: str) -> str:
        """Give the sentence for a field's reason code."""
        texts = self._texts[locale]
        return texts.get(f"reason.{reason}", texts["reason.malformed"])


def preferred(accept_language: str, default: str) -> str:
    """Choose a language by an `Accept-Language` header (RFC 9110, 12.5.4), without weighing: browsers sort it."""
    for item in accept_language.split(","):
        language = item.split(";")[0].strip().lower().partition("-")[0]
        if language in LOCALES:
            return language
        if language in {"in", "ms"}:
            return "id"
    return default
