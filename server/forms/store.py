"""Templates and forms in MongoDB: texts of the house and ids. What people type is in the sealed store alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo.errors import DuplicateKeyError

from nlp.labels import Label
from server.forms.model import Choice, FieldSpec, Form, Result, Template, Words
from server.kernel.disclosure import Purpose
from server.kernel.text import RedactedText, Redaction
from server.sealed.fields import FieldType
from server.storage.mongo import Database, Document, translate_errors
from server.storage.schema import CollectionSpec, Index, schema_validator

_TEXT = {"bsonType": "string"}
_DATE = {"bsonType": "date"}
_NUMBER = {"bsonType": ["int", "long"]}
_FLAG = {"bsonType": "bool"}
_LIST = {"bsonType": "array"}
_WORDS = {"bsonType": "object", "required": ["id", "en"], "properties": {"id": _TEXT, "en": _TEXT}}

FORM_COLLECTIONS = (
    CollectionSpec(
        name="form_templates",
        validator=schema_validator(
            {
                "_id": _TEXT,
                "template_id": _TEXT,
                "version": _NUMBER,
                "purpose": {"enum": [purpose.value for purpose in Purpose]},
                "title": _WORDS,
                "about": _WORDS,
                "consent": _WORDS,
                "fields": _LIST,
                "fits": {"bsonType": "array", "items": {"enum": [label.value for label in Label]}},
                "grant_days": _NUMBER,
                "paper": _FLAG,
                "location": _FLAG,
                "active": _FLAG,
                "made_at": _DATE,
                "made_by": _TEXT,
            }
        ),
    ),
    CollectionSpec(
        name="forms",
        indexes=(
            Index("conversation", (("conversation_id", 1),)),
            Index("person", (("person_id", 1),)),
        ),
        validator=schema_validator(
            {
                "_id": _TEXT,
                "conversation_id": _TEXT,
                "person_id": _TEXT,
                "template_id": _TEXT,
                "version": _NUMBER,
                "made_by": _TEXT,
                "made_at": _DATE,
                "note": _TEXT,
                "redactions": _LIST,
                "filled_at": _DATE,
                "consented_at": _DATE,
                "withdrawn_at": _DATE,
                "grant_until": _DATE,
                "result": {
                    "bsonType": "object",
                    "required": ["distance_km", "cost"],
                    "properties": {"distance_km": _NUMBER, "cost": _NUMBER},
                    "additionalProperties": False,
                },
            },
            optional=("note", "filled_at", "consented_at", "withdrawn_at", "grant_until", "result"),
        ),
    ),
)


class MongoTemplateStore:
    """Keeps every version of every template."""

    def __init__(self, database: Database) -> None:
        self._templates = database["form_templates"]

    @translate_errors()
    async def all(self) -> list[Template]:
        """Read all versions; in no order."""
        return [_template(document) async for document in self._templates.find({})]

    @translate_errors()
    async def find(self, template_id: str, version: int) -> Template | None:
        """Find one version."""
        document = await self._templates.find_one({"_id": _version_id(template_id, version)})
        return _template(document) if document else None

    async def insert(self, template: Template) -> bool:
        """Insert a version; say whether there was none of this number."""
        try:
            async with translate_errors():
                await self._templates.insert_one(_template_document(template))
        except DuplicateKeyError:
            return False
        return True


class MongoFormStore:
    """Keeps forms."""

    def __init__(self, database: Database) -> None:
        self._forms = database["forms"]

    @translate_errors()
    async def insert(self, form: Form) -> None:
        """Insert a form that nobody has filled in."""
        document: Document = {
            "_id": form.id,
            "conversation_id": form.conversation_id,
            "person_id": form.person_id,
            "template_id": form.template_id,
            "version": form.version,
            "made_by": form.made_by,
            "made_at": form.made_at,
            "redactions": [[item.placeholder, item.label.value] for item in form.redactions],
        }
        if form.note is not None:
            document["note"] = form.note.value
        await self._forms.insert_one(document)

    @translate_errors()
    async def remove(self, form_id: str) -> None:
        """Remove a form that nobody was told of."""
        await self._forms.delete_one({"_id": form_id})

    @translate_errors()
    async def find(self, form_id: str) -> Form | None:
        """Find by id."""
        document = await self._forms.find_one({"_id": form_id})
        return _form(document) if document else None

    @translate_errors()
    async def of_person(self, person_id: str) -> list[Form]:
        """Read the forms of a person, oldest first."""
        found = [_form(document) async for document in self._forms.find({"person_id": person_id})]
        return sorted(found, key=lambda form: form.id)

    @translate_errors()
    async def of_conversation(self, conversation_id: str) -> list[Form]:
        """Read the forms of a conversation, oldest first."""
        found = [_form(document) async for document in self._forms.find({"conversation_id": conversation_id})]
        return sorted(found, key=lambda form: form.id)

    @translate_errors()
    async def fill(self, form_id: str, at: datetime, grant_until: datetime, result: Result | None) -> bool:
        """Write that a form was filled in for the first time; say whether it was so and had not been taken back."""
        fields: Document = {"filled_at": at, "consented_at": at, "grant_until": grant_until}
        if result is not None:
            fields["result"] = {"distance_km": result.distance_km, "cost": result.cost}
        done = await self._forms.update_one(
            {"_id": form_id, "filled_at": {"$exists": False}, "withdrawn_at": {"$exists": False}}, {"$set": fields}
        )
        return bool(done.matched_count)

    @translate_errors()
    async def withdraw(self, form_id: str, at: datetime) -> bool:
        """Write that a form was taken back, and forget what came of it; say whether it had not been before."""
        done = await self._forms.update_one(
            {"_id": form_id, "withdrawn_at": {"$exists": False}},
            {"$set": {"withdrawn_at": at}, "$unset": {"result": "", "grant_until": ""}},
        )
        return bool(done.matched_count)

    @translate_errors()
    async def move(self, form_id: str, conversation_id: str, to_conversation_id: str) -> bool:
        """Write that a form stands in another conversation; say whether it stands there now."""
        await self._forms.update_one(
            {"_id": form_id, "conversation_id": conversation_id}, {"$set": {"conversation_id": to_conversation_id}}
        )
        form = await self._forms.find_one({"_id": form_id}, {"conversation_id": 1})
        return form is not None and form["conversation_id"] == to_conversation_id

    @translate_errors()
    async def hand_over(self, form_id: str, from_id: str, to_id: str) -> None:
        """Write that a form is another account's; what that one began itself, too."""
        await self._forms.update_one({"_id": form_id, "made_by": from_id}, {"$set": {"made_by": to_id}})
        await self._forms.update_one({"_id": form_id}, {"$set": {"person_id": to_id}})


def _version_id(template_id: str, version: int) -> str:
    return f"{template_id}.{version}"


def _template_document(template: Template) -> Document:
    return {
        "_id": _version_id(template.id, template.version),
        "template_id": template.id,
        "version": template.version,
        "purpose": template.purpose.value,
        "title": _words_document(template.title),
        "about": _words_document(template.about),
        "consent": _words_document(template.consent),
        "fields": [
            {
                "key": item.key,
                "type": item.type.value,
                "label": _words_document(item.label),
                "required": item.required,
                "keep_days": item.keep_days,
                "choices": [{"key": choice.key, "label": _words_document(choice.label)} for choice in item.choices],
            }
            for item in template.fields
        ],
        "fits": sorted(label.value for label in template.fits),
        "grant_days": template.grant_days,
        "paper": template.paper,
        "location": template.location,
        "active": template.active,
        "made_at": template.made_at,
        "made_by": template.made_by,
    }


def _template(document: Document) -> Template:
    return Template(
        id=document["template_id"],
        version=int(document["version"]),
        purpose=Purpose(document["purpose"]),
        title=_words(document["title"]),
        about=_words(document["about"]),
        consent=_words(document["consent"]),
        fields=tuple(_field(item) for item in document["fields"]),
        fits=frozenset(Label(label) for label in document["fits"]),
        grant_days=int(document["grant_days"]),
        paper=bool(document["paper"]),
        location=bool(document["location"]),
        active=bool(document["active"]),
        made_at=document["made_at"],
        made_by=document["made_by"],
    )


def _field(item: Document) -> FieldSpec:
    return FieldSpec(
        key=item["key"],
        type=FieldType(item["type"]),
        label=_words(item["label"]),
        required=bool(item["required"]),
        keep_days=int(item["keep_days"]),
        choices=tuple(Choice(choice["key"], _words(choice["label"])) for choice in item["choices"]),
    )


def _words_document(words: Words) -> dict[str, Any]:
    return {"id": words.id.value, "en": words.en.value}


def _words(item: Document) -> Words:
    return Words(RedactedText(item["id"]), RedactedText(item["en"]))


def _form(document: Document) -> Form:
    note, result = document.get("note"), document.get("result")
    pairs: Sequence[Sequence[str]] = document["redactions"]
    return Form(
        id=document["_id"],
        conversation_id=document["conversation_id"],
        person_id=document["person_id"],
        template_id=document["template_id"],
        version=int(document["version"]),
        made_by=document["made_by"],
        made_at=document["made_at"],
        note=RedactedText(note) if note is not None else None,
        redactions=tuple(Redaction(placeholder, Label(label)) for placeholder, label in pairs),
        filled_at=document.get("filled_at"),
        consented_at=document.get("consented_at"),
        withdrawn_at=document.get("withdrawn_at"),
        grant_until=document.get("grant_until"),
        result=Result(int(result["distance_km"]), int(result["cost"])) if result else None,
    )
