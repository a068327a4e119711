"""Registers the parts of the names pipeline and puts an untrained one together.

Importing this module is enough for `spacy.load("nlp/model")`. Must not train nor read corpora.
"""

import spacy
from spacy.language import Language

from nlp.names_evidence import KNOWN, SPANS, NamesEvidence
from nlp.names_tagger import NamesTagger
from nlp.names_tokens import WordTokenizer, create_word_tokenizer

__all__ = ["KNOWN", "SPANS", "NamesEvidence", "NamesTagger", "WordTokenizer", "blank_pipeline", "create_word_tokenizer"]


def blank_pipeline() -> Language:
    """Returns the pipeline with untrained components: words, chances, decision."""
    config = {"nlp": {"tokenizer": {"@tokenizers": "amanah.WordTokenizer.v1"}}}
    nlp = spacy.blank("id", config=config)
    nlp.add_pipe("names_tagger")
    nlp.add_pipe("names_evidence")
    return nlp
