"""The demo's testimonial and help article. Everything enters through the services, as people would do it."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from server.accounts.service import AccountService
from server.accounts.sessions import Sessions
from server.composition.permitting import Permitting
from server.demo.forum import again
from server.kernel.actor import Actor
from server.kernel.caller import NOBODY
from server.kernel.text import RawText

_ASKS, _LOOKS, _WRITES = "rani", "sari", "yosef"
_DAYS: Final = 365
_MOST_ITEMS: Final = 40
_TITLE: Final = "Layar antrean di ruang tunggu kosong"
_TEXT: Final = (
    "Sesudah pembaruan, layar antrean kadang masih memakai ruang yang lama.\n\n"
    "1. Buka **Pengaturan > Layar**.\n2. Pilih kembali ruang tunggu Anda.\n3. Antrean tampil dalam beberapa detik."
)


async def fill_publication(
    permitting: Permitting,
    accounts: AccountService,
    sessions: Sessions,
    actors: Mapping[str, Actor],
    sign_in: tuple[str, str],
) -> None:
    """Publish an impression by its writer's permission, and a help article.

    Args:
        permitting: the services.
        accounts: lets the writer in, who proves who they are.
        sessions: knows the writer's session.
        actors: key -> who speaks.
        sign_in: address and password of the impression's writer.
    """
    email, password = sign_in
    signed_in = await accounts.sign_in(email=email, password=password, caller=NOBODY)
    writer = await sessions.authenticate(signed_in.token)
    for number in range(1, _MOST_ITEMS):
        found = await permitting.testimonials.find(number)
        if found is None or found.person_id != writer.account_id:
            continue
        asked = await permitting.testimonials.ask(actors[_ASKS], number, _DAYS)
        await permitting.permissions.sign(
            writer, NOBODY, asked.id, name="Pemilik toko", password=password, code="", locale="id", named=False
        )
        await again(partial(permitting.testimonials.publish, actors[_LOOKS], asked.id))
        break
    await accounts.sign_out(writer)
    made = await again(partial(permitting.articles.write, actors[_WRITES], RawText(_TITLE), RawText(_TEXT)))
    await again(partial(permitting.articles.publish, actors[_ASKS], made.number))
