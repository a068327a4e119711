"""What the staff's pages of feedback share: who may see them, and the words for what can be chosen there."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from server.feedback.desk import Desk
from server.feedback.model import Item, Kind, Priority, State, can_handle
from server.feedback.page_frame import FeedbackFrame
from server.feedback.ports import ClockKeeper
from server.feedback.proposals import Guess
from server.kernel.actor import Actor
from server.kernel.errors import NotPermitted
from server.kernel.ports import Clock
from server.web.site.visit import Visit

_SENTIMENTS: Final = ("positive", "neutral", "negative", "mixed")
_KEYS_OF_LIST: Final = (
    *(("j", "next"), ("k", "previous"), ("o", "open"), ("a", "accept"), ("c", "correct"), ("x", "mark")),
    *(("*", "every"), ("b", "bulk"), ("/", "filter"), ("?", "help")),
)
_KEYS_OF_CASE: Final = (
    *(("j", "next"), ("k", "previous"), ("u", "back"), ("a", "accept"), ("c", "correct"), ("m", "mine")),
    *(("s", "state"), ("p", "priority"), ("r", "write"), ("t", "canned"), ("?", "help")),
)

Options = Mapping[str, list[tuple[str, str]]]

Agents = Callable[[], Awaitable[Sequence[tuple[str, str]]]]
"""Gives those who handle feedback: account and display name, by which staff know each other."""


class DeskFrame:
    """What the staff's pages share.

    Args:
        frame: what all pages of feedback share.
        desk: areas.
        agents: who handles feedback.
        clocks: what is promised.
        clock: the time.
    """

    def __init__(self, frame: FeedbackFrame, desk: Desk, agents: Agents, clocks: ClockKeeper, clock: Clock) -> None:
        self._frame = frame
        self.site = frame.site
        self.showing = frame.forum.showing
        self.said = frame.said
        self._desk = desk
        self._agents = agents
        self._clocks = clocks
        self._clock = clock

    @staticmethod
    def require(visit: Visit) -> Actor:
        """Give who is signed in, if they handle feedback.

        Raises:
            NotAuthenticated: nobody is signed in.
            NotPermitted: the page is for others.
        """
        actor = visit.require()
        if not can_handle(actor):
            raise NotPermitted
        return actor

    async def options(self, visit: Visit) -> Options:
        """Give what can be chosen, with its words."""
        text, locale = self.site.text, visit.locale
        areas = await self._desk.areas()
        return {
            "kind_options": [(kind.value, text(locale, f"fb.kind.{kind.value}")) for kind in Kind],
            "area_options": [(area.key, self._frame.area_name(area, locale)) for area in areas],
            "agent_options": sorted(await self._agents(), key=lambda agent: agent[1].casefold()),
            "priority_options": [(one.value, self.priority_name(visit, one)) for one in Priority],
        }

    def state_name(self, visit: Visit, state: State) -> str:
        """Give the name of a state."""
        return self.site.text(visit.locale, f"fb.state.{state.value}")

    def priority_name(self, visit: Visit, priority: Priority) -> str:
        """Give the name of a priority."""
        return self.site.text(visit.locale, f"triage.priority.{priority.value}")

    def choices(self, visit: Visit, options: Options) -> dict[str, list[tuple[str, str]]]:
        """Give what a proposal's tasks can be corrected to; tasks that are not named take any word."""
        return {
            "kind": options["kind_options"],
            "area": options["area_options"],
            "urgency": options["priority_options"],
            "sentiment": [(one, self.site.text(visit.locale, f"triage.sentiment.{one}")) for one in _SENTIMENTS],
        }

    async def context(self, visit: Visit, *, case: bool = False, **more: Any) -> Mapping[str, Any]:
        """Give what a template of the staff's gets."""
        options = await self.options(visit)
        names = {task: dict(choices) for task, choices in self.choices(visit, options).items()}
        return self._frame.context(
            visit,
            await self._desk.areas(archived=True),
            desk=True,
            **{
                "label": lambda task, value: names.get(task, {}).get(value, value),
                "percent": lambda share: f"{round(share * 100)} %",
                "clock_state": self._timing(self._clock()),
                "keys_shown": _KEYS_OF_CASE if case else _KEYS_OF_LIST,
                "current": current,
                "agent_names": dict(options["agent_options"]),
                **more,
            },
        )

    def _timing(self, now: datetime) -> Callable[[Item], str]:
        def of(item: Item) -> str:
            return self._clocks.standing(item.clock, now) if item.clock is not None else ""

        return of


def current(item: Item, task: str, guess: Guess) -> str:
    """Give what an item is now, where it says so itself, or what was proposed."""
    if item.triaged:
        held = {"kind": item.kind.value, "area": item.area or "", "urgency": item.priority.value}
        return held.get(task, guess.value or "")
    return guess.value or ""
