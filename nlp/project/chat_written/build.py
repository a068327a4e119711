"""Compile the hand-written training messages, `<writer>/*.txt`, into `<writer>/messages.jsonl` and check them.

Run from anywhere: `python3 build.py [WRITER ...]` (no argument: every writer folder). `--check` writes nothing.

A message is a block `@@ lang surface [adv] [same]` followed by its text. `«X:text»` is a gold span (X: see LABELS),
`‹text›` a don't-care stretch, `?` in a CARD the Luhn check digit, `?` in an NPWP its ninth (check) digit and `\\uXXXX`
that code point. Leading honorifics and trailing academic suffixes of a PERSON become don't-care by themselves.
`same` says that a name of this message also stands in it as an ordinary word, unlabelled on purpose.

This file must not change a message's wording, and must not read anything but the folder it stands in.
"""

import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

Record = dict[str, Any]

LABELS = {
    "P": "PERSON",
    "T": "PHONE",
    "E": "EMAIL",
    "A": "ADDRESS",
    "N": "NIK",
    "W": "NPWP",
    "K": "KK",
    "B": "BPJS",
    "S": "PASSPORT",
    "R": "BANK_ACCOUNT",
    "C": "CARD",
    "L": "PLATE",
    "I": "IP",
    "G": "GEO",
    "D": "DOB",
    "U": "USERNAME",
    "M": "MEDICAL_RECORD",
    "X": "SECRET",
}
HONORIFIC = (
    r"(?:Pak|Bapak|Bpk|Bp|Pa|Bu|Ibu|Ibuk|Mas|Mbak|Mba|Mb|Kak|Kakak|Ka|kk|Bang|Abang|Bg|Gus|Ning|Kang|Teh|Teteh|Aa|Ko|Koh"
    r"|Koko|Ci|Cik|Cici|Cak|Om|Tante|Uda|Uni|Ustadz|Ust|KH|K\.H|H|Hj|dr|drg|Prof|Ir|Drs|Dra|Tn|Ny|Nn|Sdr|Sdri|Mr|Mrs|Ms"
    r"|Miss|Daeng|Dg|Mama|Mbah|Opung|Dek|Dik|ananda|an|a\.n|a/n|sis|bro|haji|Bun|Bunda|Kel|Pak Haji|Lurah|dukuh|Bli"
    r"|Mbok|Mpok|Pakde|Bude|Paklik|Bulik|Lik|Lek|Dokter|Dok|Suster|Sus|Kaka|Pace|Mace|Cece|Ce|Nyong|Kyai|Kiai|Buya|Datuk|Lae"
    r"|Ito|Inang|Amang|Eyang|Mister|Madam|Pdt|Pastor|Rm|Romo|Puang|Mang|Mak|Emak|Nenek|Kakek|Opa|Oma|Bibi|Paman|Wak"
    r"|Habib|Tuan|Nona|Usi|Uncle|Auntie|Aunt|Alm|Almh|Almarhum|Almarhumah|Ustaz|Ustadzah|Acil|Amak|Pakcik|Makcik|Tulang"
    r"|Namboru|Ompu|Babeh|Pakdhe|Budhe|Neng|Ceu|Umi|Abi|Mbakyu|Yu|Jeng|Bi|Nyak|Encing|Mami|Papi|Bapa)"
)
LEADING = re.compile(rf"^((?:{HONORIFIC}\b\.?\s+)+)(?=\S)", re.IGNORECASE)
BEFORE = re.compile(rf"(?<!\w)((?:{HONORIFIC}\b\.?\s*)+)$", re.IGNORECASE)
SUFFIX = r"(?:,?\s*(?:[SM]\.\w+(?:\.\w+)*\.?|Sp\.\w+|Ph\.?D|A\.Md\.?\w*)(?!\w))+"
AFTER = re.compile("^" + SUFFIX)
TRAILING = re.compile(SUFFIX + "$")
MARK = re.compile(r"«([A-Z]):(.*?)»|‹(.*?)›", re.DOTALL)
NUMBERS_ID = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
NUMBERS_EN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
WORDS = {word: str(n) for words in (NUMBERS_ID, NUMBERS_EN) for n, word in enumerate(words)} | {"kosong": "0"}
NUMBER_WORD = re.compile("|".join(sorted(WORDS, key=len, reverse=True)), re.IGNORECASE)
PROVINCES = frozenset(
    {*range(11, 20), 21, *range(31, 37), *range(51, 54), *range(61, 66), *range(71, 77), 81, 82, *range(91, 97)}
)


def luhn(digits: str) -> bool:
    """True if the last digit of `digits` is the Luhn check digit of the others (ISO/IEC 7812-1)."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def digits_of(text: str) -> str:
    """The decimal digits of `text`, number words and full-width digits included."""
    spelled = NUMBER_WORD.sub(lambda found: WORDS[found[0].lower()], text)
    return "".join(str(unicodedata.digit(c)) for c in spelled if unicodedata.digit(c, None) is not None)


def npwp_ok(digits: str) -> bool:
    return luhn(digits[1:10] if len(digits) == 16 else digits[:9])


def nik_ok(digits: str) -> bool:
    """The shape of an identity-card number: province, regency, district, birth date (women: day + 40), serial."""
    if len(digits) != 16:
        return False
    day, month = int(digits[6:8]), int(digits[8:10])
    day = day - 40 if day > 40 else day
    places = int(digits[:2]) in PROVINCES and digits[2:4] != "00" and digits[4:6] != "00"
    return places and 1 <= day <= 31 and 1 <= month <= 12 and digits[12:] != "0000"


def structure_fault(label: str, value: str) -> str | None:
    """What is wrong with a number of the given label, or None."""
    digits = digits_of(value)
    rules: dict[str, tuple[Callable[[], bool], str]] = {
        "NIK": (lambda: nik_ok(digits), "NIK structure"),
        "KK": (lambda: nik_ok(digits) and int(digits[6:8]) <= 31, "KK structure"),
        "NPWP": (lambda: len(digits) in (15, 16) and npwp_ok(digits), "NPWP length or check digit"),
        "BPJS": (lambda: len(digits) == 13 and digits.startswith("000"), "BPJS length"),
        "CARD": (lambda: len(digits) in (15, 16) and luhn(digits), "CARD length or check digit"),
    }
    if label in rules and not rules[label][0]():
        return rules[label][1]
    return None


def check_digit(label: str, value: str) -> str:
    """Put in the digit that `?` stands for in a CARD or an NPWP."""
    tests = {"CARD": luhn, "NPWP": npwp_ok}
    if "?" not in value or label not in tests:
        return value
    return next(filled for filled in (value.replace("?", str(n)) for n in range(10)) if tests[label](digits_of(filled)))


def unescape(text: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)


def compile_message(body: str) -> tuple[str, list[Record], list[list[int]], list[str]]:
    """Turn inline markup into text, gold spans, don't-care ranges (code-point offsets) and faults."""
    text, position = "", 0
    spans: list[Record] = []
    dontcare: list[list[int]] = []
    faults: list[str] = []
    for found in MARK.finditer(body):
        text += body[position : found.start()]
        position = found.end()
        if not found[1]:
            dontcare.append([len(text), len(text) + len(found[3])])
            text += found[3]
            continue
        label, tail = LABELS[found[1]], ""
        value = check_digit(label, found[2])
        if label == "USERNAME" and value.startswith("@"):
            text, value = text + "@", value[1:]
        if label == "PERSON":
            if honorific := LEADING.match(value):
                dontcare.append([len(text), len(text) + honorific.end()])
                text, value = text + honorific[1], value[honorific.end() :]
            if (suffix := TRAILING.search(value)) and suffix.start():
                value, tail = value[: suffix.start()], value[suffix.start() :]
        if fault := structure_fault(label, value):
            faults.append(f"{fault}: {value}")
        spans.append({"start": len(text), "end": len(text) + len(value), "label": label})
        text += value + tail
    text += body[position:]
    dontcare += titles_beside(text, spans, dontcare)
    if re.search("[«»‹›]", text):
        faults.append("stray markup")
    return text, spans, sorted(dontcare), faults


def titles_beside(text: str, spans: list[Record], known: list[list[int]]) -> list[list[int]]:
    """Ranges of honorifics before, and academic suffixes after, the gold persons."""
    ranges: list[list[int]] = []
    for span in spans:
        if span["label"] != "PERSON":
            continue
        start, end = span["start"], span["end"]
        title = BEFORE.search(text[:start])
        if title and not any(a < start and title.start() < b for a, b in known):
            ranges.append([title.start(), start])
        if suffix := AFTER.match(text[end:]):
            ranges.append([end, end + suffix.end()])
    return ranges


def coverage(record: Record) -> tuple[list[bool], list[str]]:
    """Which characters of the message are gold or don't-care, and what is wrong with those ranges."""
    text, covered, last = record["text"], [False] * len(record["text"]), 0
    faults: list[str] = []
    for span in record["spans"]:
        value = text[span["start"] : span["end"]]
        if value != value.strip() or span["start"] < last or not any(map(str.isalnum, value)):
            faults.append(f"bad span {value!r}")
        last = span["end"]
        covered[span["start"] : last] = [True] * len(value)
    for start, end in record["dontcare"]:
        if any(covered[start:end]):
            faults.append(f"don't-care overlaps gold: {text[start:end]}")
        covered[start:end] = [True] * (end - start)
    return covered, faults


def faults_of(record: Record, same: bool) -> list[str]:
    """Whatever looks like a slip of the annotator in one compiled message."""
    text = record["text"]
    covered, faults = coverage(record)

    def uncovered(pattern: str) -> list[str]:
        return [m[0] for m in re.finditer(pattern, text, re.IGNORECASE) if not any(covered[m.start() : m.end()])]

    for span in [] if same else record["spans"]:
        value = text[span["start"] : span["end"]]
        parts = {value, *(w for w in value.split() if len(w) > 3 and span["label"] == "PERSON")}
        faults += [
            f"unlabelled repeat of {part}"
            for part in sorted(parts)
            if len(part) > 2 and uncovered(rf"(?<!\w){re.escape(part)}(?!\w)")
        ]
    faults += [f"uncovered @: {handle}" for handle in uncovered(r"\S+@\S+|@\w+")]
    for number in uncovered(r"(?<!\d)(?:\d{16}|(?:\d{4}[ .-]){3}\d{4})(?!\d)"):
        if nik_ok(digits_of(number)) or luhn(digits_of(number)):
            faults.append(f"unlabelled number looks valid: {number}")
    return faults


def compile_file(path: Path) -> tuple[list[Record], list[str]]:
    """All messages of one source file, and its faults."""
    records: list[Record] = []
    faults: list[str] = []
    for number, block in enumerate(re.split(r"(?m)^@@ ", path.read_text(encoding="utf8"))[1:], 1):
        head, _, body = block.partition("\n")
        lang, surface, *flags = head.split()
        text, spans, dontcare, found = compile_message(unescape(body.rstrip("\n")))
        record = {
            "id": f"{path.parent.name}-{path.stem}-{number:03d}",
            "lang": lang,
            "surface": surface,
            "adv": "adv" in flags,
            "text": text,
            "spans": sorted(spans, key=lambda s: int(s["start"])),
            "dontcare": dontcare,
        }
        found += faults_of(record, "same" in flags)
        if not text.strip():
            found.append("empty message")
        faults += [f"{record['id']}: {fault}" for fault in found]
        records.append(record)
    return records, faults


def main(arguments: list[str]) -> int:
    """Compile the named writers (default: all); returns 1 if anything was warned of."""
    here = Path(__file__).resolve().parent
    check = "--check" in arguments
    writers = [a for a in arguments if a != "--check"] or sorted({p.parent.name for p in here.glob("*/*.txt")})
    warned = 0
    for writer in writers:
        records: list[Record] = []
        for path in sorted((here / writer).glob("*.txt")):
            compiled, faults = compile_file(path)
            records += compiled
            warned += len(faults)
            for fault in faults:
                print("WARN", fault)
        for text, times in Counter(r["text"] for r in records).items():
            if times > 1:
                warned += 1
                print("WARN", f"{writer}: {times} times: {text}")
        labels = Counter(s["label"] for r in records for s in r["spans"])
        print(f"{writer}: {len(records)} messages, {sum(not r['spans'] for r in records)} without identifier")
        print(f"  {labels.most_common()}")
        if not check:
            lines = (json.dumps(r, ensure_ascii=False) + "\n" for r in records)
            (here / writer / "messages.jsonl").write_text("".join(lines), encoding="utf8")
    return 1 if warned else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
