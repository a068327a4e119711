"""Training as pages, complete without JavaScript: staff learn and pass, officers see who lacks what, all learn."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

from aiohttp import web

from server.kernel.access import Access, can_call
from server.kernel.errors import DomainError, NotFound
from server.training.model import Module, share
from server.training.service import Attempt, Training
from server.web.site.frame import Site
from server.web.site.visit import Page, Refusal, Visit

HOME: Final = "/pelatihan"
COVERAGE: Final = "/pelatihan/cakupan"
COURSE: Final = "/jaga-data"
_EVERYBODY: Final = "everybody"


class StaffNames(Protocol):
    """Knows what staff is called."""

    async def __call__(self, account_ids: Sequence[str]) -> Mapping[str, str]: ...


class TrainingPages:
    """The pages.

    Args:
        site: the frame.
        training: the service.
        names: what staff is called, for privacy officers.
    """

    def __init__(self, site: Site, training: Training, names: StaffNames) -> None:
        self._site = site
        self._training = training
        self._names = names

    def attach(self, app: web.Application) -> None:
        """Add the routes; what has a word of its own comes before modules."""
        shown, posted = self._site.shown, self._site.posted
        app.router.add_get(HOME, shown(self._home))
        app.router.add_get(COVERAGE, shown(self._coverage))
        app.router.add_get(f"{HOME}/{{module:[a-z_]+}}", shown(self._module))
        app.router.add_post(f"{HOME}/{{module:[a-z_]+}}", posted(self._take))
        app.router.add_get(COURSE, shown(self._course))
        app.router.add_post(COURSE, posted(self._rehearse))

    # --- staff -----------------------------------------------------------------------------------------------------

    async def _home(self, visit: Visit) -> Page:
        actor = visit.require_access(Access.STAFF)
        context = {
            "standing": await self._training.standing(actor),
            "covers": can_call(Access.OVERSIGHT, actor.role),
        }
        return Page("training/home.html", context)

    async def _coverage(self, visit: Visit) -> Page:
        visit.require_access(Access.OVERSIGHT)
        found = await self._training.coverage()
        missing = await self._training.missing()
        names = await self._names(sorted(missing))
        context = {
            "coverage": [(self._training.module(one.module).lessons[visit.locale].title, one) for one in found],
            "percent": share(found),
            "missing": [
                (names.get(account_id, "—"), [self._training.module(key).lessons[visit.locale].title for key in keys])
                for account_id, keys in missing.items()
            ],
        }
        return Page("training/coverage.html", context)

    async def _module(self, visit: Visit) -> Page:
        return self._show(visit, self._own(visit), HOME)

    async def _take(self, visit: Visit) -> Page:
        module, actor = self._own(visit), visit.require()
        try:
            attempt = await self._training.take(actor, module.key, _answers(visit, module))
        except DomainError as error:
            return self._show(visit, module, HOME, refusal=self._site.refusal(visit, error))
        return self._show(visit, module, HOME, attempt=attempt)

    def _own(self, visit: Visit) -> Module:
        module = self._training.module(visit.part["module"])
        if visit.require_access(Access.STAFF).role not in module.roles:
            raise NotFound
        return module

    # --- everybody -------------------------------------------------------------------------------------------------

    async def _course(self, visit: Visit) -> Page:
        return self._show(visit, self._training.module(_EVERYBODY), COURSE)

    async def _rehearse(self, visit: Visit) -> Page:
        module = self._training.module(_EVERYBODY)
        try:
            answers = _answers(visit, module)
            if visit.actor is not None and can_call(Access.CUSTOMER, visit.actor.role):
                attempt = await self._training.attend(visit.actor, module.key, answers)
            else:
                attempt = self._training.rehearse(module.key, answers)
        except DomainError as error:
            return self._show(visit, module, COURSE, refusal=self._site.refusal(visit, error))
        return self._show(visit, module, COURSE, attempt=attempt)

    # --- inside ----------------------------------------------------------------------------------------------------

    def _show(
        self,
        visit: Visit,
        module: Module,
        home: str,
        *,
        attempt: Attempt | None = None,
        refusal: Refusal | None = None,
    ) -> Page:
        """Show a module. What was right is said after an attempt only, and the right answers of one that was passed."""
        context: dict[str, Any] = {
            "module": module,
            "lesson": module.lessons[visit.locale],
            "address": COURSE if home == COURSE else f"{HOME}/{module.key}",
            "course": home == COURSE,
            "chosen": _answers(visit, module),
            "attempt": attempt,
            "pass_percent": self._training.rules.pass_percent,
            "refusal": refusal,
        }
        canonical = COURSE if home == COURSE and attempt is None and refusal is None else ""
        return Page("training/module.html", context, refusal.status if refusal else 200, canonical)


def _answers(visit: Visit, module: Module) -> dict[str, int]:
    """Read what was chosen; what is no option is no answer."""
    chosen: dict[str, int] = {}
    for question in module.lessons["id"].questions:
        word = visit.form.word(question.key)
        if word.isascii() and word.isdigit() and len(word) < 3 and int(word) < len(question.options):
            chosen[question.key] = int(word)
    return chosen
