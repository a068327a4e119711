"""The one error map: every domain error, and nothing of what was typed."""

from typing import Any

import orjson
import pytest
from pydantic import TypeAdapter, ValidationError

from server.accounts.api import NewAccount
from server.chat.schemas import ConversationQuery, MessageQuery, SendMessage, Typing
from server.kernel import errors
from server.kernel.errors import DomainError, InvalidInput, RateLimited, Unavailable
from server.web.catalogue import Catalogues, preferred
from server.web.errors import STATUS, invalid, problem_of

_CATALOGUES = Catalogues.load()
_TYPED = "nomor 0812-9071-3648"


def _all_errors() -> list[type[DomainError]]:
    return [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DomainError)]


def _problem(error: Exception, locale: str = "id") -> Any:
    return problem_of(error, request_id="r1", locale=locale, catalogues=_CATALOGUES)


@pytest.mark.parametrize("kind", _all_errors(), ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("locale", ["id", "en"])
def test_every_error_has_a_status_and_words(kind: type[DomainError], locale: str) -> None:
    """In both languages, in the contract's envelope."""
    error = kind(retry_after=7) if kind is RateLimited else kind()
    problem = _problem(error, locale)
    assert problem.status == STATUS[kind.code]
    envelope = problem.envelope()
    assert orjson.dumps(envelope)
    assert envelope["ok"] is False
    assert envelope["error"]["code"] == kind.code
    assert envelope["error"]["message"]
    assert envelope["error"]["request_id"] == "r1"
    assert (envelope["error"].get("retry_after") == 7) is (kind is RateLimited)


def test_codes_and_statuses_are_one_to_one() -> None:
    """Every code is some error's, every error has a code of its own."""
    codes = [kind.code for kind in _all_errors()]
    assert sorted(codes) == sorted(STATUS)
    assert all(200 <= status < 600 for status in STATUS.values())


def test_waiting_helps_where_something_is_down() -> None:
    """Clients are told when to come back."""
    assert _problem(Unavailable()).retry_after
    assert _problem(InvalidInput()).retry_after is None
    assert _problem(RateLimited(retry_after=30)).retry_after == 30


def test_anything_else_is_internal_and_says_nothing() -> None:
    """An exception's text may be what somebody typed."""
    problem = _problem(RuntimeError(_TYPED))
    assert problem.status == 500
    assert problem.error["code"] == "internal"
    assert "0812" not in orjson.dumps(problem.envelope()).decode()


@pytest.mark.parametrize(
    ("schema", "payload", "fields"),
    [
        (
            SendMessage,
            {"conversation_id": _TYPED, "client_message_id": "1", "text": "x"},
            {"conversation_id": "malformed"},
        ),
        (SendMessage, {"conversation_id": "c", "client_message_id": "1"}, {"text": "required"}),
        (SendMessage, {"conversation_id": "c", "client_message_id": "1", "text": _TYPED * 400}, {"text": "too_long"}),
        (SendMessage, {"conversation_id": "c", "client_message_id": "1", "text": [_TYPED]}, {"text": "not_text"}),
        (
            SendMessage,
            {"conversation_id": "c", "client_message_id": "1", "text": "x", _TYPED: _TYPED},
            {"unknown": "unknown_field"},
        ),
        (SendMessage, _TYPED, {"body": "malformed"}),
        (SendMessage, None, {"body": "malformed"}),
        (Typing, {"conversation_id": "c", "typing": _TYPED}, {"typing": "malformed"}),
        (ConversationQuery, {"status": _TYPED}, {"status": "not_allowed"}),
        (ConversationQuery, {"limit": "0"}, {"limit": "out_of_range"}),
        (MessageQuery, {"after_seq": "-1"}, {"after_seq": "out_of_range"}),
        (MessageQuery, {"limit": "many"}, {"limit": "malformed"}),
        (
            NewAccount,
            {"email": "x" * 300, "password": "x" * 300, "display_name": "x" * 300, "locale": _TYPED},
            {"email": "too_long", "password": "too_long", "display_name": "too_long", "locale": "not_allowed"},
        ),
    ],
)
def test_schemas_faults_become_places_and_reasons(schema: type[Any], payload: Any, fields: dict[str, str]) -> None:
    """Never the input, and no name that is not ours."""
    with pytest.raises(ValidationError) as refused:
        schema.model_validate(payload)
    error = invalid(refused.value)
    assert dict(error.fields) == fields
    assert "0812" not in orjson.dumps(_problem(error).envelope()).decode()


def test_keys_of_a_mapping_are_typed_too() -> None:
    """A place in the error is named only where it looks like a field of ours."""
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(dict[str, int]).validate_python({_TYPED: "x"})
    assert dict(invalid(refused.value).fields) == {"body": "malformed"}


def test_unknown_reasons_are_said_somehow() -> None:
    """A reason without words of its own is "malformed" rather than an error about an error."""
    assert _CATALOGUES.reason("en", "no_such_reason") == _CATALOGUES.text("en", "reason.malformed")
    assert _CATALOGUES.text("id", "home.title", company="Contoh").startswith("Contoh")
    with pytest.raises(KeyError):
        _CATALOGUES.text("id", "no.such.key")


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", "id"),
        ("en-US,en;q=0.9", "en"),
        ("id-ID,en;q=0.5", "id"),
        ("fr, en;q=0.1", "en"),
        ("ms", "id"),
        ("in", "id"),
        ("fr", "id"),
        (";;,,==", "id"),
    ],
)
def test_the_language_is_the_first_that_we_speak(header: str, locale: str) -> None:
    """Else the house's."""
    assert preferred(header, "id") == locale
