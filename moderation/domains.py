"""Links in a text, and addresses that are made to be taken for somebody else's.

Pure; knows no network. A name is suspicious when it looks like a protected one (letters of other scripts, digits for
letters, one letter off), carries it where it does not belong (`brand.example.evil.top`, `brand-login.top`), or hides
where it leads (`https://brand.example@evil.top`).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from moderation.folding import skeleton

_URL: Final = re.compile(r"(?:\b[a-zA-Z][a-zA-Z0-9+.\-]{1,10}://|\bwww\.)[^\s<>\"'`\u27e6\u27e7]{1,2000}")
_BARE: Final = re.compile(
    r"(?<![\w@./\-])(?:[^\W_](?:[\w\-]{0,61}[^\W_])?\.){1,6}[^\W\d_]{2,24}(?![\w@\-])(?:[/?#][^\s<>\"']*)?"
)
_TAIL: Final = ".,;:!?)]}'\"*_>"
_TWO_PART: Final = frozenset(
    f"{second}.{country}"
    for country, seconds in {
        "id": "co or go ac sch web my biz desa net mil ponpes",
        "uk": "co org ac gov",
        "my": "com net org gov",
        "sg": "com net org gov",
        "au": "com net org",
        "in": "co net org",
        "jp": "co ne or ac",
        "br": "com net org",
        "th": "co or in",
    }.items()
    for second in seconds.split()
)

BRANDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "klikbca": ("klikbca.com",),
        "mybca": ("bca.co.id",),
        "bca": ("bca.co.id",),
        "bri": ("bri.co.id",),
        "brimo": ("bri.co.id",),
        "bni": ("bni.co.id",),
        "bankmandiri": ("bankmandiri.co.id",),
        "mandiri": ("bankmandiri.co.id",),
        "tokopedia": ("tokopedia.com",),
        "shopee": ("shopee.co.id", "shopee.com"),
        "shopeepay": ("shopeepay.co.id",),
        "bukalapak": ("bukalapak.com",),
        "lazada": ("lazada.co.id", "lazada.com"),
        "blibli": ("blibli.com",),
        "traveloka": ("traveloka.com",),
        "gojek": ("gojek.com",),
        "gopay": ("gopay.co.id",),
        "grab": ("grab.com",),
        "ovo": ("ovo.id",),
        "dana": ("dana.id",),
        "linkaja": ("linkaja.id",),
        "telkomsel": ("telkomsel.com",),
        "indihome": ("indihome.co.id",),
        "pln": ("pln.co.id",),
        "bpjs": ("bpjs-kesehatan.go.id", "bpjsketenagakerjaan.go.id"),
        "pajak": ("pajak.go.id",),
        "jne": ("jne.co.id",),
        "sicepat": ("sicepat.com",),
        "whatsapp": ("whatsapp.com", "whatsapp.net"),
        "telegram": ("telegram.org", "telegram.me"),
        "instagram": ("instagram.com",),
        "facebook": ("facebook.com", "facebook.net"),
        "google": ("google.com", "google.co.id"),
        "gmail": ("gmail.com", "google.com"),
        "microsoft": ("microsoft.com",),
        "apple": ("apple.com",),
        "paypal": ("paypal.com",),
        "netflix": ("netflix.com",),
    }
)
"""A name that is often imitated in Indonesia -> the domains that are really its owner's."""

_LURES: Final = frozenset(
    [
        "login",
        "masuk",
        "signin",
        "verifikasi",
        "verify",
        "verification",
        "promo",
        "hadiah",
        "klaim",
        "claim",
        "bonus",
        "secure",
        "security",
        "keamanan",
        "akun",
        "account",
        "resmi",
        "official",
        "cs",
        "support",
        "update",
        "gratis",
        "undian",
        "event",
        "giveaway",
        "reward",
        "layanan",
        "konfirmasi",
        "confirm",
        "aktivasi",
        "activation",
        "blokir",
        "unblock",
        "poin",
        "reset",
        "password",
        "otp",
        "pin",
        "bantuan",
        "help",
        "online",
        "wallet",
        "pay",
        "kredit",
        "pinjaman",
        "aman",
    ]
)
_COMMON: Final = frozenset({"dana", "mandiri", "grab", "apple", "pajak", "telegram", "bri", "ovo", "pln", "jne", "bni"})
"""Names that are words, or so short that they stand in others: only beside a lure."""

_SHORTENERS: Final = frozenset(
    {"bit.ly", "s.id", "tinyurl.com", "cutt.ly", "t.co", "is.gd", "rebrand.ly", "shorturl.at"}
)


def links(text: str) -> list[str]:
    """Give the links of a text in the order in which they stand, written out or bare (`toko.example/x`)."""
    found = [(hit.start(), hit[0].rstrip(_TAIL)) for hit in _URL.finditer(text)]
    taken = [(start, start + len(link)) for start, link in found]
    for hit in _BARE.finditer(text):
        if _is_domain(hit[0]) and not any(start <= hit.start() < end for start, end in taken):
            found.append((hit.start(), hit[0].rstrip(_TAIL)))
    return [link for _, link in sorted(found)]


_TLDS: Final = frozenset(
    [
        "com",
        "net",
        "org",
        "id",
        "co",
        "io",
        "me",
        "info",
        "biz",
        "xyz",
        "top",
        "site",
        "online",
        "shop",
        "store",
        "club",
        "vip",
        "live",
        "link",
        "click",
        "icu",
        "cyou",
        "fun",
        "app",
        "dev",
        "page",
        "web",
        "asia",
        "tech",
        "space",
        "website",
        "pro",
        "my",
        "sg",
        "uk",
        "us",
        "tk",
        "ml",
        "ga",
        "cf",
        "gq",
        "cc",
        "ru",
        "cn",
        "win",
        "bet",
        "ly",
        "gd",
        "edu",
        "gov",
        "example",
    ]
)


def _is_domain(word: str) -> bool:
    """Whether a bare word with dots in it is an address: file names and missing spaces after a full stop are not."""
    host = re.split(r"[/?#]", word, maxsplit=1)[0].lower()
    return host.rpartition(".")[2] in _TLDS or "xn--" in host


def host_of(link: str) -> str:
    """Give the name of the machine that a link leads to, in lower case, with punycode written out; empty for none."""
    rest = re.sub(r"^[a-zA-Z][a-zA-Z0-9+.\-]*://", "", link)
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    host = authority.rpartition("@")[2].partition(":")[0].strip(".").lower()
    return ".".join(_written_out(label) for label in re.split("[.\u3002\uff0e\uff61]", host) if label)


def _written_out(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label


def registered(host: str) -> str:
    """Give the part of a name that somebody registered: two labels, or three under `co.id` and the like."""
    labels = host.split(".")
    count = 3 if ".".join(labels[-2:]) in _TWO_PART else 2
    return ".".join(labels[-count:])


def is_short(link: str) -> bool:
    """Whether a link leads through a shortening service, so that nobody sees where to."""
    return registered(host_of(link)) in _SHORTENERS


def looks_like(link: str, protected: Mapping[str, tuple[str, ...]] = BRANDS) -> str | None:
    """Say whose address a link is made to be taken for.

    Args:
        link: as it stands in the text.
        protected: name -> the domains that are really its owner's.

    Returns:
        The name, `mixed` for an address of several scripts, or None.
    """
    host = host_of(link)
    if "." not in host:
        return None
    domain = registered(host)
    if any(domain == own for owns in protected.values() for own in owns):
        return None
    if _hides_target(link, protected):
        return next(name for name, owns in protected.items() if any(own in link.lower() for own in owns))
    for name in sorted(protected, key=len, reverse=True):
        if _imitates(host, domain, name):
            return name
    return "mixed" if any(_is_mixed(label) for label in host.split(".")) else None


def _hides_target(link: str, protected: Mapping[str, tuple[str, ...]]) -> bool:
    rest = link.partition("://")[2]
    userinfo, at, _ = re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")
    return bool(at) and any(own in userinfo.lower() for owns in protected.values() for own in owns)


def _imitates(host: str, domain: str, name: str) -> bool:
    main = domain.split(".")[0]
    if any(ord(character) > 127 for character in main) and skeleton(main) == skeleton(name):
        return True
    parts = [part for label in host.split(".") for part in label.split("-") if part]
    lured = any(skeleton(lure) == skeleton(part) for part in parts for lure in _LURES)
    risky = name not in _COMMON and len(name) > 3
    below = host.removesuffix(domain).strip(".").split(".")
    if skeleton(name) in {skeleton(label) for label in below if label} and (risky or lured or _repeats_suffix(below)):
        return True
    if any(skeleton(part) == skeleton(name) for part in parts) and (lured or (risky and main != name)):
        return main != name or lured
    if risky and main != name and (skeleton(main) == skeleton(name) or _one_off(main, name)):
        return True
    # Written together: `tokopediapromo`.
    return any(_is_glued(label.replace("-", ""), name) for label in host.split("."))


def _repeats_suffix(below: list[str]) -> bool:
    """Whether a whole address stands in front of the real one: `bca.co.id.evil.top`."""
    return len(below) >= 2 and (below[-1] in _TLDS or ".".join(below[-2:]) in _TWO_PART)


def _is_glued(part: str, name: str) -> bool:
    if len(name) < 3 or name not in part or part == name:
        return False
    return part.replace(name, "", 1) in _LURES


def _one_off(word: str, name: str) -> bool:
    """Whether one insertion, removal, exchange or swap of neighbours makes one of the other. Long names only, but for a
    letter that is doubled."""
    if len(name) == 5 and word != name and re.sub(r"(.)\1", r"\1", word) == name:
        return True
    if len(name) < 6 or abs(len(word) - len(name)) > 1 or word == name:
        return False
    if len(word) == len(name):
        wrong = [place for place in range(len(name)) if word[place] != name[place]]
        swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1
        return len(wrong) == 1 or (swapped and word[wrong[0]] == name[wrong[1]] and word[wrong[1]] == name[wrong[0]])
    longer, shorter = (word, name) if len(word) > len(name) else (name, word)
    return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))


def _is_mixed(label: str) -> bool:
    scripts = {script for character in label if (script := _script(character))}
    return len(scripts & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}) > 1


def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0] if character.isalpha() else ""


def protected_with(
    own: Iterator[str] | tuple[str, ...], base: Mapping[str, tuple[str, ...]] = BRANDS
) -> Mapping[str, tuple[str, ...]]:
    """Give the protected names together with an operator's own domains (`toko.example`)."""
    mine = {registered(host).split(".")[0]: (registered(host),) for host in own if "." in host}
    return MappingProxyType({**base, **mine})
