"""Pages and their blocks out of templates; numbers and days as people of the current language write them."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from jinja2_fragments import render_block

from skills import clock
from skills.language import current, gettext, ngettext
from skills.people.models import Role
from skills.people.permissions import OFFICE, Permission
from skills.people.viewer import Viewer
from skills.web.answers import is_htmx
from skills.web.assets import asset

TEMPLATES = Path(__file__).parents[2] / "templates"
_CHAT_APPS = re.compile(r"Zalo|FBAN|FBAV|Instagram")  # what their own browsers call themselves
NOTHING = "—"  # a figure that there is none of; never 0


def render(
    request: Request,
    viewer: Viewer | None,
    template: str,
    status: int = 200,
    block: str | None = None,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """The page, or only the named block of it when htmx asks for a piece. `context` is what the template names.

    Every page also gets: viewer, locale ("vi", "en"), demo, worker ("on", "off"), chat_app (opened inside one), tabs, request_path, of_nobody (kept by phones)
    (with its query).
    """
    context = {"of_nobody": False} | context
    context |= {
        "viewer": viewer,
        "locale": current(),
        "demo": request.app.state.settings.demo,
        "worker": request.app.state.settings.worker,
        "chat_app": bool(_CHAT_APPS.search(request.headers.get("user-agent", ""))),
        "tabs": tabs(viewer, request.url.path),
        "request_path": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
    }
    if block is not None and is_htmx(request):
        html = render_block(environment(), template, block, context)
    else:
        html = environment().get_template(template).render(context)
    answer = HTMLResponse(html, status, headers={"Vary": "HX-Request", **(headers or {})})
    if viewer is not None:
        answer.headers["Cache-Control"] = "no-store"
    return answer


@cache
def environment() -> Environment:
    """The one Jinja environment: escapes everything, and a name that a page was not given is an error, not a blank."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.filters |= {
        "num": num, "pct": pct, "day": day, "day_short": day_short, "clock": clock_time, "weekday": weekday, "ago": ago
    }  # fmt: skip
    made.globals["asset"] = asset
    # a block that is rendered alone can't see what its page imported, so the kit belongs to the environment
    made.globals["kit"] = made.get_template("kit.html").module
    return made


# Tabs


@dataclass(frozen=True)
class Tab:
    """A door at the foot of the page: where it leads, what it is called, its mark, and whether one stands in it."""

    href: str
    text: str
    icon: str
    current: bool


def tabs(viewer: Viewer | None, path: str) -> list[Tab]:
    """What the role goes to every day, most used first; none for whoever is not signed in or has no posting."""
    if viewer is None or viewer.role is None:
        return []
    reports = ("/reports", gettext("Báo cáo"), "i-report")
    if viewer.role in (Role.OFFICER, Role.CITY_ADMIN, Role.AUDITOR):
        offered = [reports]
    else:
        offered = [
            ("/", gettext("Hôm nay"), "i-today"),
            ("/households", gettext("Hộ dân"), "i-doors"),
            reports,
        ]
    if viewer.may(Permission.ANSWER_TRAY):
        offered.insert(-1, ("/coverage/tray", gettext("Rà soát"), "i-review"))
    if any(viewer.may(permission) for permission in OFFICE):
        offered.append(("/admin", gettext("Quản trị"), "i-people"))
    office = "/admin" if _within(path, "/invitations") else path  # invitations are reached through the office
    return [Tab(href, text, icon, _within(office, href)) for href, text, icon in offered]


def _within(path: str, href: str) -> bool:
    return path == href or (href != "/" and path.startswith(href + "/"))


# Filters. They take the context only so that Jinja does not work them out once for every language when it compiles.


@pass_context
def num(_context: Context, number: float | Decimal | None, digits: int | None = None) -> str:
    """1.234,5 in Vietnamese, 1,234.5 in English; "—" for None. `digits`: exactly so many after the comma."""
    if number is None:
        return NOTHING
    # a report has a thousand of these, and reading a pattern for each takes its time
    if isinstance(number, int) and digits is None:
        grouped = f"{number:,}"
        return grouped if current() == "en" else grouped.replace(",", ".")
    places = "#,##0.###" if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return _written(number, places, current())


@pass_context
def pct(_context: Context, share: float | Decimal | None, digits: int = 0) -> str:
    """0.436 as 43,6 % with one digit, 44 % with none; "—" for None."""
    if share is None:
        return NOTHING
    return _written(share * 100, "#,##0" + ("." + "0" * digits if digits else ""), current()) + "%"


@lru_cache(maxsize=4096, typed=True)
def _written(number: float | Decimal, places: str, language: str) -> str:
    return format_decimal(number, places, locale=language)


@pass_context
def day(_context: Context, moment: date | None) -> str:
    """28/08/2026 in both languages; "—" for None."""
    return NOTHING if moment is None else _local_day(moment).strftime("%d/%m/%Y")


@pass_context
def day_short(_context: Context, moment: date | None) -> str:
    """28/8; "—" for None."""
    if moment is None:
        return NOTHING
    local = _local_day(moment)
    return f"{local.day}/{local.month}"


@pass_context
def clock_time(_context: Context, moment: datetime | None) -> str:
    """09:05 on Vietnam's wall clock; "—" for None."""
    return NOTHING if moment is None else clock.local(moment).strftime("%H:%M")


@pass_context
def weekday(_context: Context, moment: date) -> str:
    """Thứ Sáu, Friday."""
    return format_date(_local_day(moment), "EEEE", locale=current())


@pass_context
def ago(_context: Context, moment: date, today: date | None = None) -> str:
    """A moment as 5 phút trước; a day as hôm nay, hôm qua, 3 ngày trước (seen from `today`, which may be given)."""
    if isinstance(moment, datetime):
        passed = max(clock.now() - moment, timedelta())
        if passed < timedelta(minutes=1):
            return gettext("vừa xong")
        return format_timedelta(-passed, add_direction=True, locale=current())
    days = ((today or clock.today()) - moment).days
    if days == 0:
        return gettext("hôm nay")
    if days == 1:
        return gettext("hôm qua")
    return format_timedelta(timedelta(days=-days), granularity="day", add_direction=True, locale=current())


def _local_day(moment: date) -> date:
    return clock.local(moment).date() if isinstance(moment, datetime) else moment
