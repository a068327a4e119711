"""Handles: how they are made, what they may look like, and which look too much like another. Pure.

Letters, digits and single hyphens of ASCII: whatever else looks like them can't be typed in. A made handle is of two
words of the lists below and a number; neither says anything of the person.
"""

import re
import secrets
from typing import Final

from server.kernel.errors import InvalidInput

SHORTEST: Final = 3
LONGEST: Final = 24
_FORM: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_MOST_DIGITS: Final = 6
"""More in a row, or in all, is a telephone number, a date of birth or another number of somebody's."""

_ALIKE: Final = (("rn", "m"), ("vv", "w"), ("cl", "d"))
_SAME: Final = str.maketrans({"0": "o", "i": "l", "5": "s", "-": None})

_RESERVED: Final = (
    "admin", "administrator", "agen", "agent", "amanah", "anonim", "anonymous", "bantuan", "bot", "customer-service",
    "cs", "dukungan", "help", "helpdesk", "kami", "layanan", "me", "mod", "moderator", "official", "operator", "owner",
    "pemilik", "pengelola", "petugas", "privacy", "privasi", "resmi", "root", "saya", "security", "sistem", "staf",
    "staff", "super-admin", "support", "system", "team", "tim", "visitor", "pengunjung", "null", "undefined", "all",
    "semua", "everyone", "here", "channel",
)  # fmt: skip  # names, read across
_TELLING: Final = 5
"""A reserved word of so many letters is found within a handle too: `amanah2`, `officialtoko`."""

THINGS: Final = (
    "angklung", "badak", "bakiak", "bambu", "batik", "beduk", "belimbing", "beo", "berang", "betet", "bubur", "buku",
    "cemara", "cendol", "cumi", "dadar", "dokar", "domba", "durian", "elang", "gajah", "gamelan", "gasing", "gerobak",
    "getuk", "gula", "hutan", "ikan", "jahe", "jambu", "jendela", "jeruk", "kacang", "kakap", "kambing", "kancil",
    "kapal", "kapas", "karang", "katak", "kayu", "kedelai", "kelapa", "kelinci", "kemiri", "kendi", "kepiting", "keris",
    "kerupuk", "ketan", "ketupat", "kijang", "klepon", "kopi", "kuda", "kunyit", "lampu", "lemper", "lentera", "lumpia",
    "mangga", "manggis", "meja", "merpati", "musang", "nanas", "nangka", "ombak", "pagar", "pantai", "pepaya",
    "parkit", "pasir", "payung", "pelita", "penyu", "perahu", "petai", "pinus", "pisang", "pulau", "rakit", "rambutan",
    "rebana", "rotan", "rusa", "salak", "sawah", "sawo", "seledri", "semangka", "serabi", "sepeda", "seruling", "siput",
    "sirsak", "sumur", "suling", "tahu", "talas", "tambak", "tebu", "teko", "tempe", "tenda", "terong", "tikar",
    "tupai", "ubi", "udang", "ulat", "wajik", "wortel", "zaitun",
)  # fmt: skip  # names, read across
MANNERS: Final = (
    "besar", "biru", "bulat", "bundar", "cekatan", "cepat", "cerdik", "cokelat", "damai", "dingin", "empuk", "gembira",
    "gesit", "girang", "gurih", "halus", "hangat", "hening", "hijau", "jauh", "jernih", "jingga", "jujur", "kecil",
    "kelabu", "kenyal", "kilat", "kokoh", "kuning", "lapang", "lembut", "lincah", "lucu", "luas", "lurus", "manis",
    "merah", "muda", "nila", "nyaman", "perak", "petang", "pagi", "rajin", "ramah", "rapi", "renyah", "riang", "ringan",
    "sabar", "sejuk", "segar", "senja", "senyap", "sigap", "siang", "subur", "tabah", "tangguh", "teduh", "tegap",
    "tekun", "tenang", "terang", "tinggi", "tulus", "ungu", "unik", "utuh", "wangi",
)  # fmt: skip  # names, read across


def skeleton(handle: str) -> str:
    """Give the form under which handles that look alike are the same."""
    form = handle.casefold().replace("1", "l")
    for pair, single in _ALIKE:
        form = form.replace(pair, single)
    return form.translate(_SAME)


def new_handle() -> str:
    """Make a handle: a thing, its manner, and four digits, all by chance."""
    return f"{secrets.choice(THINGS)}-{secrets.choice(MANNERS)}-{1000 + secrets.randbelow(9000)}"


def normal_handle(typed: str) -> str:
    """Give a handle as it is kept: lower case.

    Raises:
        InvalidInput: it has not the form of one, or is a word that stands for those who run this place.
    """
    handle = typed.strip().lower()
    if len(handle) < SHORTEST:
        raise InvalidInput(fields={"handle": "too_short"})
    if len(handle) > LONGEST:
        raise InvalidInput(fields={"handle": "too_long"})
    if not _FORM.fullmatch(handle):
        raise InvalidInput(fields={"handle": "invalid_handle"})
    if sum(character.isdecimal() for character in handle) > _MOST_DIGITS:
        raise InvalidInput(fields={"handle": "identifier_in_handle"})
    return handle


def is_reserved(handle: str, company: str) -> bool:
    """Whether a handle would pass its holder off as those who run this place.

    Args:
        handle: in its normal form.
        company: name of the company, whose handles nobody else takes either.
    """
    form = skeleton(handle)
    own = skeleton(
        "".join(character for character in company.casefold() if character.isascii() and character.isalnum())
    )
    words = {skeleton(word) for word in _RESERVED} | ({own} if own else set())
    if form in words or any(skeleton(part) in words for part in handle.split("-")):
        return True
    return any(word in form for word in words if len(word) >= _TELLING)


def spoken_forms(handle: str) -> tuple[str, ...]:
    """Give a handle in the forms in which the redactor knows names and numbers: as typed, and as words."""
    words = handle.replace("-", " ")
    return (handle, words, words.title())
