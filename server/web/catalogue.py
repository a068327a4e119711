"""Texts for people, by key and language, from the gettext catalogues in `locales/`.

Keys stand in for source texts (`home.title`), so that Indonesian and English are equals. A missing key is a defect
and raises; a test compares the catalogues. A text that counts (`msgid_plural`) has the forms that its language's
`Plural-Forms` says; `n` chooses among them.
"""

from collections.abc import Mapping, Sequence
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = ("id", "en")
"""Languages, the first is the house's."""

_FOLDER = Path(__file__).parent / "locales"


class Figure(str):
    """A number as it is shown, `1.2K`, that remembers how many it is.

    Args:
        shown: its digits and unit in a language.
        number: how many.
    """

    __slots__ = ("number",)
    number: int

    def __new__(cls, shown: str, number: int) -> "Figure":
        """Make one."""
        made = super().__new__(cls, shown)
        made.number = number
        return made


class Catalogues:
    """All texts of all languages, in memory.

    Args:
        texts: language -> key -> text, of those that have one form.
        plurals: language -> key -> forms, of those that count.
        choosing: language -> what chooses among them.
    """

    def __init__(
        self,
        texts: Mapping[str, Mapping[str, str]],
        plurals: Mapping[str, Mapping[str, Sequence[str]]],
        choosing: Mapping[str, GNUTranslations],
    ) -> None:
        self._texts = texts
        self._plurals = plurals
        self._choosing = choosing

    @classmethod
    def load(cls, folder: Path = _FOLDER) -> "Catalogues":
        """Read `<locale>.po` of each language."""
        texts: dict[str, dict[str, str]] = {}
        plurals: dict[str, dict[str, Sequence[str]]] = {}
        choosing: dict[str, GNUTranslations] = {}
        for locale in LOCALES:
            with (folder / f"{locale}.po").open("rb") as file:
                catalogue = read_po(file, locale=locale)
            texts[locale] = {str(item.id): str(item.string) for item in catalogue if item.id and not item.pluralizable}
            plurals[locale] = {str(item.id[0]): tuple(item.string or ()) for item in catalogue if item.pluralizable}
            choosing[locale] = _compiled(catalogue)
        return cls(texts, plurals, choosing)

    def keys(self, locale: str) -> frozenset[str]:
        """Give the keys of a language."""
        return frozenset(self._texts[locale]) | frozenset(self._plurals[locale])

    def forms(self, locale: str, key: str) -> Sequence[str]:
        """Give all that a key may say, with its gaps: one text, or the plural forms of one that counts.

        Raises:
            KeyError: there is no such text.
        """
        plural = self._plurals[locale].get(key)
        return (self._texts[locale][key],) if plural is None else plural

    def plain(self, locale: str) -> Mapping[str, str]:
        """Give the texts of a language that have one form, with their gaps."""
        return self._texts[locale]

    def text(self, locale: str, key: str, **values: str | int) -> str:
        """Give a text.

        Args:
            locale: `id` or `en`.
            key: the text's key.
            values: for `{name}` in the text. A text with plural forms needs `n`, a number or a `Figure`.

        Raises:
            KeyError: there is no such text, or it counts and there is no `n`.
            TypeError: it counts, and `n` is no number.
        """
        text = self._form(locale, key, values["n"]) if key in self._plurals[locale] else self._texts[locale][key]
        return text.format(**values) if values else text

    def _form(self, locale: str, key: str, n: str | int) -> str:
        number = n.number if isinstance(n, Figure) else n
        if isinstance(number, str):
            raise TypeError
        return self._choosing[locale].ngettext(key, key, number)

    def reason(self, locale: str, reason: str) -> str:
        """Give the sentence for a field's reason code."""
        texts = self._texts[locale]
        return texts.get(f"reason.{reason}", texts["reason.malformed"])


def _compiled(catalogue: Catalog) -> GNUTranslations:
    """Give what gettext reads: it chooses plural forms by the rule in the catalogue's head."""
    machine = BytesIO()
    write_mo(machine, catalogue)
    machine.seek(0)
    return GNUTranslations(machine)


def preferred(accept_language: str, default: str) -> str:
    """Choose a language by an `Accept-Language` header (RFC 9110, 12.5.4), without weighing: browsers sort it."""
    for item in accept_language.split(","):
        language = item.split(";")[0].strip().lower().partition("-")[0]
        if language in LOCALES:
            return language
        if language in {"in", "ms"}:
            return "id"
    return default
