"""The OpenAPI 3.1 document, made from the same declarations and schemas that the server checks requests with."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from server.kernel.access import ROLES, Access, Rule
from server.realtime.events import ClientEvent
from server.web.endpoint import Endpoint
from server.web.errors import STATUS
from server.web.uploads import MEDIA_TYPE

_VARIABLE = re.compile(r"{([a-z_]+)}")
_FILE = {"type": "string", "format": "binary"}
_REF = "#/components/schemas/{model}"


def document(endpoints: Sequence[Endpoint], version: str, events: Sequence[ClientEvent] = ()) -> dict[str, Any]:
    """Give the document.

    Beside what OpenAPI knows it says of each operation, and of each Socket.IO event, whom it is for and what may be
    done with the thing that it names (`x-access`, `x-events`): `docs/access.md` and its tests are made from that.
    """
    schemas = _schemas(endpoints)
    paths: dict[str, Any] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Amanah", "version": version, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "paths": paths,
        "x-events": [{"name": event.name, **access_of(event.access, event.rule)} for event in events],
        "components": {
            "schemas": {**schemas, "Problem": _problem()},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "amanah_session"},
            },
        },
    }


def _schemas(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    wanted: dict[tuple[type[BaseModel], Literal["validation", "serialization"]], None] = {}
    for endpoint in endpoints:
        wanted[endpoint.data, "serialization"] = None
        for schema in (endpoint.body, endpoint.query):
            if schema is not None:
                wanted[schema, "validation"] = None
    _, definitions = models_json_schema(list(wanted), ref_template=_REF)
    return dict(definitions["$defs"])


def _operation(endpoint: Endpoint, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{endpoint.method.lower()}_{_slug(endpoint.path)}",
        "summary": endpoint.summary,
        "tags": [endpoint.path.split("/")[3]],
        "x-access": access_of(endpoint.access, endpoint.rule),
        "security": [] if endpoint.access is Access.PUBLIC else [{"bearer": []}, {"cookie": []}],
        "responses": _responses(endpoint),
    }
    if endpoint.fresh:
        operation["x-fresh-sign-in"] = True
        operation["description"] = "Needs a recent sign-in: see `POST /api/v1/sessions/current/confirm`."
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _VARIABLE.findall(endpoint.path)
    ]
    if endpoint.query is not None:
        query = schemas[endpoint.query.__name__]
        parameters += [
            {"name": name, "in": "query", "required": name in query.get("required", []), "schema": schema}
            for name, schema in query["properties"].items()
        ]
    if parameters:
        operation["parameters"] = parameters
    if endpoint.body is not None:
        reference = {"$ref": _REF.format(model=endpoint.body.__name__)}
        operation["requestBody"] = {
            "required": bool(schemas[endpoint.body.__name__].get("required")),
            "content": {"application/json": {"schema": reference}},
        }
    if endpoint.file is not None:
        content = {media: {"schema": {"type": "string", "format": "binary"}} for media in endpoint.file.types}
        operation["requestBody"] = {"required": True, "content": content}
    if endpoint.upload is not None:
        parts: dict[str, Any] = {name: {"type": "string", "enum": ["true", "false"]} for name in endpoint.upload.flags}
        form = {"type": "object", "required": ["file"], "properties": {"file": _FILE, **parts}}
        operation["requestBody"] = {"required": True, "content": {MEDIA_TYPE: {"schema": form}}}
    return operation


def access_of(access: Access, rule: Rule | None) -> dict[str, Any]:
    """Give a declaration of access as the document shows it."""
    declared: dict[str, Any] = {"access": access.value, "roles": sorted(ROLES[access])}
    if rule is not None:
        declared["rule"] = {"kind": rule.kind, "own": sorted(rule.own), "others": sorted(rule.others)}
        if rule.known:
            declared["rule"]["known"] = True
    return declared


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    success: dict[str, Any] = {
        "description": "Success",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["ok", "data"],
                    "properties": {
                        "ok": {"const": True},
                        "data": {"$ref": _REF.format(model=endpoint.data.__name__)},
                    },
                }
            }
        },
    }
    if endpoint.downloads:
        success["content"] = {
            media: {"schema": {"type": "object" if media == "application/json" else "string"}}
            for media in endpoint.downloads
        }
    refusal = {
        "description": "Refused; `error.code` says why",
        "content": {"application/json": {"schema": {"$ref": _REF.format(model="Problem")}}},
    }
    responses: dict[str, Any] = {str(status): success for status in (endpoint.status, endpoint.other_status) if status}
    for status in sorted({*STATUS.values(), 413} - {202}):
        responses.setdefault(str(status), refusal)
    return responses


def _problem() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "required": ["ok", "error"],
        "properties": {
            "ok": {"const": False},
            "error": {
                "type": "object",
                "required": ["code", "message", "fields", "request_id"],
                "properties": {
                    "code": {"type": "string", "enum": sorted(STATUS)},
                    "message": text,
                    "fields": {
                        "type": "object",
                        "additionalProperties": {
                            "type": "object",
                            "required": ["reason", "message"],
                            "properties": {"reason": text, "message": text},
                        },
                    },
                    "request_id": text,
                    "retry_after": {"type": "integer", "minimum": 1},
                },
            },
        },
    }


def _slug(path: str) -> str:
    return "_".join(part.strip("{}") for part in path.split("/")[3:])
