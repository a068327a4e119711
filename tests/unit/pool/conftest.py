"""Pipelines on disk for real workers. What the shipped model finds is another suite's matter.

Of no language: the Indonesian one has tokenizer exceptions that take seconds to load.
"""

import re
from pathlib import Path

import pytest
import spacy


@pytest.fixture(scope="session")
def patterns_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline without a trained part: the redactor still finds everything that has a pattern."""
    path = tmp_path_factory.mktemp("model")
    spacy.blank("xx").to_disk(path)
    return path


@pytest.fixture(scope="session")
def stalling_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline that a text can hang: its tokenizer backtracks for ages on a run of `a` that ends in `b`."""
    path = tmp_path_factory.mktemp("model")
    pipeline = spacy.blank("xx")
    pipeline.tokenizer.url_match = re.compile(r"(a+)+$").match
    pipeline.to_disk(path)
    return path
