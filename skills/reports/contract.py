"""What /api/v1/totals promises to programs, in the words of OpenAPI: what may be asked, and what every answer looks like."""

from typing import Any

from skills.openapi import TEXT, Schema, json_answer, or_null, problems, record
from skills.reports.area import NAMES
from skills.reports.forms import TotalsQuery
from skills.totals.periods import Calendar, Kind

_PERIOD = r"^2[01][0-9]{2}(-H[12]|-Q[1-4]|-W[0-5][0-9]|-[01][0-9](-[0-3][0-9])?)?$"
_DAY_FIRST = r"^[0-9]{1,2}[/.-][0-9]{1,2}[/.-]([0-9]{2}|[0-9]{4})$"
_BY = TotalsQuery.model_fields["by"]
_LENS = TotalsQuery.model_fields["lens"]
_MEANT = {
    "area": "id of an area, as in `area.id` of an answer; the largest within reach when it is left out",
    "period": "2026, 2026-H1, 2026-Q3, 2026-08, and in the civil calendar 2026-W33 or 2026-08-28; the running month when neither "
    "this nor `from` and `to` are given",
    "from": "first day of a range of at most 366 days, with `to`; also as day/month/year",
    "to": "last day of the range, counted too",
    "lens": "the map of the period's last day, or today's",
    "calendar": "months from the 1st, or from the 15th to the 14th (Nghị định 09/2019/NĐ-CP)",
    "by": "what the figures are made of; `day` for at most 92 days",
}


def parameters() -> list[Schema]:
    """The query, name by name. What is empty counts as left out, spaces are not empty, and of a repeated name the last is read."""
    schemas: dict[str, Schema] = {
        "area": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
        "period": {"type": "string", "pattern": _PERIOD},
        "from": {"type": "string", "anyOf": [{"format": "date"}, {"pattern": _DAY_FIRST}]},
        "to": {"type": "string", "anyOf": [{"format": "date"}, {"pattern": _DAY_FIRST}]},
        "lens": {"type": "string", "enum": _choices(_LENS.annotation), "default": _LENS.default},
        "calendar": {
            "type": "string",
            "enum": [one.value for one in Calendar],
            "default": Calendar.CIVIL.value,
        },
        "by": {"type": "string", "enum": _choices(_BY.annotation), "default": _BY.default},
    }
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "allowEmptyValue": True,
            "description": _MEANT[name],
            "schema": schema,
        }
        for name, schema in schemas.items()
    ]


def answers() -> dict[int | str, Schema]:
    """Each status with what comes with it; an error is application/problem+json (RFC 9457)."""
    told = {
        401: "No token, or one that is unknown or over.",
        403: "The person of the token may not read reports.",
        404: "No such area, or not all of it within reach: the two look the same.",
        422: "Something in the address can't be read; `fields` has a sentence for each name.",
        500: "Nobody foresaw this; `reference` is what to quote.",
        503: "Busy, or its storage is full or locked: again after `Retry-After` seconds.",
    }
    return {200: json_answer("The figures.", _TOTALS), **problems(told)}


OPERATION: Schema = {"security": [{"bearer": []}]}
SECURITY: Schema = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of `python -m skills person token`.",
    }
}


def _choices(annotation: Any) -> list[str]:
    return list(annotation.__args__)


def _list(of: Schema) -> Schema:
    """A list, or null for an area without figures."""
    return {"type": ["array", "null"], "items": of}


_DAY: Schema = {"type": "string", "format": "date"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_FIGURES = record((), **dict.fromkeys(NAMES, _COUNT))
_AREA = record(id={"type": "integer"}, code=TEXT, name=TEXT, level=TEXT)
_PERIOD_TOLD = record(
    name=TEXT,
    kind={"enum": [kind.value for kind in Kind]},
    calendar={"enum": [calendar.value for calendar in Calendar]},
    start=_DAY,
    end=_DAY,
)
_LINE_OF = {
    "area": or_null(_AREA),
    "figures": _FIGURES,
    "before": _FIGURES,
    "straddles": {"type": "boolean"},
    "unallocated": or_null(_FIGURES),
}
_FRESHNESS = record(
    phones=_COUNT | {"description": "phones of who goes out in the area today, heard from at least once"},
    late_phones=_COUNT | {"description": "of them those that had something to send when last in contact"},
    waiting_visits=_COUNT | {"description": "what those said they had"},
    held=_COUNT | {"description": "items stored and not counted, until a ward says whose or where they are"},
) | {"description": "what is not in the figures yet, as far as it is known"}
_INNER = record(("unallocated",), **_LINE_OF)
_LINE = record(("unallocated", "children"), **_LINE_OF, children={"type": "array", "items": _INNER})
_TOTALS = record(
    ("now", "children", "unallocated", "skills", "audiences", "ladder", "days"),
    area=record(**_AREA["properties"], in_force={"type": "boolean"}),
    period=_PERIOD_TOLD,
    calendar={"enum": [calendar.value for calendar in Calendar]},
    lens={"enum": _choices(_LENS.annotation)},
    lens_day=_DAY,
    running={"type": "boolean"},
    as_of={"type": "string", "format": "date-time"},
    freshness=_FRESHNESS,
    figures=or_null(_FIGURES),
    before=record(period=_PERIOD_TOLD, figures=or_null(_FIGURES)),
    now={"type": "array", "items": _AREA},
    children=_list(_LINE),
    unallocated=or_null(_FIGURES),
    skills=_list(
        record(code=TEXT, name=TEXT, total=_COUNT, introduced=_COUNT, practised=_COUNT, alone=_COUNT)
    ),
    audiences=_list(record(code=TEXT, name=TEXT, people=_COUNT)),
    ladder=_list(record(name=TEXT, flow=_COUNT, stock=_COUNT)),
    days=_list(record(day=_DAY, figures=_FIGURES)),
)
