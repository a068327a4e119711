"""The world of the access tests: one person of each role for each operation, and things of every kind that rules name.

Written by the server's own stores, in a few commands, because a thousand requests want fresh people and things: some
operations end a session or an account. A new kind of thing is taught here: a function that makes one for its owner.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from moderation.queue import Case
from server.announcements.model import Component, Impact, Phase, ServiceEvent, Update
from server.announcements.store import MongoStatusStore
from server.chat.model import Conversation, Message, Status
from server.chat.store import MongoChatStore
from server.desk.model import Filter, StepKind
from server.desk.model import Priority as CasePriority
from server.desk.model import SavedView as DeskView
from server.desk.office import Canned as ReadyAnswer
from server.desk.office import Macro
from server.desk.office import Step as MacroStep
from server.desk.office_store import MongoOfficeStore
from server.factors.model import DeviceKind, Passkey
from server.factors.store import MongoFactorStore
from server.feedback.comment_store import MongoCommentStore
from server.feedback.desk_store import MongoDeskStore
from server.feedback.mark_store import MongoMarkStore
from server.feedback.model import Comment, Sight, State, Step, Visibility
from server.feedback.model import Item as FeedbackItem
from server.feedback.model import Kind as FeedbackKind
from server.feedback.records import Canned, Ring, SavedView
from server.feedback.store import MongoItemStore
from server.files.model import StoredFile
from server.files.store import MongoFileStore
from server.forms.builtin import templates as builtin_templates
from server.forms.model import Form, grant_of, slots_of
from server.forms.store import MongoFormStore, MongoTemplateStore
from server.forum.extras_store import MongoExtraStore
from server.forum.keys import client_key
from server.forum.model import Category, Topic, TopicState
from server.forum.polls import Poll
from server.forum.post_store import MongoPostStore
from server.forum.store import MongoTopicStore
from server.forum.writing import Draft, TopicWriter
from server.identify.model import KeyKind, Site, SiteKey
from server.identify.store import MongoSiteStore
from server.incidents.model import Incident, Severity, Task, Words
from server.incidents.model import Kind as IncidentKind
from server.incidents.model import State as IncidentState
from server.incidents.store import MongoIncidentStore
from server.insight.reports import Report
from server.insight.store import MongoInsightStore
from server.kernel.actor import Role
from server.kernel.disclosure import Purpose
from server.kernel.ids import new_id
from server.kernel.private import PrivateValue
from server.kernel.publishing import PublicUse
from server.kernel.text import Numbering, RedactedText, template_of
from server.keyring import BlindIndex
from server.keys import ring_of
from server.markup import render
from server.notices.model import Kind, Notice
from server.notices.push import Subscription
from server.notices.push_store import MongoSubscriptionStore
from server.notices.store import MongoNoticeStore
from server.people.handles import new_handle
from server.people.model import Profile
from server.people.store import MongoPeopleStore
from server.privacy.glass import BreakGlass
from server.privacy.model import Choice
from server.privacy.store import MongoChoiceStore, MongoGlassStore
from server.publication.model import Permission
from server.publication.store import MongoPermissionStore
from server.retention.model import Hold, HoldKind
from server.retention.store import MongoRetentionStore
from server.review.model import Item
from server.review.store import MongoReviewStore
from server.rights.erasure_model import Erasure, ErasureState
from server.rights.erasure_store import MongoErasureStore
from server.rights.model import TERM
from server.rights.model import Kind as RightsKind
from server.rights.model import Request as RightsRequest
from server.rights.model import State as RightsState
from server.rights.model import Step as RightsStep
from server.rights.store import MongoRequestStore
from server.sealed.model import Record
from server.sealed.store import MongoSealedStore
from server.surveys.model import Scale, Survey
from server.surveys.store import MongoSurveyStore
from server.webhooks.model import Delivery, EventType, Hook, Progress, Secret
from server.webhooks.signing import new_secret
from server.webhooks.store import MongoHookStore
from tests.harness.keys import RING
from tests.harness.people import Person, World

_NOBODYS = "0" * 24
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Thing:
    """What an operation is called with.

    Attributes:
        path: variables of the path.
        payload: fields of an event that name it.
    """

    path: Mapping[str, str]
    payload: Mapping[str, str]


class Things:
    """Makes what rules name.

    Args:
        world: the running server.
        bystanders: one person of each role who own what is somebody else's.
    """

    def __init__(self, world: World, bystanders: Mapping[Role, Person]) -> None:
        self._world = world
        self._bystanders = bystanders
        self._chat = MongoChatStore(world.database)
        self._glass = MongoGlassStore(world.database)
        self._forms = MongoFormStore(world.database)
        self._people = MongoPeopleStore(world.database, BlindIndex(bytes(32)))
        self._topics = MongoTopicStore(world.database)
        self._posts = MongoPostStore(world.database)
        self._extras = MongoExtraStore(world.database)
        self._feedbacks = MongoItemStore(world.database)
        self._factors = MongoFactorStore(world.database, world.vault)
        self._makers: dict[str, Callable[[Person], Awaitable[Thing]]] = {
            "conversation": self._conversation,
            "break_glass": self._break_glass,
            "staff_account": self._account,
            "account": self._account,
            "session": self._session,
            "passkey": self._passkey,
            "person": self._person,
            "notice": self._notice,
            "push_subscription": self._push_subscription,
            "category": self._category,
            "topic": self._topic,
            "post": self._post,
            "poll": self._post,
            "review_item": self._review_item,
            "private_feedback": self._complaint,
            "suggestion": self._suggestion,
            "feedback_comment": self._comment,
            "vote_ring": self._ring,
            "canned_answer": self._canned,
            "desk_agent": self._agent,
            "desk_canned": self._desk_canned,
            "desk_macro": self._desk_macro,
            "desk_view": self._desk_view,
            "saved_view": self._saved_view,
            "report": self._report,
            "service": self._service,
            "service_event": self._service_event,
            "survey": self._survey,
            "legal_hold": self._legal_hold,
            "incident": self._incident,
            "survey_reply": self._survey,
            "choice": self._choice,
            "rights_request": self._rights_request,
            "erasure": self._erasure,
            "permission": self._permission,
            "embedding_site": self._site,
            "form": self._form,
            "form_template": self._form_template,
            "webhook": self._webhook,
            "upload": self._upload,
            "webhook_delivery": self._webhook_delivery,
        }

    @property
    def kinds(self) -> set[str]:
        """The kinds that are known here."""
        return set(self._makers)

    async def own(self, kind: str, person: Person) -> Thing:
        """Make one of the person's own."""
        return await self._makers[kind](person)

    async def others(self, kind: str, person: Person) -> Thing:
        """Make somebody else's: of another person of the same role."""
        return await self._makers[kind](self._bystanders[person.role])

    def nobodys(self, kind: str) -> Thing:
        """Name one that does not exist."""
        assert kind in self._makers
        return Thing(_Names(_NOBODYS), {"topic_id": _NOBODYS}) if kind == "topic" else _named(_NOBODYS)

    async def spare_topic(self) -> str:
        """Make a topic that an operation can name beside the one that it is about."""
        return (await self._topic(self._bystanders[Role.CUSTOMER])).path["id"]

    async def spare_macro(self) -> str:
        """Make a macro of the desk, likewise."""
        return (await self._desk_macro(self._bystanders[Role.AGENT])).path["id"]

    async def free_conversation(self) -> Thing:
        """Make one that nobody of staff has."""
        return await self._put(self._bystanders[Role.CUSTOMER].id, None)

    async def _category(self, _: Person) -> Thing:
        """Nobody's own: whoever looks after categories looks after all."""
        category = Category(new_id(), f"uji-{new_id()}", _text("Uji"), _text("Untuk pengujian"))
        assert await self._topics.insert_category(category)
        return _named(category.id)

    async def _topic(self, owner: Person) -> Thing:
        """A topic of theirs with an answer of theirs."""
        category = (await self._category(owner)).path["id"]
        now = datetime.now(UTC)
        topic = Topic(
            id=new_id(),
            number=await self._topics.next_number(),
            category_id=category,
            slug="uji",
            title=_text("Uji"),
            redactions=(),
            author_id=owner.id,
            created_at=now,
            state=TopicState.PUBLISHED,
            bump=0,
            active_at=now,
            last_author_id=owner.id,
        )
        assert await self._topics.insert_topic(topic, client_key(owner.id, None), {})
        writer = TopicWriter(self._topics, self._posts)
        for poll in (True, False):
            draft = Draft(owner.id, client_key(owner.id, None), template_of(("halo",)), render, now, poll=poll)
            await writer.append(topic.id, draft, lambda _: None)
        options = (_text("Satu"), _text("Dua"))
        await self._extras.insert_poll(Poll(f"{topic.id}.1", options, False, None, (0, 0)))
        return Thing(_Names(topic.id), {"topic_id": topic.id})

    async def _complaint(self, owner: Person) -> Thing:
        """A complaint of theirs, which is for them and for agents."""
        return _named(await self._feedback(owner, FeedbackKind.COMPLAINT, Visibility.PRIVATE))

    async def _suggestion(self, owner: Person) -> Thing:
        """A suggestion of theirs on the board."""
        return _named(await self._feedback(owner, FeedbackKind.SUGGESTION, Visibility.PUBLIC))

    async def _comment(self, owner: Person) -> Thing:
        """The first comment under a suggestion, theirs."""
        item_id = await self._feedback(owner, FeedbackKind.SUGGESTION, Visibility.PUBLIC)
        text = _text("Setuju")
        comment = Comment(item_id, 1, owner.id, text, (), (), render(text), datetime.now(UTC))
        assert await MongoCommentStore(self._world.database).insert_comment(comment, new_id().encode())
        return _named(item_id)

    async def _feedback(self, owner: Person, kind: FeedbackKind, visibility: Visibility) -> str:
        now, text = datetime.now(UTC), _text("Antrean panjang")
        item = FeedbackItem(
            id=new_id(),
            number=await self._feedbacks.next_number(),
            kind=kind,
            title=_text("Uji"),
            text=text,
            hidden=(),
            redactions=(),
            html=render(text),
            visibility=visibility,
            sight=Sight.SHOWN,
            author_id=owner.id,
            created_at=now,
            changed_at=now,
            change=await self._feedbacks.next_change(),
            history=(Step(State.RECEIVED, now, None),),
            last_seq=1,
        )
        assert await self._feedbacks.insert_item(item, item.id.encode(), {})
        return item.id

    async def _ring(self, owner: Person) -> Thing:
        """Votes that look like one person's, for a suggestion of theirs."""
        item_id = await self._feedback(owner, FeedbackKind.SUGGESTION, Visibility.PUBLIC)
        ring = Ring(new_id(), item_id, (owner.id,), ("same_network",), datetime.now(UTC))
        await MongoMarkStore(self._world.database).put_ring(ring)
        return _named(ring.id)

    async def _canned(self, owner: Person) -> Thing:
        canned = Canned(new_id(), _text("Terima kasih"), _text("Kami catat."), owner.id, datetime.now(UTC))
        await MongoDeskStore(self._world.database).put_canned(canned)
        return _named(canned.id)

    async def _saved_view(self, owner: Person) -> Thing:
        view = SavedView(new_id(), owner.id, _text("Keluhan"), datetime.now(UTC), {"kind": "complaint"})
        await MongoDeskStore(self._world.database).insert_view(view)
        return _named(view.id)

    async def _agent(self, _: Person) -> Thing:
        """An agent, who is nobody's own."""
        return _named(self._bystanders[Role.AGENT].id)

    async def _desk_canned(self, owner: Person) -> Thing:
        """An answer that they keep ready for chats; of all who answer."""
        made_id, now = new_id(), datetime.now(UTC)
        canned = ReadyAnswer(made_id, f"uji-{made_id}", _text("Salam"), _text("Halo."), owner.id, now)
        assert await MongoOfficeStore(self._world.database).put_canned(canned)
        return _named(made_id)

    async def _desk_macro(self, owner: Person) -> Thing:
        """A macro that they made; of all who answer."""
        steps = (MacroStep(StepKind.PRIORITY, priority=CasePriority.LOW),)
        macro = Macro(new_id(), _text("Biasa"), steps, owner.id, datetime.now(UTC))
        await MongoOfficeStore(self._world.database).put_macro(macro)
        return _named(macro.id)

    async def _desk_view(self, owner: Person) -> Thing:
        """A view of the desk that they keep for themselves."""
        view = DeskView(new_id(), owner.id, _text("Milik saya"), Filter(), False, datetime.now(UTC))
        await MongoOfficeStore(self._world.database).add_view(view)
        return _named(view.id)

    async def _review_item(self, owner: Person) -> Thing:
        """Something to be decided about a text of theirs, which is gone meanwhile."""
        item = Item(new_id(), "post", f"{new_id()}.1", Case(owner.id, held=True), ("links",), 0, datetime.now(UTC))
        await MongoReviewStore(self._world.database).insert(item)
        return _named(item.id)

    async def _report(self, owner: Person) -> Thing:
        """A report that they shared, without a table in it."""
        now = datetime.now(UTC)
        report = Report(new_id(), now.date().replace(day=1), 1, owner.id, now, now + timedelta(days=7))
        await MongoInsightStore(self._world.database).insert_report(report)
        return _named(report.id)

    async def _service(self, owner: Person) -> Thing:
        """A service; of all who may tell of it."""
        component = Component(new_id(), template_of(("Kasir",)).fill(Numbering()).text, 1)
        await MongoStatusStore(self._world.database).put_component(component)
        return _named(component.id)

    async def _service_event(self, owner: Person) -> Thing:
        """A disruption that they told of."""
        store, text = MongoStatusStore(self._world.database), template_of(("Kasir melambat",)).fill(Numbering()).text
        now = datetime.now(UTC)
        update = Update(Phase.INVESTIGATING, text, render(text), owner.id, now)
        event = ServiceEvent(new_id(), await store.next_number(), text, (), Impact.MINOR, now, None, (update,))
        await store.insert(event, {})
        return _named(event.id)

    async def _survey(self, owner: Person) -> Thing:
        """A survey that they were asked to answer, and agreed to be."""
        store, text, now = MongoSurveyStore(self._world.database), RedactedText("Seberapa puas?"), datetime.now(UTC)
        survey = Survey(new_id(), text, text, Scale.TEXT, _NOBODYS, now, now + timedelta(days=7))
        await store.insert(survey)
        await store.invite(survey.id, [owner.id])
        return _named(survey.id)

    async def _choice(self, owner: Person) -> Thing:
        """A choice of theirs about their data. Its number is one that nobody else has."""
        number = secrets.randbelow(10**8) + 10
        choice = Choice(owner.id, number, "research", granted=True, version=1, at=datetime.now(UTC))
        await MongoChoiceStore(self._world.database).insert(choice)
        return _named(str(number))

    async def _permission(self, owner: Person) -> Thing:
        """A permission that waits for their signature."""
        now = datetime.now(UTC)
        text, until = RedactedText("Kasirnya cepat."), now + timedelta(days=30)
        asked = Permission(new_id(), owner.id, PublicUse.TESTIMONIAL, new_id(), text, new_id(), now, until)
        await MongoPermissionStore(self._world.database).insert(asked)
        return _named(asked.id)

    async def _erasure(self, owner: Person) -> Thing:
        """An erasure of theirs that waits long, and has failed once."""
        store, now = MongoErasureStore(self._world.database), datetime.now(UTC)
        due_at = now + timedelta(days=30)
        erasure = Erasure(owner.id, new_id(), sha256(owner.id.encode()).hexdigest(), ErasureState.WAITING, now, due_at)
        if not await store.insert(erasure):
            found = await store.find(owner.id)
            assert found is not None
            erasure = found
        await store.fail(owner.id, "chat", now, due_at)
        return _named(erasure.reference)

    async def _rights_request(self, owner: Person) -> Thing:
        """A request of theirs about their data."""
        ring, now = await ring_of(self._world.database, self._world.masters), datetime.now(UTC)
        request = RightsRequest(
            new_id(),
            RightsKind.ACCESS,
            owner.id,
            "id",
            RedactedText("Apa yang disimpan?"),
            now,
            RightsState.RECEIVED,
            due_at=now + TERM,
            steps=(RightsStep(RightsState.RECEIVED, now),),
        )
        await MongoRequestStore(self._world.database, ring.sealer("rights")).insert(request)
        return _named(request.id)

    async def _site(self, owner: Person) -> Thing:
        """A site that may say who its people are, with a key under the same id."""
        ring = await ring_of(self._world.database, self._world.masters)
        site_id, now = new_id(), datetime.now(UTC)
        key = SiteKey(site_id, KeyKind.SECRET, new_secret(), now)
        site = Site(site_id, f"toko-{site_id}.example", True, (key,), now, owner.id)
        await MongoSiteStore(self._world.database, ring.sealer("sites")).insert(site)
        return _named(site_id)

    async def _form(self, owner: Person) -> Thing:
        """A form in a conversation of theirs, with a name and a phone number in it."""
        talk = (await self._conversation(owner)).path["id"]
        stored = await self._chat.load(talk)
        assert stored is not None
        person_id, now = stored.conversation.customer_id, datetime.now(UTC)
        template, until = builtin_templates(now)[0], now + timedelta(days=1)
        form = Form(new_id(), talk, person_id, template.id, template.version, person_id, now)
        await self._forms.insert(form)
        values = {"name": PrivateValue("Nama Uji"), "phone": PrivateValue("+6281200000000")}
        slots = {key: slot for key, slot in slots_of(template, now).items() if key in values}
        record = Record(form.id, "form", person_id, 1, now, now, slots, (grant_of(form, template, until),))
        ring = await ring_of(self._world.database, self._world.masters)
        sealed = MongoSealedStore(self._world.database, self._world.vault, ring.index("sealed"))
        assert await sealed.insert(record, values)
        assert await self._forms.fill(form.id, now, until, None)
        return _named(form.id)

    async def _form_template(self, owner: Person) -> Thing:
        """A template; of all who may change it."""
        template = replace(builtin_templates(datetime.now(UTC))[0], id=new_id())
        assert await MongoTemplateStore(self._world.database).insert(template)
        return _named(template.id)

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
        return _named(hook.id)

    async def _webhook_delivery(self, owner: Person) -> Thing:
        """Something that was sent to a webhook of theirs."""
        hook = await self._webhook(owner)
        now = datetime.now(UTC)
        sent = Delivery(new_id(), hook.path["id"], EventType.RATED, "", {}, now, None, Progress.FAILED)
        await (await self._hooks()).enqueue([sent])
        return _named(sent.id)

    async def _hooks(self) -> MongoHookStore:
        """Where hooks are kept, under the server's own key."""
        ring = await ring_of(self._world.database, self._world.masters)
        return MongoHookStore(self._world.database, ring.sealer("webhooks"))

    async def _post(self, owner: Person) -> Thing:
        """The first post of a topic of theirs, with a poll under it."""
        topic = await self._topic(owner)
        return _named(f"{topic.path['id']}.1")

    async def _conversation(self, owner: Person) -> Thing:
        """A customer's own; an agent's own to answer. For other staff nothing is their own: their bystanders' is an
        agent's."""
        if owner.role in {Role.VISITOR, Role.CUSTOMER}:
            return await self._put(owner.id, self._bystanders[Role.AGENT].id)
        agent = owner if owner.role is Role.AGENT else self._bystanders[Role.AGENT]
        return await self._put(self._bystanders[Role.CUSTOMER].id, agent.id, "2" if agent is owner else "1")

    async def _put(self, customer_id: str, assignee_id: str | None, seq_of_own: str = "1") -> Thing:
        conversation = Conversation(
            id=new_id(),
            number=await self._chat.next_number(),
            subject=None,
            redactions=(),
            status=Status.OPEN,
            customer_id=customer_id,
            assignee_id=assignee_id,
            last_seq=0,
            last_message_at=None,
            waiting_since=None,
            created_at=datetime.now(UTC),
        )
        await self._chat.insert_conversation(conversation, {})
        text = template_of(("halo",)).fill(Numbering()).text
        # A message of each: whoever takes part has one of their own.
        authors = [customer_id, assignee_id] if assignee_id else [customer_id]
        await self._chat.insert_messages(
            [
                Message(conversation.id, seq, "1", author_id, text, (), (), conversation.created_at)
                for seq, author_id in enumerate(authors, start=1)
            ]
        )
        return _named(conversation.id, seq=seq_of_own)

    async def _legal_hold(self, owner: Person) -> Thing:
        """A hold on them that they set."""
        now, words = datetime.now(UTC), template_of(("Alasan untuk pengujian",)).fill(Numbering()).text
        later = now + timedelta(days=30)
        hold = Hold(new_id(), HoldKind.PERSON, new_id(), words, (), owner.id, now, later)
        await MongoRetentionStore(self._world.database).insert_hold(hold)
        return _named(hold.id)

    async def _incident(self, owner: Person) -> Thing:
        """An incident that they reported."""
        now, words = datetime.now(UTC), Words(template_of(("Kejadian untuk pengujian",)).fill(Numbering()).text)
        store = MongoIncidentStore(self._world.database, RING.sealer("incidents"))
        number = await store.next_number()
        kind, severity = IncidentKind.OTHER, Severity.LOW
        incident = Incident(
            new_id(), number, True, severity, kind, words, words, (), now, None, None, owner.id, now, IncidentState.OPEN
        )
        incident = replace(incident, tasks=(Task(1, words, owner.id, now + timedelta(days=1)),))
        await store.insert(incident)
        return _named(incident.id)

    async def _break_glass(self, owner: Person) -> Thing:
        now = datetime.now(UTC)
        reason = template_of(("Alasan untuk pengujian",)).fill(Numbering()).text
        item = BreakGlass(
            new_id(),
            _NOBODYS,
            owner.id,
            owner.id,
            owner.role,
            Purpose.SECURITY,
            reason,
            (),
            5,
            now,
            now + timedelta(minutes=5),
            ended_at=now,
        )
        await self._glass.insert(item)
        await self._glass.end(item.id, now)
        return _named(item.id)

    @staticmethod
    async def _account(owner: Person) -> Thing:
        return _named(owner.id, account_id=owner.id)

    async def _session(self, owner: Person) -> Thing:
        return _named(await self._signed_in(owner))

    async def _signed_in(self, owner: Person) -> str:
        """Another session of somebody's."""
        now = datetime.now(UTC)
        session_id = new_id()
        await self._world.database["sessions"].insert_one(
            {
                "_id": session_id,
                "token_hash": sha256(session_id.encode()).hexdigest(),
                "account_id": owner.id,
                "created_at": now,
                "seen_at": now,
                "expires_at": now + timedelta(hours=1),
            }
        )
        return session_id

    async def _notice(self, owner: Person) -> Thing:
        notice = Notice(new_id(), owner.id, Kind.FORUM_MENTION, "post", f"{_NOBODYS}.1", datetime.now(UTC))
        await MongoNoticeStore(self._world.database).insert([notice])
        return _named(notice.id)

    async def _push_subscription(self, owner: Person) -> Thing:
        """A device of a push service that takes nothing; kept as the server keeps it, under a key of the test's."""
        store = MongoSubscriptionStore(self._world.database, self._world.vault, RING.index("notices/push"))
        endpoint = f"https://fcm.googleapis.com/fcm/send/{new_id()}"
        # A device without a session would be forgotten as soon as somebody is told of something.
        session = await self._signed_in(owner)
        device = await store.put(Subscription(new_id(), owner.id, endpoint, datetime.now(UTC), session))
        return _named(device.id)

    async def _upload(self, owner: Person) -> Thing:
        """A file that waits for its message; nobody looks into it."""
        now = datetime.now(UTC)
        file = StoredFile(
            id=new_id(),
            circle_id=new_id(),
            person_id=owner.id,
            owner_id=owner.id,
            made_at=now,
            name=_text("berkas.txt"),
            media_type="text/plain",
            size=4,
            picture=None,
            small=0,
            sealing=None,
            key=b"key",
            waiting_since=now,
        )
        await MongoFileStore(self._world.database).insert(file)
        return _named(file.id)

    async def _person(self, owner: Person) -> Thing:
        """Their handle, as it is made when they are first shown."""
        handle = new_handle()
        now = datetime.now(UTC)
        if await self._people.claim(handle, owner.id, now):
            await self._people.insert(Profile(owner.id, handle, now))
        # The server may have been quicker.
        [profile] = await self._people.find([owner.id])
        return _named(profile.handle)

    async def _passkey(self, owner: Person) -> Thing:
        key = Passkey(
            new_id(), owner.id, new_id().encode(), b"key", 0, next(iter(DeviceKind)), False, datetime.now(UTC), None
        )
        await self._factors.insert_passkey(key)
        return _named(key.id)


def _text(words: str) -> RedactedText:
    return template_of((words,)).fill(Numbering()).text


class _Names(dict[str, str]):
    """What a path may call a thing: whatever is not said otherwise is its id."""

    def __init__(self, thing_id: str, **others: str) -> None:
        super().__init__(others)
        self._thing_id = thing_id

    def __missing__(self, name: str) -> str:
        return self._thing_id


def _named(thing_id: str, *, account_id: str = _NOBODYS, seq: str = "1") -> Thing:
    """Name a thing under every name that a path or an event has for it."""
    return Thing(_Names(thing_id, account_id=account_id, seq=seq), {"conversation_id": thing_id})


async def people(world: World, count: int) -> dict[Role, list[Person]]:
    """Make so many people of each role, each with a session."""
    made: dict[Role, list[Person]] = {}
    for role in Role:
        made[role] = []
        while len(made[role]) < count:
            several = min(_AT_ONCE, count - len(made[role]))
            made[role] += await asyncio.gather(*(world.person(role.value, f"Uji {role.value}") for _ in range(several)))
    return made
