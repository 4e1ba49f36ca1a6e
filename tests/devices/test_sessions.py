"""How long a session lives: while it is used, ninety days at most, and not one request longer than its person may."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import event
from sqlmodel import Session, col, select, update

from skills import clock
from skills.errors import Busy
from skills.people import sessions
from skills.people.add import dismiss, reset_password
from skills.people.models import LoginSession, Person, Posting, Role
from tests.cast import PASSWORD, City
from tests.client import Client
from tests.conftest import AsPerson

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def only_session(city: City) -> LoginSession:
    """The one there is."""
    with city.database.reading() as db:
        return db.exec(select(LoginSession)).one()


@pytest.mark.parametrize(
    ("name", "idle", "used_every"), [("Hoài", 30 * DAY, 29 * DAY), ("Tâm", 12 * HOUR, 11 * HOUR)]
)
def test_it_lives_while_it_is_used(
    as_person: AsPerson, name: str, idle: timedelta, used_every: timedelta
) -> None:
    """Thirty days from the last use in the field, twelve hours in an office."""
    client, began = as_person(name), clock.now()
    for n in (1, 2, 3):
        with time_machine.travel(began + n * used_every):
            assert client.get("/reports").status_code == 200
    with time_machine.travel(began + 3 * used_every + idle + timedelta(minutes=1)):
        assert client.get("/reports").status_code == 303


def test_after_ninety_days_somebody_proves_again_who_they_are(as_person: AsPerson) -> None:
    """However often the phone was used."""
    client, began = as_person("Hoài"), clock.now()
    for day in range(0, 90, 9):
        with time_machine.travel(began + day * DAY):
            assert client.get("/households").status_code == 200
    with time_machine.travel(began + 90 * DAY - HOUR):
        assert client.get("/households").status_code == 200
    with time_machine.travel(began + 90 * DAY + timedelta(minutes=1)):
        assert client.get("/households").status_code == 303


def test_a_clock_set_back_makes_no_session_longer(as_person: AsPerson, city: City) -> None:
    """The end moves ahead with its use and never past ninety days from the beginning."""
    client, began = as_person("Hoài"), clock.now()
    for at in (20 * DAY, -400 * DAY, 40 * DAY, 60 * DAY, 80 * DAY):
        with time_machine.travel(began + at):
            client.get("/households")
    assert only_session(city).expires_at <= began + 90 * DAY


def test_reading_stays_reading(as_person: AsPerson, app: FastAPI, city: City) -> None:
    """Within ten minutes of its last use nothing is written; after that one small write, when the page has been answered."""
    client = as_person("Hoài")
    written: list[str] = []

    def hear(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "BEGIN", "PRAGMA")):
            written.append(statement)

    event.listen(app.state.database.writer, "before_cursor_execute", hear)
    for _ in range(3):
        assert client.get("/households").status_code == 200
    assert written == []
    began = only_session(city).seen_at
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        for _ in range(3):
            assert client.get("/households").status_code == 200
    assert len(written) == 1
    assert written[0].startswith("UPDATE login_session SET")
    assert only_session(city).seen_at - began > timedelta(minutes=10)


def test_where_nothing_can_be_written_pages_are_read_all_the_same(
    as_person: AsPerson, monkeypatch: pytest.MonkeyPatch, city: City
) -> None:
    """Read-only or full storage: the use is not written down, and nobody hears of it."""
    client, before = as_person("Hoài"), only_session(city).seen_at

    def full(_db: Session, _hash: str) -> None:
        raise Busy("SQLITE_READONLY")

    monkeypatch.setattr(sessions, "touch", full)
    with time_machine.travel(clock.now() + HOUR):
        assert client.get("/households").status_code == 200
    assert only_session(city).seen_at == before


def test_a_session_that_ended_is_not_brought_back_by_its_last_request(
    as_person: AsPerson, city: City
) -> None:
    """Signing out is itself a use."""
    client = as_person("Hoài")
    with time_machine.travel(clock.now() + HOUR):
        assert client.post("/sign-out").status_code == 303
    session = only_session(city)
    assert session.revoked_at is not None
    assert session.seen_at == session.created_at


def test_signing_in_gives_a_new_token_and_ends_the_old_one(stranger: Client, city: City) -> None:
    """Whosever it was; what was planted is worth nothing."""
    sent = {"tel": "0905000001", "pw": PASSWORD}
    stranger.post("/sign-in", sent)
    first = stranger.cookies["sid"]
    stranger.post("/sign-in", sent | {"tel": "0905000007"})
    assert stranger.cookies["sid"] != first
    with city.database.reading() as db:
        assert sessions.find(db, first, clock.now()) is None
        assert sessions.find(db, stranger.cookies["sid"], clock.now()) == city.people["Bảo"].id


ENDS: dict[str, Callable[[Session, Person], None]] = {
    "dismissed": dismiss,
    "a new password": lambda db, person: reset_password(db, person, "a new password"),
    "another role": lambda db, person: sessions.end_all(db, person.id),
}


@pytest.mark.parametrize("end", ENDS)
def test_it_dies_with_the_next_request(as_person: AsPerson, city: City, end: str) -> None:
    """The very next one is nobody's, on every phone; somebody else's goes on."""
    hers, elsewhere, his = as_person("Hoài"), as_person("Hoài"), as_person("Bảo")
    assert hers.get("/households").status_code == 200
    with city.database.writing() as db:
        ENDS[end](db, db.get_one(Person, city.people["Hoài"].id))
    assert [each.get("/households").status_code for each in (hers, elsewhere, his)] == [303, 303, 200]


def test_another_role_counts_from_the_next_request(as_person: AsPerson, city: City) -> None:
    """Even before the session is ended: rights are asked for each time."""
    client = as_person("Thu")
    assert client.get("/coverage/tray").status_code == 200
    with city.database.writing() as db:
        db.execute(
            update(Posting).where(col(Posting.person_id) == city.people["Thu"].id).values(role=Role.VOLUNTEER)
        )
    assert client.get("/coverage/tray").status_code == 403
