"""How long permissions, the contacts in them, and help articles stay."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from server.kernel.retention import SLICE, RetentionRule, Spared, Way, Ways, stays


class Contacts(Protocol):
    """Where sealed contacts are; `publication.store` says what each does."""

    async def outlived_contacts(self, now: datetime) -> list[tuple[str, str]]: ...
    async def drop_contacts(self, permission_ids: Sequence[str]) -> int: ...


def retention(contacts: Contacts) -> Ways:
    """Give the rules: a permission, an ended one too, says why something was public; it goes with its person.

    The contact that was shown by it is another matter: nobody may show it once its time is over, so it goes then, as it
    goes at once when the permission is revoked.
    """
    rule = RetentionRule(
        "publication:contact", ("permissions",), "consent", timedelta(), "ending", held_by=("person_id",)
    )

    async def sorted_out(now: datetime, spared: Spared) -> tuple[list[str], int]:
        found = await contacts.outlived_contacts(now)
        held = spared({person_id for _, person_id in found}) if found else frozenset()
        go = [permission_id for permission_id, person_id in found if person_id not in held]
        return go, len(found) - len(go)

    async def due(now: datetime, spared: Spared) -> tuple[int, int]:
        go, held = await sorted_out(now, spared)
        return len(go), held

    async def sweep(now: datetime, spared: Spared) -> int:
        go, _ = await sorted_out(now, spared)
        return await contacts.drop_contacts(go[:SLICE]) if go else 0

    return Ways(
        Way(rule, due, sweep),
        stays("publication:permission", ("permissions", "testimonials"), "consent", "person"),
        stays("publication:article", ("help_articles", "help_versions"), "support", "staff"),
    )
