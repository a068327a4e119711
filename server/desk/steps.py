"""What becomes of a case when something happens: a message, a change of hands, a decision of staff. Pure.

Every function gives the case after it, and the same case where nothing changes, so that it can be repeated on a state
that another process has written meanwhile.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from server.chat.model import Conversation, Status
from server.desk import clocks
from server.desk.clocks import Aim, Terms, WorkingTime
from server.desk.model import MOST_LABELS, Case, Priority
from server.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds at the moment.

    Attributes:
        terms: what is promised, by priority.
        time: working time.
    """

    terms: Mapping[Priority, Terms]
    time: WorkingTime


class Steps:
    """The steps, under the rules that hold when they are taken.

    Args:
        rules: gives them.
    """

    def __init__(self, rules: Callable[[], Rules]) -> None:
        self._rules = rules

    def followed(self, case: Case, conversation: Conversation, at: datetime) -> Case:
        """Its conversation is so now."""
        is_open = conversation.status is Status.OPEN
        if case.is_open and not is_open:
            clock = clocks.meet(clocks.give_up(case.clock, Aim.FIRST_RESPONSE, at), Aim.RESOLUTION, at)
            case = replace(case, is_open=False, closed_at=at, snoozed_until=None, clock=clock)
        elif is_open and not case.is_open:
            case = replace(case, is_open=True, closed_at=None, clock=self._begin(case, at, Aim.RESOLUTION))
        return case if case.holder_id == conversation.assignee_id else replace(case, holder_id=conversation.assignee_id)

    def said(self, case: Case, *, by_customer: bool, seq: int, at: datetime) -> Case:
        """Somebody wrote: the first of either side makes or keeps a promise, and a customer wakes a case."""
        if not by_customer:
            if case.first_response_at is not None:
                return case
            return replace(case, first_response_at=at, clock=clocks.meet(case.clock, Aim.FIRST_RESPONSE, at))
        if case.snoozed_until is not None and seq > case.snoozed_seq:
            case = self.woken(case, at)
        if case.first_response_at is None and not case.clock.has_begun:
            case = replace(case, clock=self._begin(case, at, Aim.FIRST_RESPONSE, Aim.RESOLUTION))
        return case

    def prioritised(self, case: Case, priority: Priority, at: datetime) -> Case:
        """It is more or less urgent than before."""
        if priority is case.priority:
            return case
        rules = self._rules()
        clock = clocks.rejudge(case.clock, rules.terms[priority], rules.time, at)
        return replace(case, priority=priority, clock=clock)

    def snoozed(self, case: Case, until: datetime, last_seq: int, at: datetime) -> Case:
        """It is to be left alone until a moment.

        Raises:
            InvalidInput: that is over, or the case is closed.
        """
        if until <= at:
            raise InvalidInput(fields={"snoozed_until": "out_of_range"})
        if not case.is_open:
            raise InvalidInput(fields={"snoozed_until": "not_allowed"})
        clock = case.clock if case.snoozed_until is not None else clocks.pause(case.clock, self._rules().time, at)
        return replace(case, snoozed_until=until, snoozed_seq=last_seq, clock=clock)

    def woken(self, case: Case, at: datetime) -> Case:
        """It is not left alone any more."""
        if case.snoozed_until is None:
            return case
        rules = self._rules()
        clock = clocks.resume(case.clock, rules.terms[case.priority], rules.time, at)
        return replace(case, snoozed_until=None, clock=clock)

    @staticmethod
    def labelled(case: Case, labels: frozenset[str]) -> Case:
        """It has these labels.

        Raises:
            InvalidInput: too many.
        """
        if len(labels) > MOST_LABELS:
            raise InvalidInput(fields={"labels": "too_many"})
        return replace(case, labels=tuple(sorted(labels)))

    def _begin(self, case: Case, at: datetime, *aims: Aim) -> clocks.Clock:
        rules = self._rules()
        return clocks.start(case.clock, rules.terms[case.priority], rules.time, at, aims)
