"""Values of people that stand in another capability's own documents, because they are looked up or used there: sealed,
found and opened in the one way of the sealed store. Every such value is declared here.

What staff may have shown to them of these goes through `sealed.revealing` first. A test holds everybody else away from
`PersonSealer`: whoever wants to seal something of a person's declares it below. Must not quote a value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from server.kernel.ports import PersonSealer, SealedValue
from server.keyring import BlindIndex
from server.sealed.fields import FieldType, normal_value


class Audience(StrEnum):
    """Whom an opened value is for."""

    PERSON = "person"
    """Whose it is, and nobody else."""
    EVERYBODY = "everybody"
    """It is public: sealed only so that it ends with its person."""
    PERMITTED = "permitted"
    """Others too, while their person's written permission for that use stands (`server.publication`)."""
    SYSTEM = "system"
    """The server works with it (a letter, a check of a code) and shows it to nobody but its person."""
    REVEALED = "revealed"
    """Staff too, in the one way: training, purpose, reason, access log."""


@dataclass(frozen=True, slots=True)
class Personal:
    """A kind of value.

    Attributes:
        name: what a sealed value is bound to beside its person, and the thing that it is of where it is of one.
        audience: whom it is opened for.
        type: the form that it must have; None where its capability alone knows what fits.
        findable: whether it is looked up without being opened.
    """

    name: str
    audience: Audience
    type: FieldType | None = None
    findable: bool = False

    def place(self, thing: str) -> str:
        """Give what a value of this kind is bound to. The same as ever: what is stored opens with no other."""
        return f"{self.name}/{thing}" if thing else self.name


NAME: Final = Personal("accounts/name", Audience.EVERYBODY)
EMAIL: Final = Personal("accounts/email", Audience.SYSTEM, FieldType.EMAIL, findable=True)
NEW_EMAIL: Final = Personal("accounts/new_email", Audience.SYSTEM, FieldType.EMAIL)
VISIT_ADDRESS: Final = Personal("visits/address", Audience.PERSON)
VISIT_AGENT: Final = Personal("visits/agent", Audience.PERSON)
CODE_SECRET: Final = Personal("factors/totp", Audience.SYSTEM)
FILE_KEY: Final = Personal("files/key", Audience.REVEALED)
PUSH_ENDPOINT: Final = Personal("notices/push", Audience.SYSTEM, findable=True)
SIGNED_NAME: Final = Personal("publication/name", Audience.PERMITTED)
SIGNED_CONTACT: Final = Personal("publication/contact", Audience.PERMITTED)
GUARDIAN_EMAIL: Final = Personal("privacy/guardian", Audience.SYSTEM, FieldType.EMAIL)
BIRTH_MONTH: Final = Personal("privacy/birth_month", Audience.SYSTEM)
FORM_VALUE: Final = Personal("sealed/form", Audience.REVEALED, findable=True)
"""A field of a form: its type is its slot's, and it is brought into its form when it is typed."""

PERSONAL: Final[Mapping[str, Personal]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            NAME,
            EMAIL,
            NEW_EMAIL,
            VISIT_ADDRESS,
            VISIT_AGENT,
            CODE_SECRET,
            FILE_KEY,
            PUSH_ENDPOINT,
            SIGNED_NAME,
            SIGNED_CONTACT,
            GUARDIAN_EMAIL,
            BIRTH_MONTH,
            FORM_VALUE,
        )
    }
)
"""Every kind of value that is sealed under a person's key, by its name."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A value as it is stored.

    Attributes:
        kind: what it is.
        person_id: under whose key.
        sealed: as `PersonalValues.seal` gave it.
        thing: id of what it is of; empty where a person has only one.
    """

    kind: Personal
    person_id: str
    sealed: bytes
    thing: str = ""


class PersonalValues:
    """Seals, opens and finds declared values.

    Args:
        sealer: encrypts under people's keys.
        index: makes the digests of findable values; None for a capability that looks none up.
    """

    def __init__(self, sealer: PersonSealer, index: BlindIndex | None = None) -> None:
        self._sealer = sealer
        self._index = index

    async def seal(self, kind: Personal, person_id: str, value: str | bytes, thing: str = "") -> bytes:
        """Encrypt a value.

        Raises:
            Unfit: it is not in the form of its type: its capability did not bring it into that.
            NotFound: the person has no key, or no longer.
            Unavailable: the store does not answer.
        """
        if kind.type is not None:
            normal = normal_value(kind.type, value if isinstance(value, str) else value.decode(), today=date.max)
            value = normal
        return await self._sealer.seal(person_id, kind.place(thing), value)

    async def open(self, kept: Kept) -> bytes | None:
        """Decrypt a value; None when its person's key was destroyed.

        Raises:
            KeyringError: it was sealed for another person, kind or thing, or was changed.
            Unavailable: the store does not answer.
        """
        return (await self.open_many([kept]))[0]

    async def open_text(self, kept: Kept) -> str | None:
        """Decrypt a text; see `open`."""
        value = await self.open(kept)
        return None if value is None else value.decode()

    async def open_many(self, kept: Sequence[Kept]) -> list[bytes | None]:
        """Decrypt values of many people, at the cost of a query for each fifty keys that are not in memory."""
        return await self._sealer.open_many(
            [SealedValue(item.person_id, item.kind.place(item.thing), item.sealed) for item in kept]
        )

    def digest(self, kind: Personal, value: str) -> str:
        """Give the digest under which a findable value is looked up, of the form in which it is sealed.

        Raises:
            ValueError: values of this kind are not looked up, or not by this capability.
        """
        if self._index is None or not kind.findable:
            raise ValueError("values of this kind are not looked up")
        return self._index.of(value)

    async def make_key(self, person_id: str) -> bool:
        """Give a person a key; see `PersonSealer.make_key`."""
        return await self._sealer.make_key(person_id)

    async def discard_key(self, person_id: str) -> None:
        """Take back a key under which nothing is; see `PersonSealer.discard_key`."""
        await self._sealer.discard_key(person_id)
