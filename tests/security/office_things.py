"""What staff and operators keep: the desk, services, surveys, sites, webhooks, templates; for the access tests."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from server.announcements.model import Component, Impact, Phase, ServiceEvent, Update
from server.announcements.store import MongoStatusStore
from server.composition.keys import ring_of
from server.desk.model import Filter, StepKind
from server.desk.model import Priority as CasePriority
from server.desk.model import SavedView as DeskView
from server.desk.office import Canned as ReadyAnswer
from server.desk.office import Macro
from server.desk.office import Step as MacroStep
from server.desk.office_store import MongoOfficeStore
from server.forms.builtin import templates as builtin_templates
from server.forms.store import MongoTemplateStore
from server.identify.model import KeyKind, Site, SiteKey
from server.identify.store import MongoSiteStore
from server.insight.reports import Report
from server.insight.store import MongoInsightStore
from server.kernel.actor import Role
from server.kernel.ids import new_id
from server.kernel.text import Numbering, RedactedText, template_of
from server.markup import render
from server.surveys.model import Scale, Survey
from server.surveys.store import MongoSurveyStore
from server.webhooks.model import Delivery, EventType, Hook, Progress, Secret
from server.webhooks.signing import new_secret
from server.webhooks.store import MongoHookStore
from tests.harness.people import Person, World
from tests.security.naming import NOBODYS, Maker, Thing, named, text_of


class OfficeThings:
    """Makes them.

    Args:
        world: the running server.
        bystanders: one person of each role who own what is somebody else's.
    """

    def __init__(self, world: World, bystanders: Mapping[Role, Person]) -> None:
        self._world = world
        self._bystanders = bystanders

    @property
    def makers(self) -> Mapping[str, Maker]:
        """What makes one of each kind, for its owner."""
        return {
            "desk_agent": self._agent,
            "desk_canned": self._desk_canned,
            "desk_macro": self._desk_macro,
            "desk_view": self._desk_view,
            "report": self._report,
            "service": self._service,
            "service_event": self._service_event,
            "survey": self._survey,
            "survey_reply": self._survey,
            "embedding_site": self._site,
            "form_template": self._form_template,
            "webhook": self._webhook,
            "webhook_delivery": self._webhook_delivery,
        }

    async def _agent(self, _: Person) -> Thing:
        """An agent, who is nobody's own."""
        return named(self._bystanders[Role.AGENT].id)

    async def _desk_canned(self, owner: Person) -> Thing:
        """An answer that they keep ready for chats; of all who answer."""
        made_id, now = new_id(), datetime.now(UTC)
        canned = ReadyAnswer(made_id, f"uji-{made_id}", text_of("Salam"), text_of("Halo."), owner.id, now)
        assert await MongoOfficeStore(self._world.database).put_canned(canned)
        return named(made_id)

    async def _desk_macro(self, owner: Person) -> Thing:
        """A macro that they made; of all who answer."""
        steps = (MacroStep(StepKind.PRIORITY, priority=CasePriority.LOW),)
        macro = Macro(new_id(), text_of("Biasa"), steps, owner.id, datetime.now(UTC))
        await MongoOfficeStore(self._world.database).put_macro(macro)
        return named(macro.id)

    async def _desk_view(self, owner: Person) -> Thing:
        """A view of the desk that they keep for themselves."""
        view = DeskView(new_id(), owner.id, text_of("Milik saya"), Filter(), False, datetime.now(UTC))
        await MongoOfficeStore(self._world.database).add_view(view)
        return named(view.id)

    async def _report(self, owner: Person) -> Thing:
        """A report that they shared, without a table in it."""
        now = datetime.now(UTC)
        report = Report(new_id(), now.date().replace(day=1), 1, owner.id, now, now + timedelta(days=7))
        await MongoInsightStore(self._world.database).insert_report(report)
        return named(report.id)

    async def _service(self, owner: Person) -> Thing:
        """A service; of all who may tell of it."""
        component = Component(new_id(), template_of(("Kasir",)).fill(Numbering()).text, 1)
        await MongoStatusStore(self._world.database).put_component(component)
        return named(component.id)

    async def _service_event(self, owner: Person) -> Thing:
        """A disruption that they told of."""
        store, text = MongoStatusStore(self._world.database), template_of(("Kasir melambat",)).fill(Numbering()).text
        now = datetime.now(UTC)
        update = Update(Phase.INVESTIGATING, text, render(text), owner.id, now)
        event = ServiceEvent(new_id(), await store.next_number(), text, (), Impact.MINOR, now, None, (update,))
        await store.insert(event, {})
        return named(event.id)

    async def _survey(self, owner: Person) -> Thing:
        """A survey that they were asked to answer, and agreed to be."""
        store, text, now = MongoSurveyStore(self._world.database), RedactedText("Seberapa puas?"), datetime.now(UTC)
        survey = Survey(new_id(), text, text, Scale.TEXT, NOBODYS, now, now + timedelta(days=7))
        await store.insert(survey)
        await store.invite(survey.id, [owner.id])
        return named(survey.id)

    async def _site(self, owner: Person) -> Thing:
        """A site that may say who its people are, with a key under the same id."""
        ring = await ring_of(self._world.database, self._world.masters)
        site_id, now = new_id(), datetime.now(UTC)
        key = SiteKey(site_id, KeyKind.SECRET, new_secret(), now)
        site = Site(site_id, f"toko-{site_id}.example", True, (key,), now, owner.id)
        await MongoSiteStore(self._world.database, ring.sealer("sites")).insert(site)
        return named(site_id)

    async def _webhook(self, owner: Person) -> Thing:
        """A webhook that they made; it leads nowhere."""
        hook = Hook(
            new_id(),
            "https://toko.example/hook",
            frozenset({EventType.RATED}),
            False,
            (Secret(new_secret()),),
            datetime.now(UTC),
            owner.id,
        )
        await (await self._hooks()).put(hook)
        return named(hook.id)

    async def _webhook_delivery(self, owner: Person) -> Thing:
        """Something that was sent to a webhook of theirs."""
        hook = await self._webhook(owner)
        now = datetime.now(UTC)
        sent = Delivery(new_id(), hook.path["id"], EventType.RATED, "", {}, now, None, Progress.FAILED)
        await (await self._hooks()).enqueue([sent])
        return named(sent.id)

    async def _hooks(self) -> MongoHookStore:
        """Where hooks are kept, under the server's own key."""
        ring = await ring_of(self._world.database, self._world.masters)
        return MongoHookStore(self._world.database, ring.sealer("webhooks"))

    async def _form_template(self, owner: Person) -> Thing:
        """A template; of all who may change it."""
        template = replace(builtin_templates(datetime.now(UTC))[0], id=new_id())
        assert await MongoTemplateStore(self._world.database).insert(template)
        return named(template.id)
