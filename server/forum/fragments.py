"""Pieces of HTML that posts and rows of lists share: who, when, which icon, in one language. Pure.

Everything that could hold a special character is escaped here, once.
"""

from datetime import datetime
from typing import Protocol

from markupsafe import escape

from server.forum.showing import Showing
from server.people.model import Persona
from server.web.site import moments


class Say(Protocol):
    """Gives a text of the catalogue, escaped."""

    def __call__(self, key: str, **values: str | int) -> str: ...


class Draw(Protocol):
    """Gives an icon's markup."""

    def __call__(self, name: str, size: int = 18) -> str: ...


class Fragments:
    """Makes them.

    Args:
        say: texts.
        draw: icons.
        locale: language of dates.
        show: titles and bodies.
    """

    def __init__(self, say: Say, draw: Draw, locale: str, show: Showing) -> None:
        self.say = say
        self.draw = draw
        self.show = show
        self._locale = locale
        self._nobody = f'<span class="avatar avatar-plain">{draw("user", 20)}</span>'
        self._somebody = f"<i>{say('forum.somebody')}</i>"

    def avatar(self, persona: Persona | None) -> str:
        """Give somebody's picture."""
        if persona is None or not persona.avatar_path:
            return self._nobody
        path = escape(persona.avatar_path)
        return f'<img class="avatar" src="{path}" alt="" width="44" height="44" loading="lazy">'

    def name(self, persona: Persona | None) -> str:
        """Give somebody's handle, with the address of their page."""
        if persona is None:
            return self._somebody
        return f'<a href="{escape(persona.path)}">{escape(persona.handle)}</a>'

    def when(self, moment: datetime) -> str:
        """Give a day, with its hour for who wants to know."""
        return (
            f'<time datetime="{moments.machine(moment)}" title="{moments.full(moment, self._locale)}">'
            f"{moments.day(moment, self._locale)}</time>"
        )

    def count(self, number: int) -> str:
        """Give a number as short as people read it."""
        return moments.count(number, self._locale)
