"""Grants, revocations, moves, dismissals and expiries in any order: in the next request each sees exactly what a small model says."""

import asyncio
import os
import shutil
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import time_machine
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import col, delete, update

from skills.app import create_app
from skills.areas.models import FOREVER
from skills.db import Database
from skills.people import sessions
from skills.people.models import LoginSession, Person, Posting, Role, TeamGroup, TeamMember
from skills.visits.forms import VisitForm
from skills.visits.record import record_visit
from tests import cast
from tests.cast import AN_HAI, HAI_CHAU, SINCE
from tests.hostile.wire import Wire
from tests.matrix.walk import letter

RUNS = int(os.environ.get("TUNGNHA_TEST_RUNS", 8))
STEPS = 8 if RUNS <= 8 else 50
PEOPLE = ("Hoài", "Mai", "Ngân", "Thu", "Tâm")
TEAMS = {"5": HAI_CHAU, "9": HAI_CHAU, "2": AN_HAI}
GROUPS = {"Tổ 12": HAI_CHAU, "Tổ 40": HAI_CHAU, "Tổ 3": AN_HAI}
DOORS = {"Tổ 12": "12", "Tổ 40": "31", "Tổ 3": "8"}
AREAS = (HAI_CHAU, AN_HAI, "district", "city")
_KNOCKS = {Role.VOLUNTEER, Role.TEAM_LEADER, Role.WARD_LEAD}
_READS = {Role.WARD_LEAD, Role.OFFICER, Role.CITY_ADMIN, Role.AUDITOR}


class Model:
    """Who holds what, as spans of days: forty lines against which the program's own are held."""

    def __init__(self) -> None:
        self.day = date(2026, 9, 1)
        self.postings: dict[str, list[tuple[Role, str, date, date]]] = {
            "Hoài": [(Role.VOLUNTEER, HAI_CHAU, SINCE, FOREVER)], "Mai": [(Role.VOLUNTEER, HAI_CHAU, SINCE, FOREVER)],
            "Ngân": [(Role.VOLUNTEER, AN_HAI, SINCE, FOREVER)], "Thu": [(Role.WARD_LEAD, HAI_CHAU, SINCE, FOREVER)],
            "Tâm": [(Role.OFFICER, "district", SINCE, FOREVER)],
        }  # fmt: skip
        self.members = {("Hoài", "5"): FOREVER, ("Mai", "9"): FOREVER, ("Ngân", "2"): FOREVER}  # last day
        self.goes_to = {("5", "Tổ 12"): FOREVER, ("9", "Tổ 40"): FOREVER, ("2", "Tổ 3"): FOREVER}
        self.dismissed: set[str] = set()
        self.out: set[str] = set()  # whose session was ended

    def roles(self, name: str) -> list[tuple[Role, str]]:
        return [(role, area) for role, area, first, last in self.postings[name] if first <= self.day <= last]

    def groups(self, name: str) -> set[str]:
        teams = {team for (who, team), last in self.members.items() if who == name and last >= self.day}
        return {group for (team, group), last in self.goes_to.items() if team in teams and last >= self.day}

    def door(self, name: str, group: str) -> str:
        """The letter for the page of a door in that group."""
        if name in self.dismissed | self.out:
            return "s"
        roles = self.roles(name)
        if not _KNOCKS & {role for role, _area in roles}:
            return "3"
        by_team = any(role in (Role.VOLUNTEER, Role.TEAM_LEADER) for role, _area in roles)
        here = any(role is Role.WARD_LEAD and inside(GROUPS[group], area) for role, area in roles)
        if here or (by_team and group in self.groups(name)):
            return "o"
        return "3" if any(inside(GROUPS[group], area) for role, area in roles if role in _READS) else "4"

    def report(self, name: str, ward: str) -> str:
        """The letter for the report of a ward."""
        if name in self.dismissed | self.out:
            return "1"
        roles = self.roles(name)
        if not _READS & {role for role, _area in roles}:
            return "3"
        return "o" if any(role in _READS and inside(ward, area) for role, area in roles) else "4"


def inside(ward: str, area: str) -> bool:
    """Whether a ward lies in an area: in itself, Hải Châu in its former district, both in the city."""
    return area in (ward, "city") or (area == "district" and ward == HAI_CHAU)


class Changes(RuleBasedStateMachine):
    """A copy of the cast for each run. What offices do is written as rows, whatever page will do it."""

    copy: Callable[[], tuple[Database, str]]

    @initialize()
    def begin(self) -> None:
        """The first day: everybody signs in; somebody was met at each door."""
        self.model, self.loop, self.turn = Model(), asyncio.new_event_loop(), count()
        self.clock = time_machine.travel(datetime(2026, 9, 1, 3, tzinfo=UTC), tick=False)
        self.clock.start()
        self.database, url = type(self).copy()
        self.city = cast.meet(self.database, url)
        self.app = create_app(self.city.settings)
        self.visits = {}
        with self.database.writing() as db:
            for group, name in (("Tổ 12", "Hoài"), ("Tổ 40", "Mai"), ("Tổ 3", "Ngân")):
                door, viewer = self.city.doors[DOORS[group]], self.city.viewer(name)
                form = VisitForm(
                    ward=door.ward_id, household=door.id, item=uuid.uuid4(), id=uuid.uuid4(), outcome="absent", visited_on=self.model.day,
                )  # fmt: skip
                self.visits[group] = record_visit(db, viewer, form)
        self.sign_in()

    @rule(name=st.sampled_from(PEOPLE), team=st.sampled_from(sorted(TEAMS)))
    def join(self, name: str, team: str) -> None:
        """A team gets a member, or one back."""
        key: dict[str, Any] = {
            "team_id": self.team(team),
            "person_id": self.city.people[name].id,
            "valid_from": SINCE,
        }
        with self.database.writing() as db:
            db.execute(delete(TeamMember).filter_by(**key))
            db.add(TeamMember(**key, role="member"))
        self.model.members[name, team] = FOREVER

    @rule(name=st.sampled_from(PEOPLE), team=st.sampled_from(sorted(TEAMS)), days=st.sampled_from([-1, 0, 1]))
    def leave(self, name: str, team: str, days: int) -> None:
        """A membership ended yesterday, ends today or tomorrow."""
        self._last(
            TeamMember,
            self.model.members,
            (name, team),
            days,
            person_id=self.city.people[name].id,
            team_id=self.team(team),
        )

    @rule(team=st.sampled_from(sorted(TEAMS)), group=st.sampled_from(sorted(GROUPS)))
    def go_to(self, team: str, group: str) -> None:
        """A team goes to a residential group too."""
        key: dict[str, Any] = {
            "team_id": self.team(team),
            "group_id": self.city.groups[group].id,
            "valid_from": SINCE,
        }
        with self.database.writing() as db:
            db.execute(delete(TeamGroup).filter_by(**key))
            db.add(TeamGroup(**key))
        self.model.goes_to[team, group] = FOREVER

    @rule(
        team=st.sampled_from(sorted(TEAMS)),
        group=st.sampled_from(sorted(GROUPS)),
        days=st.sampled_from([-1, 0, 1]),
    )
    def stay_away(self, team: str, group: str, days: int) -> None:
        """It goes there no more."""
        self._last(
            TeamGroup,
            self.model.goes_to,
            (team, group),
            days,
            team_id=self.team(team),
            group_id=self.city.groups[group].id,
        )

    @rule(
        name=st.sampled_from(PEOPLE), role=st.sampled_from(list(Role)), area=st.sampled_from(AREAS), starts=st.sampled_from([0, 0, 1]),
        days=st.sampled_from([0, 1, 999]),
    )  # fmt: skip
    def grant(self, name: str, role: Role, area: str, starts: int, days: int) -> None:
        """A posting from today or tomorrow, for a time."""
        first = self.model.day + timedelta(days=starts)
        last = first + timedelta(days=days)
        with self.database.writing() as db:
            db.add(
                Posting(id=uuid.uuid4(), person_id=self.city.people[name].id, role=role, area_id=self.area(area), valid_from=first, valid_to=last)
            )  # fmt: skip
        self.model.postings[name].append((role, area, first, last))

    @rule(name=st.sampled_from(PEOPLE))
    def revoke(self, name: str) -> None:
        """All postings of somebody ended yesterday."""
        yesterday = self.model.day - timedelta(days=1)
        with self.database.writing() as db:
            db.execute(
                update(Posting)
                .where(col(Posting.person_id) == self.city.people[name].id)
                .values(valid_to=yesterday)
            )
        self.model.postings[name] = []

    @rule(
        name=st.sampled_from(PEOPLE),
        area=st.sampled_from([HAI_CHAU, AN_HAI]),
        team=st.sampled_from(sorted(TEAMS)),
    )
    def move(self, name: str, area: str, team: str) -> None:
        """Somebody works in another ward and team from now on."""
        for other in sorted(TEAMS):
            self.leave(name, other, -1)
        self.revoke(name)
        self.grant(name, Role.VOLUNTEER, area, 0, 999)
        self.join(name, team)

    @rule(name=st.sampled_from(PEOPLE))
    def dismiss(self, name: str) -> None:
        """Somebody leaves; their session is not ended by hand."""
        with self.database.writing() as db:
            db.execute(
                update(Person)
                .where(col(Person.id) == self.city.people[name].id)
                .values(dismissed_at=datetime.now(UTC))
            )
        self.model.dismissed.add(name)

    @rule(name=st.sampled_from(PEOPLE))
    def come_back(self, name: str) -> None:
        """Somebody comes back."""
        with self.database.writing() as db:
            db.execute(
                update(Person).where(col(Person.id) == self.city.people[name].id).values(dismissed_at=None)
            )
        self.model.dismissed.discard(name)

    @rule(name=st.sampled_from(PEOPLE))
    def end_sessions(self, name: str) -> None:
        """All that somebody is signed in with is ended."""
        with self.database.writing() as db:
            sessions.revoke_all(db, self.city.people[name].id)
        self.model.out.add(name)

    @rule()
    def a_day_passes(self) -> None:
        """Spans begin and end; everybody signs in anew who may."""
        self.model.day += timedelta(days=1)
        self.clock.stop()
        self.clock = time_machine.travel(
            datetime(2026, 9, 1, 3, tzinfo=UTC) + (self.model.day - date(2026, 9, 1)), tick=False
        )
        self.clock.start()
        self.sign_in()

    @invariant()
    def each_sees_what_the_model_says(self) -> None:
        """In the very next request: each door, or what happened at it, and the figures of a ward."""
        if not hasattr(self, "wires"):
            return
        for name, wire in self.wires.items():
            for group, number in DOORS.items():
                door, visit = self.city.doors[number], self.visits[group]
                meant = self.model.door(name, group)
                pages = (f"/households/{door.ward_id}/{door.id}", f"/visits/{visit.ward_id}/{visit.visit_id}")
                address = pages[next(self.turn) % 2]
                told = letter(wire.send("GET", address))
                assert told == meant, f"{name} at {group}: {told} instead of {meant} ({address})"
            ward = (HAI_CHAU, AN_HAI)[next(self.turn) % 2]
            told = letter(wire.send("GET", f"/api/v1/totals?area={self.area(ward)}"))
            assert told == self.model.report(name, ward), f"{name}, report of {ward}: {told}"

    def teardown(self) -> None:
        """Lets go of the copy."""
        if hasattr(self, "app"):
            self.clock.stop()
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
            self.loop.close()
            self.app.state.database.dispose()
            self.database.dispose()

    def sign_in(self) -> None:
        """Everybody, into new sessions."""
        self.wires = {}
        with self.database.writing() as db:
            db.execute(delete(LoginSession))
            for name in PEOPLE:
                token = sessions.create(db, self.city.people[name].id)
                self.wires[name] = Wire(self.app, self.loop, name, token)
        self.model.out.clear()

    def team(self, number: str) -> uuid.UUID:
        """The id of a team of the cast."""
        return next(team.id for name, team in self.city.teams.items() if name.endswith(f" {number}"))

    def area(self, name: str) -> int:
        """The id of an area of the cast."""
        return {"district": self.city.district, "city": self.city.whole, **self.city.wards}[name].id

    def _last(self, table: Any, spans: dict[Any, date], key: Any, days: int, **columns: Any) -> None:
        """The span ends so many days from today."""
        if key not in spans:
            return
        last = self.model.day + timedelta(days=days)
        with self.database.writing() as db:
            db.execute(update(table).filter_by(**columns).values(valid_to=last))
        spans[key] = last


def test_each_sees_what_the_model_says_after_every_change(cast_file: Path, tmp_path: Path) -> None:
    """Whatever offices do, in whatever order; a few runs in `make test`, long ones in `make prove`."""
    made = iter(range(1_000_000))

    def copy() -> tuple[Database, str]:
        for old in tmp_path.glob("*.db*"):
            old.unlink()
        file = tmp_path / f"{next(made)}.db"
        shutil.copy(cast_file, file)
        return Database(f"sqlite:///{file}"), f"sqlite:///{file}"

    machine = type("ChangesOfThisRun", (Changes,), {"copy": staticmethod(copy)})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=RUNS, stateful_step_count=STEPS, phases=[Phase.generate])
    )
