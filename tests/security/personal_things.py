"""What is a person's own, or about one: accounts, conversations, requests, holds, incidents; for the access tests."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from server.chat.model import Conversation, Message, Status
from server.chat.store import MongoChatStore
from server.composition.keys import ring_of
from server.factors.model import DeviceKind, Passkey
from server.factors.store import MongoFactorStore
from server.files.model import StoredFile
from server.files.store import MongoFileStore
from server.forms.builtin import templates as builtin_templates
from server.forms.model import Form, grant_of, slots_of
from server.forms.store import MongoFormStore
from server.incidents.model import Incident, Severity, Task, Words
from server.incidents.model import Kind as IncidentKind
from server.incidents.model import State as IncidentState
from server.incidents.store import MongoIncidentStore
from server.kernel.actor import Role
from server.kernel.disclosure import Purpose
from server.kernel.ids import new_id
from server.kernel.private import PrivateValue
from server.kernel.publishing import PublicUse
from server.kernel.text import Numbering, RedactedText, template_of
from server.notices.model import Kind, Notice
from server.notices.push import Subscription
from server.notices.push_store import MongoSubscriptionStore
from server.notices.store import MongoNoticeStore
from server.privacy.glass import BreakGlass
from server.privacy.model import Choice
from server.privacy.store import MongoChoiceStore, MongoGlassStore
from server.publication.model import Permission
from server.publication.store import MongoPermissionStore
from server.retention.model import Hold, HoldKind
from server.retention.store import MongoRetentionStore
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
from tests.harness.keys import RING
from tests.harness.people import Person, World
from tests.security.naming import NOBODYS, Maker, Thing, named, text_of


class PersonalThings:
    """Makes them.

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
        self._factors = MongoFactorStore(world.database, world.vault)

    @property
    def makers(self) -> Mapping[str, Maker]:
        """What makes one of each kind, for its owner."""
        return {
            "conversation": self._conversation,
            "break_glass": self._break_glass,
            "staff_account": self._account,
            "account": self._account,
            "session": self._session,
            "passkey": self._passkey,
            "notice": self._notice,
            "push_subscription": self._push_subscription,
            "legal_hold": self._legal_hold,
            "incident": self._incident,
            "choice": self._choice,
            "rights_request": self._rights_request,
            "erasure": self._erasure,
            "permission": self._permission,
            "form": self._form,
            "upload": self._upload,
        }

    async def _choice(self, owner: Person) -> Thing:
        """A choice of theirs about their data. Its number is one that nobody else has."""
        number = secrets.randbelow(10**8) + 10
        choice = Choice(owner.id, number, "research", granted=True, version=1, at=datetime.now(UTC))
        await MongoChoiceStore(self._world.database).insert(choice)
        return named(str(number))

    async def _permission(self, owner: Person) -> Thing:
        """A permission that waits for their signature."""
        now = datetime.now(UTC)
        text, until = RedactedText("Kasirnya cepat."), now + timedelta(days=30)
        asked = Permission(new_id(), owner.id, PublicUse.TESTIMONIAL, new_id(), text, new_id(), now, until)
        await MongoPermissionStore(self._world.database).insert(asked)
        return named(asked.id)

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
        return named(erasure.reference)

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
        return named(request.id)

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
        return named(form.id)

    async def _conversation(self, owner: Person) -> Thing:
        """A customer's own; an agent's own to answer. For other staff nothing is their own: their bystanders' is an
        agent's."""
        if owner.role in {Role.VISITOR, Role.CUSTOMER}:
            return await self.conversation(owner.id, self._bystanders[Role.AGENT].id)
        agent = owner if owner.role is Role.AGENT else self._bystanders[Role.AGENT]
        return await self.conversation(self._bystanders[Role.CUSTOMER].id, agent.id, "2" if agent is owner else "1")

    async def conversation(self, customer_id: str, assignee_id: str | None, seq_of_own: str = "1") -> Thing:
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
        return named(conversation.id, seq=seq_of_own)

    async def _legal_hold(self, owner: Person) -> Thing:
        """A hold on them that they set."""
        now, words = datetime.now(UTC), template_of(("Alasan untuk pengujian",)).fill(Numbering()).text
        later = now + timedelta(days=30)
        hold = Hold(new_id(), HoldKind.PERSON, new_id(), words, (), owner.id, now, later)
        await MongoRetentionStore(self._world.database).insert_hold(hold)
        return named(hold.id)

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
        return named(incident.id)

    async def _break_glass(self, owner: Person) -> Thing:
        now = datetime.now(UTC)
        reason = template_of(("Alasan untuk pengujian",)).fill(Numbering()).text
        item = BreakGlass(
            new_id(),
            NOBODYS,
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
        return named(item.id)

    @staticmethod
    async def _account(owner: Person) -> Thing:
        return named(owner.id, account_id=owner.id)

    async def _session(self, owner: Person) -> Thing:
        return named(await self._signed_in(owner))

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
        notice = Notice(new_id(), owner.id, Kind.FORUM_MENTION, "post", f"{NOBODYS}.1", datetime.now(UTC))
        await MongoNoticeStore(self._world.database).insert([notice])
        return named(notice.id)

    async def _push_subscription(self, owner: Person) -> Thing:
        """A device of a push service that takes nothing; kept as the server keeps it, under a key of the test's."""
        store = MongoSubscriptionStore(self._world.database, self._world.vault, RING.index("notices/push"))
        endpoint = f"https://fcm.googleapis.com/fcm/send/{new_id()}"
        # A device without a session would be forgotten as soon as somebody is told of something.
        session = await self._signed_in(owner)
        device = await store.put(Subscription(new_id(), owner.id, endpoint, datetime.now(UTC), session))
        return named(device.id)

    async def _upload(self, owner: Person) -> Thing:
        """A file that waits for its message; nobody looks into it."""
        now = datetime.now(UTC)
        file = StoredFile(
            id=new_id(),
            circle_id=new_id(),
            person_id=owner.id,
            owner_id=owner.id,
            made_at=now,
            name=text_of("berkas.txt"),
            media_type="text/plain",
            size=4,
            picture=None,
            small=0,
            sealing=None,
            key=b"key",
            waiting_since=now,
        )
        await MongoFileStore(self._world.database).insert(file)
        return named(file.id)

    async def _passkey(self, owner: Person) -> Thing:
        key = Passkey(
            new_id(), owner.id, new_id().encode(), b"key", 0, next(iter(DeviceKind)), False, datetime.now(UTC), None
        )
        await self._factors.insert_passkey(key)
        return named(key.id)
