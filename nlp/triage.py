"""What a redacted piece of feedback may be: its kind, product area, topic, sentiment and urgency.

Each answer comes with a calibrated confidence and the words of the text that led to it; below a confidence that was
chosen when the model was made, it abstains. Proposes and never decides. Must not see a text that has not been redacted,
and must not log, keep or cache any.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Final

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from nlp.triage_features import Word
from nlp.triage_pipeline import TASKS, Evidence, FloatArray, evidence_of, pipe_of
from nlp.triage_proposal import NOTHING, Guess, TriageProposal, TriageUnavailable

MODEL: Final = Path(__file__).parent / "model" / "triage"
"""The model that ships."""

MOST_WORDS: Final = 3
"""Words that are named for a guess."""

_SHARE: Final = 0.25
_LONGEST_WORD: Final = 40
_TOPIC_WORDS: Final = 3
# They tell a reader nothing, whatever the model makes of them.
_EMPTY: Final = frozenset(
    ("a", "an", "and", "dan", "dari", "dengan", "di", "ini", "is", "itu", "ke", "of", "on", "pada", "the", "to", "yang")
)


@dataclass(frozen=True, slots=True)
class Scores:
    """What a model makes of a text before any abstaining.

    Attributes:
        labels: task -> its labels.
        chances: task -> a probability for each; sums to 1.
    """

    labels: dict[str, Sequence[str]]
    chances: dict[str, FloatArray]


class Triage:
    """A loaded model. Not thread-safe: one for each worker."""

    def __init__(self, nlp: Language) -> None:
        """Take a pipeline of `nlp.triage_pipeline` whose meta holds `triage`: thresholds, and the topic's curve."""
        self._nlp = nlp
        self._pipes = {task: pipe_of(nlp, task) for task in TASKS}
        settings = nlp.meta["triage"]
        self._thresholds: dict[str, float] = {**dict.fromkeys((*TASKS, "topic"), 0.0), **settings["thresholds"]}
        self._topic_curve: tuple[float, float] = tuple(settings["topic_curve"])

    @classmethod
    def load(cls, path: Path | None = None) -> "Triage":
        """Load a saved model; by default the one that ships.

        Raises:
            TriageUnavailable: there is no usable model there.
        """
        try:
            return cls(spacy.load(path or MODEL))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TriageUnavailable(f"the triage model cannot be loaded ({type(error).__name__})") from None

    @property
    def pipeline(self) -> Language:
        """The spaCy pipeline inside, for measuring."""
        return self._nlp

    @property
    def areas(self) -> tuple[str, ...]:
        """Product areas that the model can propose."""
        return tuple(self._pipes["area"].labels)

    def propose(self, text: str, areas: Collection[str] | None = None) -> TriageProposal:
        """Say what a text may be.

        Args:
            text: redacted; words after the first 400 are not looked at.
            areas: product areas that there are; one that is not among them is never proposed. None for all that the
                model knows.
        """
        # What a Doc interns is let go of at the end: no word of a text stays.
        with self._nlp.memory_zone():
            doc = self._nlp.make_doc(text)
            evidence = evidence_of(doc)
            if not evidence.reading.words or not len(evidence.rows):
                return NOTHING
            scores = self._scores(doc)
            guesses = {task: self._guess(task, scores, evidence, text) for task in TASKS}
            topic = self._topic(scores, evidence, text)
        if areas is not None and guesses["area"].value not in areas:
            guesses["area"] = Guess(None, guesses["area"].confidence, guesses["area"].words)
        return TriageProposal(guesses["kind"], guesses["area"], topic, guesses["sentiment"], guesses["urgency"])

    def scores(self, text: str) -> Scores:
        """Give the chances of every label, for measuring."""
        with self._nlp.memory_zone():
            return self._scores(self._nlp.make_doc(text))

    def topic_strength(self, text: str) -> tuple[str, float]:
        """Give the likeliest topic, empty for none, and its strength before the curve, for measuring."""
        with self._nlp.memory_zone():
            doc = self._nlp.make_doc(text)
            return topic_of(evidence_of(doc), self._word_shares("area", self._scores(doc), evidence_of(doc)), text)

    def _scores(self, doc: Doc) -> Scores:
        chances = {task: np.asarray(pipe.predict([doc])[0]) for task, pipe in self._pipes.items()}
        return Scores({task: pipe.labels for task, pipe in self._pipes.items()}, chances)

    def _guess(self, task: str, scores: Scores, evidence: Evidence, text: str) -> Guess:
        best = int(scores.chances[task].argmax())
        confidence = float(scores.chances[task][best])
        value = scores.labels[task][best] if confidence >= self._thresholds[task] else None
        return Guess(value, confidence, strongest(self._word_shares(task, scores, evidence), evidence, text))

    def _word_shares(self, task: str, scores: Scores, evidence: Evidence) -> FloatArray:
        """How much each word speaks for the best label and against the others, by their chances; exact, for the model
        is linear. What a feature adds is shared evenly by the words that it comes from."""
        chances = scores.chances[task]
        best = int(chances.argmax())
        others = np.delete(chances, best)
        rows = np.asarray(self._pipes[task].model.get_param("W"))[evidence.rows].astype(np.float32)
        against = np.delete(rows, best, axis=1) @ (others / max(float(others.sum()), 1e-9))
        gains = evidence.values * (rows[:, best] - against)
        shares = np.zeros(len(evidence.reading.words), dtype=np.float32)
        for name, gain in zip(evidence.names, gains, strict=True):
            owners = evidence.reading.features[name]
            for owner in owners:
                shares[owner] += gain / len(owners)
        return shares

    def _topic(self, scores: Scores, evidence: Evidence, text: str) -> Guess:
        phrase, strength = topic_of(evidence, self._word_shares("area", scores, evidence), text)
        if not phrase:
            return NOTHING.topic
        slope, offset = self._topic_curve
        confidence = 1 / (1 + exp(-(slope * strength + offset)))
        value = phrase.lower() if confidence >= self._thresholds["topic"] else None
        return Guess(value, confidence, tuple(phrase.split())[:MOST_WORDS])


def strongest(shares: FloatArray, evidence: Evidence, text: str) -> tuple[str, ...]:
    """Give the words with the greatest shares, different ones, as they stand in the text."""
    named: dict[str, str] = {}
    for place in np.argsort(-shares, kind="stable"):
        if shares[place] <= max(0.0, _SHARE * float(shares.max())) or len(named) == MOST_WORDS:
            break
        word = evidence.reading.words[place]
        surface = text[word.start : word.end][:_LONGEST_WORD]
        if surface.casefold() in _EMPTY:
            continue
        named.setdefault(surface.casefold(), surface)
    return tuple(named.values())


def topic_of(evidence: Evidence, shares: FloatArray, text: str) -> tuple[str, float]:
    """Give the phrase that says the most about the product area, and how strong it is.

    The strongest word that can be a topic, with neighbours that can be part of it: no stop word, nothing but a space
    between, and not against the area.
    """
    words = evidence.reading.words
    places = [place for place, word in enumerate(words) if word.content]
    if not places:
        return "", 0.0
    best = max(places, key=lambda place: (float(shares[place]), -place))
    first = last = best
    while last - first + 1 < _TOPIC_WORDS:
        reach = [
            place
            for place, neighbour in ((first - 1, first), (last + 1, last))
            if 0 <= place < len(words)
            and _joins(words[place], words[neighbour], text)
            and shares[place] > _SHARE * shares[best] > 0
        ]
        if not reach:
            break
        nearest = max(reach, key=lambda place: float(shares[place]))
        first, last = min(first, nearest), max(last, nearest)
    return text[words[first].start : words[last].end], float(shares[best])


def _joins(word: Word, other: Word, text: str) -> bool:
    before, after = sorted((word, other), key=lambda part: part.start)
    return word.content and text[before.end : after.start] == " "
