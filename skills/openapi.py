"""What the descriptions of /api/v1 have in common, in the words of OpenAPI."""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
PROBLEM: Schema = {
    "type": "object",
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "fields": {"type": "object", "additionalProperties": TEXT},
        "reference": TEXT,
    },
    "required": ["type", "title", "status", "detail"],
}


def record(optional: tuple[str, ...] = (), /, **properties: Schema) -> Schema:
    """An object with these names and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def or_null(schema: Schema) -> Schema:
    """That, or nothing."""
    return {"anyOf": [schema, {"type": "null"}]}


def json_answer(words: str, schema: Schema) -> Schema:
    """An answer in JSON; `words` says what it is."""
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def problems(told: Mapping[int, str]) -> dict[int | str, Schema]:
    """Errors by their status: each is application/problem+json (RFC 9457), with a sentence on what it means."""
    return {
        status: {"description": words, "content": {"application/problem+json": {"schema": PROBLEM}}}
        for status, words in told.items()
    }
