"""What /api/v1 promises to phones, in the words of OpenAPI. docs/sync.md is the same with its reasons, and says how items are signed.

Where the server takes whatever comes and answers item by item, the document says so: a shape that is called the meant one, and any other.
"""

from typing import Any

from skills.openapi import TEXT, Schema, json_answer, or_null, problems, record
from skills.sync.day import MOST
from skills.sync.package import DOORS, VISITS
from skills.sync.wire import MOST_ITEMS, OPS

SECURITY: Schema = {
    "ticket": {"type": "http", "scheme": "bearer", "description": "The ticket of an enrolled phone. It hands in and nothing else."},
    "session": {"type": "apiKey", "in": "cookie", "name": "sid", "description": "The cookie of who is signed in; `__Host-sid` over https."},
}  # fmt: skip

_UUID: Schema = {"type": "string", "format": "uuid"}
_MOMENT: Schema = {"type": "string", "format": "date-time"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_VERSION: Schema = {"type": "integer", "minimum": 1}
_LIST: Schema = {"type": "array"}

_ITEM = {
    "title": "An item",
    "type": "object",
    "properties": {
        "item": _UUID, "op": {"enum": sorted(OPS)}, "schema": _VERSION, "ward": _COUNT, "id": _UUID, "base": _COUNT,
        "saved_at": _MOMENT, "needs": or_null(_UUID), "key": _UUID, "mac": TEXT, "seq": _COUNT, "skew": or_null({"type": "integer"}),
        "tries": _COUNT, "app": TEXT,
        "fields": {"type": "array", "items": {"type": "array", "items": TEXT, "minItems": 2, "maxItems": 2}},
    },
    "required": ["item", "op", "schema", "ward", "id", "base", "saved_at", "fields"],
}  # fmt: skip
_SEALED = {
    "title": "A sealed item",
    "type": "object",
    "properties": {"item": _UUID, "sealed": record(key=_COUNT, point=TEXT, iv=TEXT, text=TEXT)},
    "required": ["item", "sealed"],
}
_WHATEVER = {"title": "Anything else: answered `rejected`, and holds up no other item"}

_PLACED = record(item=_UUID, status={"enum": ["accepted", "already"]}, version=_VERSION, location=TEXT)
_TOLD = record(
    ("version", "location"),
    item=_UUID,
    status={"enum": ["held", "conflict", "returned"]},
    code=TEXT,
    version={"type": "integer"},
    location=TEXT,
)
_REFUSED = record(
    ("fields",),
    item={"description": "as it was sent", "type": ["string", "null"]},
    status={"enum": ["rejected", "retry_later"]},
    code=TEXT,
    fields={"type": "object", "additionalProperties": TEXT},
)
_STATE = {"type": "object", "properties": {"status": TEXT}, "required": ["status"]}

_BUSY = {500: "Nobody foresaw this; `reference` is what to quote.", 503: "Busy, or its storage is full or locked: again after `Retry-After` seconds."}  # fmt: skip
_UNREAD = {400: "No JSON, or packed otherwise than with gzip.", 413: "More than 1 MB, or 4 MB unpacked."}
_NO_TICKET = {
    401: "No ticket, or one that nobody was given. One that is over still hands in: its items are held.",
    403: "No ticket, from a page of another site.",
}
_NOT_SIGNED_IN = {
    401: "Nobody is signed in.",
    403: "Who is signed in may not do this; or it is asked by a page of another site.",
}


def _takes(*shapes: Schema) -> Schema:
    content = {"application/json": {"schema": shapes[0] if len(shapes) == 1 else {"anyOf": list(shapes)}}}
    return {"requestBody": {"required": True, "content": content}}


ENROL: dict[str, Any] = {
    "openapi_extra": {
        "security": [{"session": []}],
        **_takes(
            {"title": "What is meant", "type": "object", "properties": {"device": or_null(_UUID), "label": TEXT}},
            {"title": "Anything else: a new phone without a name"},
        ),
    },
    "responses": {
        200: json_answer(
            "The ticket and the keys, told this once.",
            record(
                person=_UUID, name=TEXT, device=_UUID, ticket=TEXT, key=record(id=_UUID, secret=TEXT),
                seal=record(id=_VERSION, public=TEXT), epoch=TEXT, server_time=_MOMENT,
            ),
        ),
        **problems(_UNREAD | _NOT_SIGNED_IN | _BUSY),
    },
}  # fmt: skip

HAND_IN: dict[str, Any] = {
    "openapi_extra": {
        "security": [{"ticket": []}],
        **_takes(
            {
                "type": "object",
                "properties": {
                    "items": {"type": "array", "description": f"at most {MOST_ITEMS}, more is 413", "items": {"anyOf": [_ITEM, _SEALED, _WHATEVER]}},
                    "ask": {"type": "array", "description": f"ids of items that were held or in conflict, at most {MOST_ITEMS} too"},
                    "app": {"description": "build of the phone's scripts"},
                    "sent_at": {"description": "the phone's clock"},
                    "pending": {"description": "how many will still wait on the phone"},
                    "oldest": {"description": "when the oldest of those was saved, or null"},
                },
                "required": ["items"],
            }
        ),
    },
    "responses": {
        200: json_answer(
            "All of it is on the disk. An answer for each item, in their order.",
            record(
                epoch=TEXT, server_time=_MOMENT,
                results={"type": "array", "items": {"anyOf": [_PLACED, _TOLD, _REFUSED]}},
                states={"type": "object", "additionalProperties": _STATE, "description": "of what was asked for, by id"},
            ),
        ),
        **problems(_UNREAD | _NO_TICKET | {422: "No batch: nothing of it was taken."} | _BUSY),
    },
}  # fmt: skip
HAND_IN["responses"][413]["description"] += f" Or more than {MOST_ITEMS} items: send half."

END_OF_DAY: dict[str, Any] = {
    "openapi_extra": {
        "security": [{"ticket": []}],
        **_takes(
            {
                "type": "object",
                "properties": {
                    "day": {"type": "string", "format": "date"},
                    "items": {
                        "type": "array",
                        "maxItems": MOST,
                        "description": "id and hash of each item of that day",
                        "items": {
                            "type": "array",
                            "prefixItems": [_UUID, TEXT],
                            "minItems": 2,
                            "maxItems": 2,
                        },
                    },
                },
                "required": ["day", "items"],
            }
        ),
    },
    "responses": {
        200: json_answer(
            "What either side lacks; `here` is the server.",
            record(
                here=_COUNT,
                **{
                    name: {"type": "array", "items": _UUID}
                    for name in ("missing_here", "different", "missing_there")
                },
            ),
        ),
        **problems(_UNREAD | _NO_TICKET | {422: "No day, or no list of items."} | _BUSY),
    },
}

TAKE_ALONG: dict[str, Any] = {
    "openapi_extra": {"security": [{"session": []}]},
    "responses": {
        200: {
            **json_answer(
                "The doors of this person, and what can be ticked at them. A row ends where it has nothing more to say.",
                record(
                    at=_MOMENT,
                    person=record(id=_UUID, name=TEXT, role=TEXT, leads={"type": "boolean"}),
                    wide={"type": "boolean"},
                    whole={"type": "boolean"},
                    newcomer={"type": "boolean"},
                    marks={"type": "object", "additionalProperties": _COUNT},
                    place=TEXT,
                    all={"type": "array", "items": _COUNT, "minItems": 3, "maxItems": 3},
                    columns={"const": list(DOORS)},
                    visit_columns={"const": list(VISITS)},
                    **{
                        name: {"type": "array", "items": _LIST}
                        for name in ("groups", "places", "doors", "visits", "skills", "audiences", "cores")
                    },
                ),
            ),
            "headers": {"ETag": {"schema": TEXT, "required": True}},
        },
        304: {
            "description": "Nothing but the moment would differ from what has the ETag in `If-None-Match`."
        },
        **problems(_NOT_SIGNED_IN | _BUSY),
    },
}
