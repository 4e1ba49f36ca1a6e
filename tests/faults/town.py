"""The town of a run: the cast of all tests and more volunteers, in a database of its own, and what offices do to them meanwhile."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlmodel import col, select, update

from skills import clock
from skills.areas.reorganise import merge
from skills.catalogue.find import audiences_on, skills_on
from skills.db import Database
from skills.people import add, sessions
from skills.people.models import LoginSession, Person, Posting, Role, Team, TeamMember, TeamRole
from skills.totals.check import check
from skills.visits.tally import recount
from tests import cast
from tests.cast import AN_HAI, HAI_CHAU, SINCE, City

GROUPS = (("Tổ 12", "Tổ 13"), ("Tổ 40",), ("Tổ 3",))  # of the three teams


@dataclass(frozen=True)
class Door:
    """Where a visit can be made: stored ward and id."""

    ward: int
    id: str


@dataclass(frozen=True)
class Worker:
    """Somebody who saves visits. `reach`: the doors they may visit; `groups`: pairs of ward and residential group."""

    id: str
    name: str
    ward: str
    reach: tuple[Door, ...]
    groups: tuple[tuple[int, int], ...]


@dataclass
class Town:
    """Everybody, and the database behind them. `disturbed`: whose rights were changed, and what that was."""

    url: str
    folder: Path
    city: City
    workers: list[Worker]
    skills: list[int]
    audiences: list[int]
    disturbed: dict[str, str] = field(default_factory=dict)
    ward_merged: bool = False
    # nobody opens the database while another file takes its place: what they began to write would go into the new one
    _in_place: threading.Lock = field(default_factory=threading.Lock)

    @property
    def database(self) -> Database:
        """As the offices use it, beside the server."""
        return self.city.database

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return Path(self.url.removeprefix("sqlite:///"))

    def cookie(self, person: str) -> str:
        """Signs somebody in, as the sign-in page does after the password was right."""
        with self._in_place, self.database.writing() as db:
            return sessions.create(db, uuid.UUID(person))

    def foreign(self, worker: Worker) -> Door:
        """A door that this worker may not see."""
        reached = set(worker.reach)
        doors = [Door(door.ward_id, str(door.id)) for door in self.city.doors.values()]
        return next(door for door in doors if door not in reached)

    # What happens while queues wait (fault 33)

    def role_removed(self, worker: Worker) -> None:
        """The posting and the team ended yesterday."""
        yesterday = clock.today() - timedelta(days=1)
        with self.database.writing() as db:
            for table in (Posting, TeamMember):
                db.execute(
                    update(table)
                    .where(col(table.person_id) == uuid.UUID(worker.id))
                    .values(valid_to=yesterday)
                )
        self.disturbed[worker.id] = "role_removed"

    def dismissed(self, worker: Worker) -> None:
        """Dismissed today."""
        with self.database.writing() as db:
            add.dismiss(db, _found(add.find_person(db, self._phone(worker))))
        self.disturbed[worker.id] = "dismissed"

    def new_password(self, worker: Worker) -> None:
        """An office sets another password, which ends every session."""
        with self.database.writing() as db:
            add.reset_password(db, _found(add.find_person(db, self._phone(worker))), "another-password-1")

    def session_over(self) -> None:
        """Every session has run out."""
        with self.database.writing() as db:
            db.execute(update(LoginSession).values(expires_at=clock.now() - timedelta(seconds=1)))

    def merge_ward(self) -> None:
        """An Hải becomes a part of Hải Châu, today."""
        with self.database.writing() as db:
            merge(db, [self.city.wards[AN_HAI].id], self.city.wards[HAI_CHAU].id, clock.today())
        self.ward_merged = True
        self.disturbed |= {worker.id: "ward_merged" for worker in self.workers if worker.ward == AN_HAI}

    # Copies (fault 23)

    def copy(self) -> Path:
        """A consistent copy of the database as it is now."""
        copied = self.folder / "copy.db"
        copied.unlink(missing_ok=True)
        connection = sqlite3.connect(self.file)
        try:
            connection.execute("VACUUM INTO ?", (str(copied),))
        finally:
            connection.close()
        return copied

    def put_back(self, copied: Path) -> None:
        """The disk is lost; the copy takes its place, with a new epoch, as docs/operations.md has it. The server is stopped."""
        with self._in_place:
            self.database.dispose()
            for ending in ("", "-wal", "-shm"):
                Path(f"{self.file}{ending}").unlink(missing_ok=True)
            shutil.copy(copied, self.file)
            self.command("epoch", "renew")

    def command(self, *arguments: str) -> str:
        """Runs `python -m skills …` on this database; gives what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "skills", *arguments],
            env={**os.environ, "TUNGNHA_ENV": "test", "TUNGNHA_DATABASE_URL": self.url}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (arguments, done.stdout[-2000:], done.stderr[-2000:])
        return done.stdout

    def totals_differ(self) -> list[str]:
        """What `totals check` finds."""
        with self.database.reading() as db:
            return [
                f"{found.key}: kept {found.kept}, counted {found.counted}" for found in check(db, recount)
            ]

    def _phone(self, worker: Worker) -> str:
        return next(person.phone for person in self.city.people.values() if str(person.id) == worker.id)


def settle(url: str, folder: Path, volunteers: int, made: Path | None = None) -> Town:
    """The town in the empty database at `url`, with so many volunteers besides the cast. `made`: a SQLite file with the cast."""
    if url.startswith("sqlite"):
        shutil.copy(made or cast.template(folder), url.removeprefix("sqlite:///"))
    database = Database(url)
    if not url.startswith("sqlite"):
        cast.build(database)
    with database.writing() as db:
        teams = db.exec(select(Team).order_by(col(Team.id))).all()
        for n in range(volunteers):
            team = teams[n % len(teams)]
            person = add.add_person(
                db, f"Người Thứ{n}", f"+8490600{n:04d}", Role.VOLUNTEER, team.area_id, valid_from=SINCE
            )
            db.add(TeamMember(team_id=team.id, person_id=person.id, valid_from=SINCE, role=TeamRole.MEMBER))
    city = cast.meet(database, url)
    with database.reading() as db:
        skills = [skill.id for skill in skills_on(db, clock.today())]
        audiences = [group.id for group in audiences_on(db, clock.today())]
    names = [f"Thứ{n}" for n in range(volunteers)]
    workers = [_worker(city, name, n % 3) for n, name in enumerate(names)]
    workers += [_worker(city, "Lộc", 0), _worker(city, "Thu", None)]
    return Town(url, folder, city, workers, skills, audiences)


def _worker(city: City, name: str, team: int | None) -> Worker:
    """Somebody of a team, or the lead of Hải Châu, with the doors in their reach."""
    going = GROUPS[team] if team is not None else (*GROUPS[0], *GROUPS[1])
    ward = AN_HAI if team == 2 else HAI_CHAU
    streets = {"Tổ 12": "Hàng Dừa", "Tổ 13": "Hàng Dừa", "Tổ 40": "Lý Thường Kiệt", "Tổ 3": "Nguyễn Thông"}
    reached = {streets[group] for group in going}
    doors = [door for door in city.doors.values() if door.street in reached]
    return Worker(
        str(city.people[name].id), name, ward,
        tuple(Door(door.ward_id, str(door.id)) for door in sorted(doors, key=lambda door: str(door.id))),
        tuple((city.wards[ward].id, city.groups[group].id) for group in going),
    )  # fmt: skip


def _found(person: Person | None) -> Person:
    assert person is not None
    return person
