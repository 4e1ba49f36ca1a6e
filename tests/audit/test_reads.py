"""Who is shown what stands under somebody else's name leaves a trace before the page leaves; what can't be traced is not shown."""

import sqlite3
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select

from skills import clock
from skills.audit import reads
from skills.audit.models import DaySeal
from tests.audit.book import broken, read_entries
from tests.cast import City
from tests.client import Client
from tests.conftest import AsPerson
from tests.visits.pages import log

NOTE = "Bà ở nhà một mình buổi sáng"


@pytest.fixture
def visit(city: City, as_person: AsPerson) -> str:
    """A visit of Hoài's with a note."""
    return log(as_person("Hoài"), city.doors["12"], note=NOTE)


def history_of(city: City, number: str = "12") -> str:
    """The address of what happened at a door."""
    door = city.doors[number]
    return f"/households/{door.ward_id}/{door.id}/visits"


def test_a_ward_lead_reads_a_note(city: City, as_person: AsPerson, visit: str) -> None:
    """Each page that shows it is one line: who, when, which page, which home."""
    thu = as_person("Thu")
    before = clock.now()
    assert NOTE in thu.get(visit).text
    assert NOTE in thu.get(f"{visit}/correction").text
    first, second = read_entries(city.database)
    assert (first.ward_id, first.person_id, first.page) == (
        city.wards["Hải Châu"].id,
        city.people["Thu"].id,
        "visit.note",
    )
    assert first.subject == str(city.doors["12"].id)
    assert before <= first.at <= second.at <= clock.now()
    assert (first.day, first.n, second.n) == (clock.today(), 1, 2)


@pytest.mark.parametrize("name", ["Hoài", "Lộc"])
def test_author_and_leader_do_their_work(city: City, as_person: AsPerson, visit: str, name: str) -> None:
    """They are shown it, and leave no trace."""
    assert NOTE in as_person(name).get(visit).text
    assert read_entries(city.database) == []


def test_who_is_not_shown_it_has_read_nothing(city: City, as_person: AsPerson, visit: str) -> None:
    """A team-mate sees the visit without its note, a stranger to the ward nothing at all; a page without notes is no read."""
    assert NOTE not in as_person("Bảo").get(visit).text
    assert as_person("Phúc").get(visit).status_code == 404
    log(as_person("Hoài"), city.doors["7A"])
    assert as_person("Thu").get(history_of(city, "7A")).status_code == 200
    assert read_entries(city.database) == []


def test_the_history_of_a_door_is_one_line_however_many_notes(
    city: City, as_person: AsPerson, visit: str
) -> None:
    """The same home on the same page."""
    log(as_person("Hoài"), city.doors["12"], note="Lần sau gặp con trai")
    as_person("Thu").get(history_of(city))
    assert [each.subject for each in read_entries(city.database)] == [str(city.doors["12"].id)]


def test_what_cannot_be_written_down_is_not_shown(city: City, as_person: AsPerson, visit: str) -> None:
    """While the database takes no write, the page with the note answers 503 without it; pages that leave no trace are as ever."""
    thu, hoai = as_person("Thu"), as_person("Hoài")
    other = sqlite3.connect(city.settings.database_file or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = thu.get(visit)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert NOTE not in answer.text
    assert NOTE in hoai.get(visit).text
    assert thu.get("/households").status_code == 200
    assert thu.get("/admin/audit").status_code == 200
    other.execute("COMMIT")
    other.close()
    assert read_entries(city.database) == []
    assert NOTE in thu.get(visit).text
    assert len(read_entries(city.database)) == 1


def test_a_form_that_is_shown_again_is_a_read_too(city: City, as_person: AsPerson, visit: str) -> None:
    """Also when the request could write: the trace is in its transaction."""
    thu = as_person("Thu")
    answer = thu.post(f"{visit}/void", {"reason": "no such reason", "item": "x", "base": "1"})
    assert answer.status_code == 422
    assert len(read_entries(city.database)) == 1


def test_a_day_that_is_over_is_sealed_by_the_first_who_writes(
    city: City, as_person: AsPerson, visit: str
) -> None:
    """Two days of reads, a day of rest, a read: both days sealed once, today still open."""
    with time_machine.travel(clock.now(), tick=False) as moment:
        for days in (0, 1, 2):
            thu = as_person("Thu")
            for _ in range(3):
                assert NOTE in thu.get(visit).text
            moment.shift(timedelta(days=1 + days))
    with city.database.reading() as db:
        seals = db.exec(select(DaySeal)).all()
    assert [seal.reads for seal in seals] == [3, 3]
    assert broken(city.database) == {}


def test_a_note_is_about_words_and_ids(city: City) -> None:
    """A name or a telephone number is refused where the read is noted."""
    with city.database.reading() as db:
        for wrong in ("Lê Thị Hoài", "0905000001"):
            with pytest.raises(ValueError):
                reads.read(db, 1, city.people["Thu"].id, "person.phone", wrong)
        with pytest.raises(ValueError):
            reads.read(db, 1, city.people["Thu"].id, "person.phone", 5, why="Vì cần gọi")
        assert reads.noted(db) == ()


def test_the_lead_does_not_wait_for_a_thousand_readers(city: City, as_person: AsPerson, visit: str) -> None:
    """Twenty pages in a row are twenty lines in order, without a gap."""
    thu: Client = as_person("Thu")
    for _ in range(20):
        thu.get(visit)
    assert [each.n for each in read_entries(city.database)] == list(range(1, 21))
