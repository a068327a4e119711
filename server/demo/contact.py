"""The demo's writer who publishes a contact of their own. Everything enters through the services."""

from base64 import b32decode
from datetime import UTC, datetime
from functools import partial
from typing import Final

from server.composition.community import Community
from server.composition.identity import Identity
from server.composition.permitting import Permitting
from server.demo.forum import again
from server.factors.model import code_of, step_of
from server.factors.service import FactorService
from server.forum.topics import NewTopic
from server.kernel.caller import NOBODY
from server.kernel.text import RawText

_DAYS: Final = 365
_CONTACT: Final = "0813-5550-4417"
_TITLE: Final = "Kompresor bekas, masih bagus"
_TEXT: Final = (
    "Kompresor **2 PK**, dipakai dua tahun, kami jual karena sudah ganti yang lebih besar.\n\n"
    f"Silakan lihat di bengkel kami, hubungi {_CONTACT} pada jam kerja."
)


async def fill_contact(
    permitting: Permitting,
    factors: FactorService,
    community: Community,
    identity: Identity,
    category_id: str,
    sign_in: tuple[str, str],
) -> None:
    """Have somebody sign a contact of theirs, with a second factor that they take off again, and write with it.

    Args:
        permitting: permissions.
        factors: second factors.
        community: the forum.
        identity: lets the writer in.
        category_id: that allows contacts.
        sign_in: address and password of the writer.
    """
    email, password = sign_in
    signed_in = await identity.accounts.sign_in(email=email, password=password, caller=NOBODY)
    writer = await identity.sessions.authenticate(signed_in.token)
    enrolment = await factors.begin_totp(writer)
    code = code_of(b32decode(enrolment.secret), step_of(datetime.now(UTC)))
    [recovery, *_] = await factors.complete_totp(writer, code)
    asked = await again(partial(permitting.contacts.ask, writer, category_id, RawText(_CONTACT), _CONTACT, _DAYS))
    await permitting.permissions.sign(
        writer, NOBODY, asked.id, name="Pemilik bengkel", password=password, code=recovery, locale="id", named=False
    )
    new = NewTopic(category_id, RawText(_TITLE), RawText(_TEXT), [RawText("alat")], "demo-contact")
    await again(partial(community.topics.begin, writer, new))
    # The demo's sign-ins are an address and a password.
    await factors.remove_totp(writer)
    await identity.accounts.sign_out(writer)
