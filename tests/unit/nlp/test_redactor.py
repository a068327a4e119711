"""Properties of the whole engine, with the patterns and with the names that ship."""

import re
from itertools import pairwise

import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nlp.errors import RedactorUnavailable
from nlp.labels import LABELS, Label
from nlp.ner import KNOWN, SPANS
from nlp.placeholders import OPAQUE, PLACEHOLDER, escape, format_placeholder, value_key
from nlp.redactor import Redactor

WORDS_ONLY = {"nlp": {"tokenizer": {"@tokenizers": "amanah.WordTokenizer.v1"}}}
PATTERNS_ONLY = Redactor(spacy.blank("id", config=WORDS_ONLY))

IDENTIFIERS = st.sampled_from(
    [
        "081355500192",
        "tini@contoh.example",
        "3204256803640003",
        "rek BCA 8831004726",
        "password Surabi_Oncom7",
        "Jl. Kenanga No. 17 RT 03/RW 09, Kel. Sumbersari",
        "@tini_jahit",
        "B 6619 TZK",
        "lahir 14 Februari 1988",
        "⟦PERSON:1⟧",
        "⟪PHONE:12⟫",
        "maps.app.goo.gl/kQ7vTz3mLpXw82Ra6",
        "0\u200b813 5550 0192",
        "nol delapan satu tiga lima lima lima nol nol satu sembilan dua",
    ]
)
WORDS = st.sampled_from(
    ["halo", "kak", "tolong", "dan", "no", "rek", ",", "\n", "/", "ya", "12", "😀", "：", "RT", "jl"]
)
MESSAGES = st.lists(st.one_of(IDENTIFIERS, WORDS, st.text(max_size=12)), max_size=10).map(" ".join)


@pytest.fixture(scope="module")
def shipped() -> Redactor:
    return Redactor.load()


@given(MESSAGES)
def test_spans_lie_in_the_text_and_never_overlap(text: str) -> None:
    spans = PATTERNS_ONLY.find([text])[0]
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(left.end <= right.start for left, right in pairwise(spans))
    assert all(any(char.isalnum() for char in text[span.start : span.end]) for span in spans)


@given(MESSAGES)
def test_what_was_found_is_gone_and_the_rest_is_kept(text: str) -> None:
    redacted, spans = PATTERNS_ONLY.redact(text)
    kept = [
        escape(text)[left:right]
        for left, right in zip([0, *(s.end for s in spans)], [*(s.start for s in spans), len(text)], strict=True)
    ]
    assert PLACEHOLDER.split(redacted)[::3] == kept


@given(MESSAGES)
def test_redacting_again_finds_nothing_in_placeholders(text: str) -> None:
    redacted, _ = PATTERNS_ONLY.redact(text)
    spans = PATTERNS_ONLY.find([redacted])[0]
    opaque = [found.span() for found in OPAQUE.finditer(redacted)]
    assert not any(span.start < end and start < span.end for span in spans for start, end in opaque)


@given(MESSAGES)
def test_only_what_was_hidden_reads_as_a_placeholder(text: str) -> None:
    redacted, spans = PATTERNS_ONLY.redact(text)
    assert [found["label"] for found in PLACEHOLDER.finditer(redacted)] == [span.label.value for span in spans]


@settings(max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=60))
def test_no_text_crashes_the_engine(text: str) -> None:
    redacted, spans = PATTERNS_ONLY.redact(text)
    assert len(PLACEHOLDER.findall(redacted)) == len(spans)


@pytest.mark.parametrize("label", LABELS)
def test_typed_placeholders_are_neither_believed_nor_searched(label: Label) -> None:
    typed = format_placeholder(label, 12)
    redacted, spans = PATTERNS_ONLY.redact(f"password {typed} kak {typed}")
    assert spans == []
    assert PLACEHOLDER.search(redacted) is None


def test_an_imitation_hides_nothing_from_the_other_recognizers() -> None:
    redacted, spans = PATTERNS_ONLY.redact("⟦tini@contoh.example 1⟧ 234567, password ⟦SECRET:1⟧ 12 34 56")
    assert [span.label for span in spans] == [Label.EMAIL]
    assert "tini" not in redacted


def test_the_same_value_gets_the_same_number() -> None:
    redacted, _ = PATTERNS_ONLY.redact("hp 0813-5550-0192 atau +62 813 5550 0192, bukan 0813-5550-0193")
    assert redacted == "hp ⟦PHONE:1⟧ atau +⟦PHONE:1⟧, bukan ⟦PHONE:2⟧"


def test_spans_count_code_points_of_the_original() -> None:
    text = "😀 hp ０８１３\u200b５５５００１９２ ya"
    span = PATTERNS_ONLY.find([text])[0][0]
    assert text[span.start : span.end] == "０８１３\u200b５５５００１９２"


def test_every_text_of_a_batch_gets_its_own_answer() -> None:
    texts = ["hp 081355500192", "", "halo", "tini@contoh.example"]
    assert [[span.label for span in spans] for spans in PATTERNS_ONLY.find(texts)] == [
        [Label.PHONE],
        [],
        [],
        [Label.EMAIL],
    ]


HOSTILE = [
    "0" * 4000,
    "1 " * 2000,
    "12-34 " * 660,
    "nol satu " * 440,
    "a" * 4000,
    "a." * 2000,
    "a@" * 2000,
    "a@a." * 1000,
    "jl " * 1300,
    "jl. a, " * 570,
    "rt 1 " * 800,
    "password " * 440,
    "password: a " * 330,
    "kode " * 800,
    "akun a_b " * 440,
    "a_b, " * 800,
    "°" * 4000,
    "1° " * 1300,
    "1.1," * 1000,
    "::" * 2000,
    "1:" * 2000,
    "1.1.1." * 660,
    "%41" * 1300,
    "&#64;" * 800,
    "((((" * 1000,
    "lahir " + "1/" * 1990,
    "paspor " + "a1" * 1990,
    "plat " + "b 1 " * 990,
    "e y j " * 600,
    "⟦PERSON:1⟧" * 400,
    "\u200b" * 4000,
    "oil0" * 1000,
    "http://a:" + "b" * 3990,
    "a / " * 1000,
    "user=" * 800,
    "d o t " * 600,
    "a dot " * 600,
    "minus 1 koma " * 300,
    "RM " + "1-" * 1990,
    "A_" * 2000,
    "1|" * 2000,
    "08|" * 1300,
    "12=34 " * 660,
    "<b>1</b>" * 500,
    "<a 1" * 1000,
    "<" + "a" * 3999,
    "⟦PERSON:12⟧8" * 330,
    "rek bca " + "12|34=56 " * 440,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: re.sub(r"\W", "", text[:12]) or "signs")
def test_hostile_texts_are_answered(text: str) -> None:
    """Ends at all, that is: a runaway expression would take hours, and the suite's own limit would stop it."""
    redacted, spans = PATTERNS_ONLY.redact(text[:4000])
    assert len(PLACEHOLDER.findall(redacted)) == len(spans)


def test_a_missing_model_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(RedactorUnavailable):
        Redactor.load(tmp_path_factory.mktemp("model"))


def test_the_shipped_pipeline_hides_names_and_numbers(shipped: Redactor) -> None:
    redacted, spans = shipped.redact("Nama saya Sulastri Handayani, hp 0813-5550-0192")
    assert [span.label for span in spans] == [Label.PERSON, Label.PHONE]
    assert redacted == "Nama saya ⟦PERSON:1⟧, hp ⟦PHONE:1⟧"


def test_known_names_reach_the_pipeline() -> None:
    nlp = spacy.blank("id")
    seen: list[tuple[str, ...]] = []

    @spacy.Language.component("note_known_names")
    def note(doc: spacy.tokens.Doc) -> spacy.tokens.Doc:
        seen.append(doc._.get(KNOWN))
        doc.spans[SPANS] = [doc[0:1]]
        return doc

    nlp.add_pipe("note_known_names")
    spans = Redactor(nlp).find(["tini sudah datang", "belum"], [["Tini"], []])
    assert seen == [("Tini",), ()]
    assert [(s.start, s.end, s.label) for s in spans[0]] == [(0, 4, Label.PERSON)]


def test_no_word_of_a_text_stays_in_the_vocabulary(shipped: Redactor) -> None:
    shipped.find(["halo Zulkarnaenovski, hp 081355500192"])
    strings = shipped._nlp.vocab.strings
    assert "Zulkarnaenovski" not in strings
    assert "zulkarnaenovski" not in strings
    assert "081355500192" not in strings


def test_keys_never_depend_on_the_disguise() -> None:
    assert value_key(Label.PHONE, "０８１３５５５００１９２") == value_key(Label.PHONE, "081355500192")
