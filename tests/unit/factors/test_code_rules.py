"""One-time codes, recovery codes and counters: the pure rules."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from hypothesis import given
from hypothesis import strategies as st

from server.factors.model import (
    RECOVERY_CODES,
    STEP_S,
    Codes,
    code_of,
    counts_up,
    enrolment_uri,
    is_one_time_code,
    matching_step,
    new_recovery_codes,
    new_secret,
    normal_code,
    recovery_digest,
    spelled,
    step_of,
)

_RFC_SECRET = b"12345678901234567890"
_KEY = bytes(32)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_of_rfc_6238(seconds: int, code: str) -> None:
    """Appendix B, SHA-1, the last six of its eight digits."""
    moment = datetime.fromtimestamp(seconds, UTC)
    assert code_of(_RFC_SECRET, step_of(moment)) == code
    assert matching_step(_RFC_SECRET, code, moment) == seconds // STEP_S


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_neighbouring_steps_fit_and_no_others(steps: int, fits: bool) -> None:
    now = datetime(2026, 3, 1, 12, 0, 10, tzinfo=UTC)
    code = code_of(_RFC_SECRET, step_of(now + timedelta(seconds=STEP_S * steps)))
    assert (matching_step(_RFC_SECRET, code, now) is not None) is fits


@given(st.text(max_size=20))
def test_whatever_is_typed_is_compared_and_never_raises(typed: str) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    code = normal_code(typed)
    step = matching_step(_RFC_SECRET, code, now)
    assert (step is not None) == (code in {code_of(_RFC_SECRET, step_of(now) + drift) for drift in (-1, 0, 1)})
    assert len(recovery_digest(_KEY, "account", typed)) == 64


def test_people_type_codes_in_groups() -> None:
    assert normal_code(" 123 456 ") == "123456"
    assert is_one_time_code("123456")
    assert not is_one_time_code("１２３４５６")
    assert not is_one_time_code("1234567")


def test_recovery_codes_are_long_different_and_forgive_look_alikes() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == RECOVERY_CODES
    assert all(len(normal_code(code)) == 10 and not is_one_time_code(normal_code(code)) for code in codes)
    digest = recovery_digest(_KEY, "account", "01234-ABCDE")
    assert digest == recovery_digest(_KEY, "account", "oi234 abcde")
    assert digest != recovery_digest(_KEY, "other", "01234-ABCDE")
    assert digest != recovery_digest(bytes([1]) * 32, "account", "01234-ABCDE")


def test_the_address_that_apps_read() -> None:
    secret = new_secret()
    uri = enrolment_uri(secret, issuer="Toko: A & B", label="siti@contoh.example")
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert unquote(parts.path) == "/Toko: A & B:siti@contoh.example"
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert query == {
        "secret": spelled(secret),
        "issuer": "Toko: A & B",
        "algorithm": "SHA1",
        "digits": "6",
        "period": "30",
    }
    # Another implementation finds the same secret in it.
    assert (
        TOTP(secret, 6, SHA1(), 30, enforce_key_length=False).get_provisioning_uri("a", None).split("secret=")[1][:32]
        == query["secret"]
    )


@pytest.mark.parametrize(
    ("before", "now", "fits"), [(0, 0, True), (0, 5, True), (5, 6, True), (5, 5, False), (5, 4, False), (5, 0, False)]
)
def test_a_counter_that_stands_still_is_suspicious(before: int, now: int, fits: bool) -> None:
    assert counts_up(before, now) is fits


def test_nothing_secret_is_shown() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    codes = Codes(_RFC_SECRET, now, 1, b"pending-secret", now, 3)
    assert "1234567" not in repr(codes)
    assert "pending-secret" not in repr(codes)
