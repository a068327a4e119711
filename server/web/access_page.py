"""Writes `docs/access.md` from the API document that a server publishes.

`curl -s http://127.0.0.1:8080/api/openapi.json | python -m server.web.access_page > docs/access.md`. A test holds the
two together. Pure; must not decide anything itself: all answers are `kernel.access.verdict`'s.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from server.chat.model import Action, table
from server.kernel.access import Access, Rule, Verdict, Whose, verdict
from server.kernel.actor import Role

_HEAD = """# Who may do what

Made from the server's own declarations by `python -m server.web.access_page`; do not edit.
`tests/security/test_access_matrix.py` holds this page to the declarations, and the declarations to what a running
server answers: every operation and every event, as every role, about a thing of one's own, somebody else's and one
that does not exist.

**To add an operation:** declare it with `access=` (whom it is for at all, `server/kernel/access.py`) and, where its
path or payload names a thing, with `rule=Rule(kind, own=..., others=...)`: the roles that may do it with a thing of
their own, and with somebody else's. For conversations `rule=chat.model.rule(Action.X)` takes it from the table
below. If the kind is new, teach `tests/security/things.py` to make one. Then write this page anew. A path with a
variable and without a rule fails the build, and so does an operation that is not on this page.

**How it reads.** `yes`: does it (or says what is wrong with the request). `no`: 403 `not_permitted`, before the
thing is looked for. `-`: 404 `not_found`, letter for letter the answer for a thing that does not exist; about such
a thing everybody who may call at all gets it. Nobody signed in: 401 everywhere but on `public` operations.
"""
_LETTER = {Verdict.ALLOWED: "yes", Verdict.REFUSED: "no", Verdict.UNKNOWN: "-"}
_RELATIONS = """
## Conversations

The table behind every operation on conversations (`server/chat/model.py`). `list` is to know of one: its subject
line and for how long its customer has waited, nothing else. An agent takes a conversation (`assign`, to themselves)
before reading it. Administrators administer, they do not read; nor do privacy officers. An opened break-glass adds
`list` and `read` for the minutes stated, and nothing else; it is announced to the person and to the privacy
officers, and reviewed by one who did not open it. Whoever loses access leaves the live room at once.
"""


def page(document: Mapping[str, Any]) -> str:
    """Give the page.

    Args:
        document: as `web.openapi.document` makes it.
    """
    return (
        "\n".join(
            [
                _HEAD,
                "## HTTP\n",
                *_rows(_operations(document)),
                "\n## Socket.IO\n",
                *_rows(_events(document)),
                _RELATIONS,
                *_relations(),
            ]
        )
        + "\n"
    )


def declared(entry: Mapping[str, Any]) -> tuple[Access, Rule | None]:
    """Read a declaration of access back from the document."""
    rule = entry.get("rule")
    if rule is None:
        return Access(entry["access"]), None
    own, others = (frozenset(Role(role) for role in rule[key]) for key in ("own", "others"))
    return Access(entry["access"]), Rule(rule["kind"], own, others, rule.get("known", False))


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Access, Rule | None]]:
    for path, item in sorted(document["paths"].items()):
        for method, operation in item.items():
            yield f"`{method.upper()} {path}`", *declared(operation["x-access"])


def _events(document: Mapping[str, Any]) -> Iterator[tuple[str, Access, Rule | None]]:
    for event in sorted(document["x-events"], key=lambda event: str(event["name"])):
        yield f"`{event['name']}`", *declared(event)


def _rows(entries: Iterator[tuple[str, Access, Rule | None]]) -> Iterator[str]:
    yield "| operation | for | thing | " + " | ".join(f"{role.value}: own / other's" for role in Role) + " |"
    yield "|---|---|---|" + "---|" * len(Role)
    for name, access, rule in entries:
        cells = [_cell(access, rule, role) for role in Role]
        yield f"| {name} | {access.value} | {rule.kind if rule else ''} | " + " | ".join(cells) + " |"


def _cell(access: Access, rule: Rule | None, role: Role) -> str:
    answers = [_LETTER[verdict(access, rule, role, whose)] for whose in (Whose.OWN, Whose.OTHERS)]
    if rule is None or answers == ["no", "no"]:
        return answers[0]
    return " / ".join(answers)


def _relations() -> Iterator[str]:
    yield "| who | " + " | ".join(action.value for action in Action) + " |"
    yield "|---|" + "---|" * len(Action)
    for relation, allowed in table().items():
        yield f"| {relation.value} | " + " | ".join("yes" if action in allowed else "" for action in Action) + " |"


if __name__ == "__main__":
    sys.stdout.write(page(json.load(sys.stdin)))
