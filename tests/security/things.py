"""The world of the access tests: one person of each role for each operation, and things of every kind that rules name.

Written by the server's own stores, in a few commands, because a thousand requests want fresh people and things: some
operations end a session or an account. A new kind of thing is taught here: a function that makes one for its owner.
"""

import asyncio
from collections.abc import Mapping

from server.kernel.actor import Role
from tests.harness.people import Person, World
from tests.security.naming import NOBODYS, Maker, Names, Thing, named
from tests.security.office_things import OfficeThings
from tests.security.personal_things import PersonalThings
from tests.security.public_things import PublicThings

__all__ = ["Thing", "Things", "people"]

_AT_ONCE = 50


class Things:
    """Makes what rules name.

    Args:
        world: the running server.
        bystanders: one person of each role who own what is somebody else's.
    """

    def __init__(self, world: World, bystanders: Mapping[Role, Person]) -> None:
        self._bystanders = bystanders
        self._personal = PersonalThings(world, bystanders)
        self._makers: dict[str, Maker] = {
            **PublicThings(world).makers,
            **OfficeThings(world, bystanders).makers,
            **self._personal.makers,
        }

    @property
    def kinds(self) -> set[str]:
        """The kinds that are known here."""
        return set(self._makers)

    async def own(self, kind: str, person: Person) -> Thing:
        """Make one of the person's own."""
        return await self._makers[kind](person)

    async def others(self, kind: str, person: Person) -> Thing:
        """Make somebody else's: of another person of the same role."""
        return await self._makers[kind](self._bystanders[person.role])

    def nobodys(self, kind: str) -> Thing:
        """Name one that does not exist."""
        assert kind in self._makers
        return Thing(Names(NOBODYS), {"topic_id": NOBODYS}) if kind == "topic" else named(NOBODYS)

    async def spare_topic(self) -> str:
        """Make a topic that an operation can name beside the one that it is about."""
        return (await self._makers["topic"](self._bystanders[Role.CUSTOMER])).path["id"]

    async def spare_macro(self) -> str:
        """Make a macro of the desk, likewise."""
        return (await self._makers["desk_macro"](self._bystanders[Role.AGENT])).path["id"]

    async def free_conversation(self) -> Thing:
        """Make one that nobody of staff has."""
        return await self._personal.conversation(self._bystanders[Role.CUSTOMER].id, None)


async def people(world: World, count: int) -> dict[Role, list[Person]]:
    """Make so many people of each role, each with a session."""
    made: dict[Role, list[Person]] = {}
    for role in Role:
        made[role] = []
        while len(made[role]) < count:
            several = min(_AT_ONCE, count - len(made[role]))
            made[role] += await asyncio.gather(*(world.person(role.value, f"Uji {role.value}") for _ in range(several)))
    return made
