"""Use cases of training: what somebody has to learn, taking a module, insisting on a pass, how many hold one."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from server.audit.model import AuditEntry
from server.audit.service import AuditTrail
from server.kernel.actor import Actor, Role
from server.kernel.errors import InvalidInput, NotFound, NotPermitted
from server.kernel.ports import Clock, Limiter
from server.training.model import Coverage, Marked, Module, Pass, Policy, Rules, State, holds, mark, state_of

DUE: Final = "training_due"
"""Reason for which somebody is not let in without a current pass."""


class PassStore(Protocol):
    """What is needed of `training.store`."""

    async def passes(self, account_ids: Sequence[str]) -> list[Pass]: ...
    async def put(self, held: Pass) -> None: ...


class StaffList(Protocol):
    """Knows who works here."""

    async def __call__(self) -> Mapping[str, Role]:
        """Give those who may come in, by account."""
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands with a module; `held` is their last pass."""

    module: Module
    state: State
    held: Pass | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt, marked. `passed`: whether it is enough."""

    marked: Marked
    passed: bool


class Training:
    """Training.

    Args:
        modules: all, in their order.
        store: of passes.
        staff: who works here.
        policy: gives the privacy policy that holds.
        audit: the trail.
        limiter: attempts are limited, so that nobody passes by guessing.
        clock: the time.
        rules: what the operator has set.
        required: whether a pass is insisted on.
    """

    def __init__(
        self,
        modules: Sequence[Module],
        store: PassStore,
        staff: StaffList,
        policy: Callable[[], Policy],
        audit: AuditTrail,
        limiter: Limiter,
        clock: Clock,
        rules: Rules,
        *,
        required: bool,
    ) -> None:
        self._modules = {module.key: module for module in modules}
        self._store = store
        self._staff = staff
        self._policy = policy
        self._audit = audit
        self._limiter = limiter
        self._clock = clock
        self.rules = rules
        self._required = required

    @property
    def lessons(self) -> int:
        """How many modules there are."""
        return len(self._modules)

    # --- learning --------------------------------------------------------------------------------------------------

    def module(self, key: str) -> Module:
        """Give a module.

        Raises:
            NotFound: there is none of that name.
        """
        module = self._modules.get(key)
        if module is None:
            raise NotFound
        return module

    async def standing(self, actor: Actor) -> list[Standing]:
        """Say what somebody has to learn and how they stand with it."""
        held = {one.module: one for one in await self._store.passes([actor.account_id])}
        return [self._standing(module, held.get(module.key)) for module in self._for(actor.role)]

    async def take(self, actor: Actor, key: str, answers: Mapping[str, int]) -> Attempt:
        """Mark answers to a module of one's own; a pass is kept, a failure is not.

        Raises:
            NotFound: there is no such module for them.
            InvalidInput: a question is not answered.
            RateLimited: too many attempts.
        """
        module = self.module(key)
        if actor.role not in module.roles:
            raise NotFound
        marked = self._mark(module, answers)
        await self._limiter.spend("training", actor.account_id)
        if marked.percent < self.rules.pass_percent:
            return Attempt(marked, passed=False)
        await self._keep(actor, module, marked)
        return Attempt(marked, passed=True)

    def rehearse(self, key: str, answers: Mapping[str, int]) -> Attempt:
        """Mark answers to a module that is for everybody. Nothing is kept.

        Raises:
            NotFound: there is no such module.
            InvalidInput: a question is not answered.
        """
        module = self.module(key)
        if module.roles:
            raise NotFound
        marked = self._mark(module, answers)
        return Attempt(marked, marked.percent >= self.rules.pass_percent)

    async def attend(self, actor: Actor, key: str, answers: Mapping[str, int]) -> Attempt:
        """The same for somebody with an account: that they have been through it is kept, so that they are not reminded.

        Raises:
            NotFound, InvalidInput: see `rehearse`.
            RateLimited: too many attempts.
        """
        attempt = self.rehearse(key, answers)
        if attempt.passed:
            await self._limiter.spend("training", actor.account_id)
            await self._keep(actor, self.module(key), attempt.marked)
        return attempt

    async def attended(self, actor: Actor) -> bool:
        """Say whether somebody has been through all that is for everybody, as it is now."""
        held = {one.module: one.version for one in await self._store.passes([actor.account_id])}
        return all(held.get(one.key) == one.version for one in self._modules.values() if not one.roles)

    # --- insisting -------------------------------------------------------------------------------------------------

    async def require(self, actor: Actor) -> None:
        """Insist that somebody holds all that their role has to learn (promise A5).

        Raises:
            NotPermitted: they don't; `fields` says `training_due`.
        """
        if not self._required or not actor.is_staff:
            return
        if not all(holds(one.state) for one in await self.standing(actor)):
            raise NotPermitted(fields={"account": DUE})

    async def coverage(self) -> list[Coverage]:
        """Count, module by module, who needs it and who holds it."""
        staff = await self._staff()
        held = {(one.account_id, one.module): one for one in await self._store.passes(sorted(staff))}
        needing, holding = Counter[str](), Counter[str]()
        for account_id, role in staff.items():
            for module in self._for(role):
                needing[module.key] += 1
                state = self._standing(module, held.get((account_id, module.key))).state
                holding[module.key] += holds(state)
        return [Coverage(key, holding[key], needing[key]) for key in self._modules if needing[key]]

    async def missing(self) -> dict[str, list[str]]:
        """Give, for privacy officers, who lacks which module: account -> keys."""
        staff = await self._staff()
        held = {(one.account_id, one.module): one for one in await self._store.passes(sorted(staff))}
        lacks = {
            account_id: [
                module.key
                for module in self._for(role)
                if not holds(self._standing(module, held.get((account_id, module.key))).state)
            ]
            for account_id, role in staff.items()
        }
        return {account_id: keys for account_id, keys in lacks.items() if keys}

    # --- inside ----------------------------------------------------------------------------------------------------

    async def _keep(self, actor: Actor, module: Module, marked: Marked) -> None:
        now, policy = self._clock(), self._policy().number
        held = Pass(actor.account_id, module.key, module.version, policy, marked.percent, now)
        counts = {"version": held.version, "policy": held.policy, "percent": held.percent}
        entry = AuditEntry("training:module:passed", actor.account_id, (module.key,), now, counts)
        async with self._audit.promises.around([entry]):
            await self._store.put(held)

    def _for(self, role: Role) -> list[Module]:
        return [module for module in self._modules.values() if role in module.roles]

    def _standing(self, module: Module, held: Pass | None) -> Standing:
        state = state_of(module, held, self._policy(), self.rules, self._clock())
        return Standing(module, state, held, held.at + self.rules.lasts if held is not None else None)

    def _mark(self, module: Module, answers: Mapping[str, int]) -> Marked:
        questions = module.lessons["id"].questions
        unanswered = [one.key for one in questions if one.key not in answers]
        if unanswered:
            raise InvalidInput(fields=dict.fromkeys(unanswered, "required"))
        return mark(questions, answers)
