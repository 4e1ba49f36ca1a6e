"""A city under siege: visits of every kind, names that offices brought in with markup in them, everybody signed in."""

import asyncio
import shutil
import uuid
from collections.abc import Iterator
from datetime import timedelta
from itertools import count, cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyotp
import pytest
from fastapi import FastAPI
from sqlmodel import Session, col, delete, select, update

from skills import clock
from skills.accounts.models import RecoveryCode, SecondFactor, SignInFailure
from skills.accounts.second_factor.codes import unseal
from skills.app import create_app
from skills.areas.models import Area
from skills.catalogue.models import Audience, Skill
from skills.db import Database, Row
from skills.invitations.codes import give_code
from skills.people import sessions, tickets
from skills.people.models import Person, Posting, Team, TeamGroup, TeamMember
from tests import cast
from tests.accounts.second_factor import code_of, give_second_factor
from tests.cast import PASSWORD, City
from tests.client import Client
from tests.coverage.story import hold, page_of, visit_fields
from tests.hostile.corpus import CANARY
from tests.hostile.find import FoundForm
from tests.hostile.siege import Siege
from tests.hostile.watch import Watch
from tests.hostile.wire import Wire
from tests.invitations.story import TYPED, invited_by
from tests.visits.pages import log

# A stranger, and one of each role; Lạ has an account and no posting.
EVERYBODY = ("", "Hoài", "Lộc", "Thu", "Tâm", "Khánh", "Yến", "Lạ")
_TEAM = "/admin/teams/{team_id}"
_OF_THE_OFFICE = ("/invitations", "/invitations/cards")
WITH_A_CODE = "Yến"  # has a second factor; everybody else can set one up

# What an attack that was taken ends or moves, and the next one needs again.
_RESTORED: dict[str, type[Row]] = {
    "posting": Posting,
    "team_member": TeamMember,
    "team_group": TeamGroup,
    "second_factor": SecondFactor,
    "recovery_code": RecoveryCode,
}
_DATES: dict[str, tuple[type[Row], tuple[str, ...]]] = {  # the rest of these stays as it was typed
    "person": (Person, ("dismissed_at",)),
    "team": (Team, ("decision_date", "dissolved_on")),
    "skill": (Skill, ("valid_from", "valid_to")),
    "audience": (Audience, ("valid_from", "valid_to")),
}


class Story:
    """What happened in the city before the siege, and how to make it happen again when an attack has used it up."""

    def __init__(self, city: City, app: FastAPI) -> None:
        self.city = city
        self.app = app
        self.told: dict[str, dict[str, Any]] = {}  # what was logged, by the address of the visit
        self.clients: dict[str, Client] = {}
        self.numbers = count(3000)
        doors = [door for door in city.doors.values() if door.ward_id == city.wards["Hải Châu"].id]
        self.doors = cycle([door for door in doors if door.number != "31"])  # where Hoài goes
        self.door = city.doors["2"]  # the last one where something happened
        self.alone = _five_cores(city)
        self.kinds = cycle(("visit", "door", "clock", "two"))  # of what lies in the tray

    def log(self, who: str, **values: Any) -> str:
        """A visit at the next door."""
        if who not in self.clients:
            with self.city.database.writing() as db:
                token = sessions.create(db, self.city.people[who].id)
            self.clients[who] = Client(self.app, skip=("leftovers",))
            self.clients[who].cookies.set("sid", token)
        self.door = next(self.doors)
        address = log(self.clients[who], self.door, **{"outcome": "met"} | values)
        self.told[address] = {"who": who, **values}
        return address

    def hold(self, kind: str) -> str:
        """Something in the tray of Hải Châu; the address of its page."""
        ward, nowhere = self.city.wards["Hải Châu"].id, uuid.uuid4()
        if kind == "visit":
            held = hold(self.city, "Hoài", visit_fields((ward, nowhere), note=CANARY), days=9)
        elif kind == "door":
            fields = {
                "group": str(self.city.groups["Tổ 12"].id),
                "street": f"<{CANARY}>",
                "number": str(next(self.numbers)),
            }
            held = hold(self.city, "Hoài", fields, op="door", fact=nowhere, ward=ward)
        elif kind == "clock":
            held = hold(self.city, "Mai", visit_fields(self.city.doors["31"]), "clock")
        else:
            visit = uuid.UUID(self.log("Hoài", people="1").rsplit("/", 1)[1])
            said = visit_fields(self.door, people="2")
            held = hold(self.city, "Hoài", said, "same_field", "correction", fact=visit, state="conflict")
        return page_of(held)

    def again(self, form: FoundForm) -> str:
        """A page like the one that the form stood on, of a visit like the one it was about."""
        if form.page.startswith("/coverage/tray"):
            address = self.hold(next(self.kinds))
            return (
                form.page
                if form.page.startswith("/coverage/tray?") or form.page == "/coverage/tray"
                else address
            )
        for address, values in list(self.told.items()):
            if urlsplit(form.page).path.startswith(address):
                return form.page.replace(address, self.log(**values), 1)
        if form.page.startswith("/visits/new") and any(each.name == "five_by_one" for each in form.controls):
            self.log("Hoài", **self.alone)
            return f"/visits/new?ward={self.door.ward_id}&household={self.door.id}"
        return form.page


@pytest.fixture(scope="module")
def besieged(cast_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    """The siege of this file of tests."""
    with pytest.MonkeyPatch.context() as patch:
        yield from besiege(cast_file, tmp_path_factory.mktemp("siege"), patch)


@pytest.fixture
def besieged_thoroughly(cast_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Siege]:
    """A siege with every value in every field."""
    for siege in besiege(cast_file, tmp_path, monkeypatch):
        siege.thorough = True
        yield siege


def besiege(cast_file: Path, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Siege]:
    """A copy of the cast, with a story in it, and an application over it that everybody is connected to."""
    # the minute for taking back lasts the siege, what a password costs is no matter here, nor when a session was used last
    patch.setattr("skills.people.sessions.UNSEEN", timedelta(hours=1))
    patch.setattr("skills.invitations.codes.CODE_LIFE", timedelta(hours=1))
    patch.setattr("skills.visits.find.UNDO", timedelta(hours=1))
    patch.setattr("skills.people.passwords._CONTEXT", cast.CHEAP)
    file = folder / "city.db"
    shutil.copy(cast_file, file)
    url = f"sqlite:///{file}"
    database = Database(url)
    city = cast.meet(database, url)
    app = create_app(city.settings)
    story = Story(city, app)
    _tell(story)
    _bring_in_names(city)
    tokens = {}
    with database.writing() as db:
        for name in EVERYBODY:
            tokens[name] = sessions.create(db, city.people[name].id) if name else ""
        phone = tickets.enrol(db, city.people["Hoài"].id, None, "", city.settings.secret)
    give_second_factor(city, WITH_A_CODE)
    invited = invited_by(city).invitation_id
    with database.reading() as db:
        before = {
            name: [row.model_dump() for row in db.exec(select(table))]
            for name, table in (_RESTORED | {name: table for name, (table, _) in _DATES.items()}).items()
        }
    loop = asyncio.new_event_loop()
    watch = Watch(app.state.database, file)
    numbers = count(1000)

    def fill(form: FoundForm, name: str) -> str | None:
        if form.to in _OF_THE_OFFICE or form.to.startswith("/admin/"):
            return _of_the_office(form, name, next(numbers))
        if form.to == "/join":
            return {"tel": TYPED, "code": spoken[-1]}.get(name)
        if name == "code":
            return _code(city, form)
        typed = {
            "tel": "0905000007",
            "pw": PASSWORD,
            "pin": "508274",
            "again": "508274",
            "group": str(city.groups["Tổ 12"].id),
            "street": "Hàng Dừa",
            "come_back_in": "7",
            "reason": "twice",
            "disabled": "1",
            "from": "1/8/2026",
            "to": "20/8/2026",
            "ward": str(city.wards["An Hải"].id),
            "poor": "1",
        }
        return str(next(numbers)) if name == "number" else typed.get(name)

    def speak() -> None:
        """A code to come in with, read aloud."""
        with app.state.database.writing() as db:
            spoken.append(give_code(db, invited, city.settings.secret) or "")
        watch.stored()

    def put_right(stored: frozenset[str]) -> None:
        """Each attack is looked at as if it were the first."""
        if "sign_in_failure" in stored:
            with app.state.database.writing() as db:
                db.execute(delete(SignInFailure))
        if spoilt := stored & before.keys():
            with app.state.database.writing() as db:
                _as_before(db, {name: before[name] for name in spoilt})
        if "invitation" in stored:
            speak()
        if "login_session" in stored:
            with app.state.database.writing() as db:
                for wire in siege.wires.values():
                    if wire.cookie:
                        wire.sign_in(sessions.create(db, city.people[wire.who].id))
        watch.stored()

    spoken: list[str] = []
    speak()
    siege = Siege(
        app,
        watch,
        {
            name or "a stranger": Wire(app, loop, name or "a stranger", token)
            for name, token in tokens.items()
        },
        loop,
        fill=fill,
        again=story.again,
        signed_in=frozenset(EVERYBODY) - {""},
        after=put_right,
        visits=story.told,
        door=str(city.doors["12"].id),
        there=_there(city, story),
        ticket=phone.token,
        person=lambda name: city.people[name].id,
        unsteady=frozenset({"number", "code", "name_vi", "short_vi", "tel"}),
    )
    yield siege
    watch.close()
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    database.dispose()
    app.state.database.dispose()


def _there(city: City, story: Story) -> dict[str, str]:
    """A part of each name, of an address where there is something; what nobody has made yet has an id of nothing."""
    _, _, ward, visit = next(iter(story.told)).split("/")
    item = story.hold("visit").rsplit("/", 1)[1]
    door, nothing = str(city.doors["12"].id), str(uuid.UUID(int=7))
    with city.database.reading() as db:
        skill = db.exec(select(col(Skill.id)).order_by(col(Skill.id))).first()
    return {
        "ward": ward, "ward_id": ward, "area_id": ward, "household": door, "household_id": door, "visit_id": visit, "item": item,
        "person_id": str(city.people["Bảo"].id), "team_id": str(city.teams["Tổ công nghệ số cộng đồng số 5"].id),
        "group_id": str(city.groups["Tổ 12"].id), "kind": "skills", "entry_id": str(skill), "told_id": nothing,
        "import_id": nothing, "invitation_id": nothing, "token": "2" * 28, "language": "vi",
    }  # fmt: skip


def _of_the_office(form: FoundForm, name: str, number: int) -> str | None:
    """What an office types: no name and no number twice, days that are still to come, and what stands first in a list."""
    offered = next(control.offered for control in form.controls if control.name == name)
    tomorrow = clock.today() + timedelta(days=1)
    if name in ("person", "to", "pillar", "digcomp") or (name, form.to) == ("group", f"{_TEAM}/groups"):
        return next((value for value in offered if value), None)
    typed = {
        "full_name": "Trần Thị Lan",
        "tel": f"0905{100_000 + number}",
        "since": f"{clock.today():%d/%m/%Y}",
        "name": "Tổ công nghệ số cộng đồng số 7",
        "leaves": "yes",
        "code": f"Z{chr(65 + number // 1000 % 26)}{number % 1000:03}",
        "name_vi": f"Việc mới {number}",
        "short_vi": f"Việc {number}",
        "check_vi": "Tự làm được.",
        "sort": "50",
        "valid_from": f"{tomorrow:%d/%m/%Y}",
    }
    return typed.get(name)


def _code(city: City, form: FoundForm) -> str | None:
    """What a phone shows: that of whoever has a second factor, or one that has just scanned the square of the page."""
    sealed = next((control.sent[0] for control in form.controls if control.name == "sealed"), None)
    if sealed is None:
        return code_of(city, form.who) if form.who == WITH_A_CODE else None
    secret = unseal(city.settings.secret, city.people[form.who].id, sealed)
    return pyotp.TOTP(secret).now() if secret else None


def _as_before(db: Session, before: dict[str, list[dict[str, Any]]]) -> None:
    """Nobody dismissed, nobody moved, nothing over, no code used up."""
    for name, rows in before.items():
        if name in _RESTORED:
            db.execute(delete(_RESTORED[name]))
            db.add_all([_RESTORED[name](**row) for row in rows])
        else:
            table, dates = _DATES[name]
            db.execute(update(table), [{each: row[each] for each in ("id", *dates)} for row in rows])


def _tell(story: Story) -> None:
    """A visit of each kind that a page treats in a way of its own."""
    story.log("Hoài", people="2", note="gọi cửa sau")
    story.log("Hoài", people="24")
    story.log("Hoài", people="3", **story.alone)
    story.log("Hoài", outcome="absent")
    story.log("Hoài", outcome="come_back", come_back_in="0")
    story.log("Lộc", outcome="declined")
    for kind in ("visit", "door", "clock", "two"):
        story.hold(kind)


def _five_cores(city: City) -> dict[str, Any]:
    """What a visit says at which all five core groups are managed alone."""
    with city.database.reading() as db:
        skills = db.exec(select(Skill).where(col(Skill.core).is_not(None)).order_by(col(Skill.id).desc()))
        first = {skill.core: str(skill.id) for skill in skills}
    return {"skill": list(first.values())} | {f"level-{skill}": "3" for skill in first.values()}


def _bring_in_names(city: City) -> None:
    """Lists that an office imports are typed by people too."""
    with city.database.writing() as db:
        group = db.get_one(Area, city.groups["Tổ 13"].id)
        group.name = group.short_name = f"<{CANARY}>Tổ 13"
        formula = db.get_one(Area, city.groups["Tổ 40"].id)
        formula.name = formula.short_name = f'=HYPERLINK("//{CANARY}")'
        team = db.get_one(Team, city.teams["Tổ công nghệ số cộng đồng số 5"].id)
        team.name = f"</h2><script {CANARY}>"
        person = db.get_one(Person, city.people["Hoài"].id)
        person.full_name = f'"><img {CANARY} src=x>'
        db.add_all([group, formula, team, person])
