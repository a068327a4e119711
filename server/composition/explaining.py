"""Builds what explains how data is kept safe: the privacy policy in its versions, and training. For `parts` only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from server.composition.identity import Ground, Identity
from server.kernel.actor import Role
from server.kernel.ports import Clock
from server.policy import api as policy_api
from server.policy.pages import PolicyPages
from server.policy.versions import SHIPPED, Policies, read
from server.privacy.model import PURPOSES
from server.training import api as training_api
from server.training.model import Policy, Rules
from server.training.modules import read_modules
from server.training.pages import TrainingPages
from server.training.service import Training
from server.training.store import TRAINING_COLLECTIONS as TRAINING_COLLECTIONS
from server.training.store import MongoPassStore
from server.web.endpoint import Endpoint
from server.web.site.frame import Site


@dataclass(frozen=True, slots=True)
class Explaining:
    """The running services."""

    policies: Policies
    training: Training
    identity: Identity
    clock: Clock

    def endpoints(self) -> Sequence[Endpoint]:
        """Give their endpoints."""
        return (*policy_api.endpoints(self.policies, self.clock), *training_api.endpoints(self.training))

    def attach(self, site: Site, app: web.Application) -> None:
        """Put their pages into the application."""
        PolicyPages(site, self.policies, self.clock).attach(app)
        TrainingPages(site, self.training, self._names).attach(app)

    async def _names(self, account_ids: Sequence[str]) -> Mapping[str, str]:
        found = await self.identity.accounts.actors(account_ids)
        return {account_id: actor.display_name for account_id, actor in found.items()}


def build_explaining(ground: Ground, identity: Identity) -> Explaining:
    """Read the policy and the modules, and build both.

    Raises:
        PolicyRefused: the operator's own policy can't be used; the text says why.
    """
    settings, clock = ground.settings, ground.clock
    folder = Path(settings.policy) if settings.policy else SHIPPED
    policies = read(folder, settings.company_name, tuple(PURPOSES))

    async def staff() -> Mapping[str, Role]:
        return {one.id: one.role for one in await identity.staff.everybody() if not one.is_disabled}

    def policy() -> Policy:
        held = policies.on(clock().date())
        return Policy(held.number, held.effective)

    rules = Rules(
        settings.training_percent,
        timedelta(days=settings.training_days),
        timedelta(days=settings.training_grace_days),
    )
    training = Training(
        read_modules(),
        MongoPassStore(ground.database),
        staff,
        policy,
        ground.audit,
        ground.limiter,
        clock,
        rules,
        required=settings.training == "required",
    )
    return Explaining(policies, training, identity, clock)
