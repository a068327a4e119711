"""The peers of the redaction bench: Presidio and lokal-id, each timed in this process on the texts it is given.

Runs under a Python of its own (`.venv/peers`, made by `make bench`), so that nothing of theirs is among our
dependencies; it imports nothing of ours. One line of JSON in, `{"peer", "texts"}`; one line out, `{"cpu"}`: CPU seconds
of each text, one by one. Ends when its input ends.
"""

import json
import sys
import time
from collections.abc import Callable

import spacy
import tldextract
from lokal.samaran import detect_pii
from presidio_analyzer import AnalyzerEngine
from presidio_analyzer.nlp_engine import NerModelConfiguration, SpacyNlpEngine
from spacy.language import Language
from spacy.training import Example

_TRAINED = "en_core_web_sm"


class _LoadedEngine(SpacyNlpEngine):
    """Presidio's own spaCy engine around a pipeline that is loaded already."""

    def __init__(self, pipeline: Language) -> None:
        super().__init__(ner_model_configuration=NerModelConfiguration())
        self.nlp = {"en": pipeline}


def _pipeline() -> tuple[Language, str]:
    """Give Presidio's default pipeline, or one of the same parts and sizes.

    The trained one is not on the package index. What it costs depends on its parts, not on what they have learned.
    """
    if spacy.util.is_package(_TRAINED):
        return spacy.load(_TRAINED), _TRAINED
    pipeline = spacy.blank("en")
    pipeline.add_pipe("tok2vec")
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": 96, "upstream": "tok2vec"}
    for name, architecture in (("tagger", "spacy.Tagger.v2"), ("parser", "spacy.TransitionBasedParser.v2")):
        model: dict[str, object] = {"@architectures": architecture, "tok2vec": listener}
        if name == "parser":
            model |= {"state_type": "parser", "extra_state_tokens": False, "hidden_width": 64, "maxout_pieces": 2}
        pipeline.add_pipe(name, config={"model": model})
    pipeline.add_pipe("ner")
    pipeline.initialize(lambda: [_example(pipeline)])
    return pipeline, "an untrained pipeline of the parts and sizes of " + _TRAINED


def _example(pipeline: Language) -> Example:
    words = ["Maya", "wrote", "to", "Amsterdam", "on", "Monday"]
    return Example.from_dict(
        pipeline.make_doc(" ".join(words)),
        {
            "words": words,
            "tags": ["NNP", "VBD", "IN", "NNP", "IN", "NNP"],
            "heads": [1, 1, 1, 2, 1, 4],
            "deps": ["nsubj", "ROOT", "prep", "pobj", "prep", "pobj"],
            "entities": ["U-PERSON", "O", "O", "U-GPE", "O", "U-DATE"],
        },
    )


def _cpu_seconds(work: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    work(text)
    return time.process_time() - began


def main() -> None:
    """Serve until the input ends."""
    pipeline, described = _pipeline()
    # It would ask the network for the list of public suffixes; the library carries one.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())
    analyzer = AnalyzerEngine(nlp_engine=_LoadedEngine(pipeline), supported_languages=["en"])
    peers: dict[str, Callable[[str], object]] = {
        "presidio": lambda text: analyzer.analyze(text, language="en"),
        "lokal-id": detect_pii,
    }
    print(json.dumps({"presidio": described}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        work = peers[asked["peer"]]
        print(json.dumps({"cpu": [_cpu_seconds(work, text) for text in asked["texts"]]}), flush=True)


if __name__ == "__main__":
    main()
