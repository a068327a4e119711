"""Which reasons hold a text, and what leaves it alone."""

import json
from dataclasses import replace

import pytest

from moderation.policy import Policy, PolicyError, policy_of
from moderation.signals import POINTS, Pace, Protected, Writer, assess, taken_for

_POLICY = Policy()
_NEW = Writer("rusa_biru", level=0, published=0)
_KNOWN = Writer("rusa_biru", level=2, published=40)
_CALM = Pace()
_PROTECTED = Protected(handles=("bantuan_amanah", "lintang"))


def _reasons(text: str, writer: Writer = _KNOWN, pace: Pace = _CALM, **more: object) -> tuple[str, ...]:
    return assess(text, writer, pace, _POLICY, _PROTECTED, **more).reasons  # type: ignore[arg-type]  # see assess


@pytest.mark.parametrize(
    ("text", "writer", "pace", "reason"),
    [
        ("halo semua", _NEW, _CALM, "first_posts"),
        ("https://a.example https://b.example", _NEW, _CALM, "links"),
        ("lihat bit.ly/abc", _KNOWN, _CALM, "short_links"),
        ("https://tokopedia-promo.xyz", _KNOWN, _CALM, "look_alike_domain"),
        ("kata " * 100, _KNOWN, Pace(since_last_s=2.0, recent=1), "speed"),
        ("halo", _KNOWN, Pace(since_last_s=9.0, recent=5), "speed"),
        ("beli barang saya sekarang juga ya kak", _KNOWN, Pace(repeats=1), "repeated"),
        ("halo", Writer("1intang", 2, 10), _CALM, "look_alike_handle"),
        ("halo", Writer("admin_resmi", 2, 10), _CALM, "look_alike_handle"),
        ("Tolong kirimkan kode OTP anda", _KNOWN, _CALM, "asks_secret"),
    ],
)
def test_reasons(text: str, writer: Writer, pace: Pace, reason: str) -> None:
    """Each by itself."""
    assert reason in _reasons(text, writer, pace)


@pytest.mark.parametrize(
    ("text", "writer", "pace"),
    [
        ("halo semua", _KNOWN, _CALM),
        ("https://a.example https://b.example", _KNOWN, _CALM),
        ("kata " * 100, _KNOWN, Pace(since_last_s=300.0, recent=0)),
        ("ya", _KNOWN, Pace(since_last_s=1.0, recent=4)),
        ("terima kasih", _KNOWN, Pace(repeats=3)),
        ("halo", Writer("administrasi_toko", 2, 10), _CALM),
        ("halo", Writer("stafford", 2, 10), _CALM),
        ("kata " * 200, _KNOWN, Pace(since_last_s=None, recent=0)),
    ],
)
def test_nothing_is_odd(text: str, writer: Writer, pace: Pace) -> None:
    """Short thanks come often, and names may begin like a title."""
    assert _reasons(text, writer, pace) == ()


def test_what_only_is_odd_needs_company() -> None:
    """A first post is published; with two links it waits; a request for an OTP waits by itself."""
    assert not assess("halo semua", _NEW, _CALM, _POLICY, _PROTECTED).held
    assert assess("https://a.example https://b.example", _NEW, _CALM, _POLICY, _PROTECTED).held
    assert assess("Tolong kirimkan kode OTP anda", _KNOWN, _CALM, _POLICY, _PROTECTED).held
    assert not assess("Selamat datang", _KNOWN, _CALM, _POLICY, _PROTECTED).held


def test_first_posts_can_all_be_held() -> None:
    """A setting, for those who want to see everything first."""
    strict = replace(_POLICY, hold_first_posts=2)
    assert assess("halo", _NEW, _CALM, strict, _PROTECTED).held
    assert not assess("halo", replace(_NEW, published=2), _CALM, strict, _PROTECTED).held


def test_the_classifier_and_many_hidden_values_count() -> None:
    """From the policy's chance on; and where a new account writes many identifiers."""
    assert "spam" in _reasons("halo", spam_chance=0.96)
    assert "spam" not in _reasons("halo", spam_chance=0.94)
    assert "spam" not in _reasons("halo", spam_chance=None)
    assert "many_hidden" in _reasons("halo", _NEW, hidden=8)
    assert "many_hidden" not in _reasons("halo", _KNOWN, hidden=8)


def test_images_of_new_people_wait() -> None:
    """Nobody but people can look at them; whoever is known, and staff, need not wait."""
    text = "lihat ![layar](/lampiran/abcdefghijklmnopabcdefghijklmnop.webp#640x400)"
    somewhat_known = replace(_KNOWN, level=1)
    assert assess(text, somewhat_known, _CALM, _POLICY, _PROTECTED).reasons == ("images",)
    assert assess(text, somewhat_known, _CALM, _POLICY, _PROTECTED).held
    assert not assess(text, _KNOWN, _CALM, _POLICY, _PROTECTED).held
    assert not assess(text, replace(_NEW, is_staff=True), _CALM, _POLICY, _PROTECTED).held


def test_staff_is_never_held() -> None:
    """They speak for the company, and may say so."""
    staff = Writer("lintang", 0, 0, is_staff=True)
    assert assess("Saya dari tim support, klik bit.ly/a", staff, _CALM, _POLICY, _PROTECTED).held is False


def test_every_reason_has_points() -> None:
    """From 1 to the threshold."""
    assert set(POINTS.values()) <= set(range(1, _POLICY.hold_at + 1))


@pytest.mark.parametrize(
    "handle", ["4dmin", "m0derator", "cs-amanah", "support.id", "officiаl", "Iintang", "bantuan-amanah"]
)
def test_handles_that_pose(handle: str) -> None:
    """As the company, or as one of its people."""
    assert taken_for(handle, _PROTECTED.handles)


@pytest.mark.parametrize(
    "handle", ["kucing_merah", "csaba", "moda_jaya", "lintang_timur", "supporter-bola", "resmiyati"]
)
def test_handles_that_do_not(handle: str) -> None:
    """Words that only begin alike."""
    assert taken_for(handle, _PROTECTED.handles) is None


def test_thresholds_are_settings() -> None:
    """Single ones as JSON; what does not fit is named, not guessed."""
    policy = policy_of(json.dumps({"hold_at": 5, "flag_weights": [0, 1, 2, 3, 4], "spam_chance": 0.9}))
    assert (policy.hold_at, policy.flag_weights, policy.spam_chance) == (5, (0.0, 1.0, 2.0, 3.0, 4.0), 0.9)
    assert policy_of(" ") == Policy()
    for wrong in (
        "{",
        "[]",
        '{"hold": 1}',
        '{"hold_at": -1}',
        '{"hold_at": 1.5}',
        '{"hold_at": true}',
        '{"flag_weights": [1]}',
    ):
        with pytest.raises(PolicyError):
            policy_of(wrong)
