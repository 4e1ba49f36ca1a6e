"""How fresh a figure is: what phones say they still hold, and what waits in the trays, said beside every figure."""

import csv
import io
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from skills import clock
from skills.areas.models import Area
from skills.people.models import PhoneReport, Posting, TeamMember
from skills.sync.freshness import Freshness, freshness, late_phones, own_freshness
from tests.cast import City
from tests.conftest import AsPerson
from tests.coverage.story import hold, visit_fields
from tests.phone import Phone


def report(city: City, who: str, pending: int, days: float = 0, device: uuid.UUID | None = None) -> None:
    """What a phone of this person said of itself when it was last in contact."""
    with city.database.writing() as db:
        db.add(
            PhoneReport(
                device_id=device or uuid.uuid4(), person_id=city.people[who].id, pending=pending,
                seen_at=clock.now() - timedelta(days=days),
            )
        )  # fmt: skip


def of(city: City, area_id: int) -> tuple[int, int, int, int]:
    with city.database.reading() as db:
        fresh = freshness(db, area_id, clock.now())
    return fresh.phones, fresh.late_phones, fresh.waiting_visits, fresh.held


def test_what_is_held_back_is_what_the_estimate_says(city: City, as_person: AsPerson) -> None:
    """Hoài's phone has twelve visits and hands in five: seven wait, by its own word. With the rest none does."""
    phone = Phone(as_person("Hoài"))
    items = [
        phone.visit(city, number)
        for number in ("2", "4", "6", "7", "7A", "7/2", "12", "K45/2", "K45/12", "2", "4", "6")
    ]
    ward = city.wards["Hải Châu"].id
    phone.send({"items": items[:5], "pending": 7})
    assert of(city, ward) == (1, 1, 7, 0)
    assert "1 trên 1 máy chưa gửi (khoảng 7 lượt)" in as_person("Thu").page("/reports").text
    phone.send({"items": items[5:], "pending": 0})
    assert of(city, ward) == (1, 0, 0, 0)
    assert "mọi máy đã gửi" in as_person("Thu").page("/reports").text


def test_whose_phones_belong_to_which_area(city: City) -> None:
    """A ward has those of its teams and postings, a district and the city those of their wards, a group those of the teams that go there."""
    for who, pending in (("Hoài", 3), ("Bảo", 0), ("Mai", 2), ("Thu", 1), ("Ngân", 5)):
        report(city, who, pending)
    assert of(city, city.wards["Hải Châu"].id) == (4, 3, 6, 0)
    assert of(city, city.wards["An Hải"].id) == (1, 1, 5, 0)
    assert of(city, city.district.id) == (4, 3, 6, 0)
    assert of(city, city.whole.id) == (5, 4, 11, 0)
    assert of(city, city.groups["Tổ 12"].id) == (2, 1, 3, 0)
    assert of(city, city.groups["Tổ 40"].id) == (1, 1, 2, 0)


def test_a_shared_phone_is_one_phone(city: City) -> None:
    """With what waits for both."""
    device = uuid.uuid4()
    report(city, "Hoài", 3, device=device)
    report(city, "Bảo", 4, device=device)
    assert of(city, city.wards["Hải Châu"].id) == (1, 1, 7, 0)


def test_who_left_takes_the_phone_along(city: City) -> None:
    """No posting and no team today."""
    report(city, "Hoài", 3)
    with city.database.writing() as db:
        yesterday = clock.today() - timedelta(days=1)
        for row in (*db.exec(select(TeamMember)), *db.exec(select(Posting))):
            if row.person_id == city.people["Hoài"].id:
                row.valid_to = yesterday
    assert of(city, city.wards["Hải Châu"].id) == (0, 0, 0, 0)
    assert of(city, city.whole.id) == (1, 1, 3, 0), "what it holds would come to the city all the same"


def test_what_waits_in_trays(city: City) -> None:
    """Of the wards of the area; a group stands under the tray of its ward. What is answered waits no more."""
    hold(city, "Hoài", visit_fields(city.doors["6"]))
    hold(city, "Hoài", visit_fields(city.doors["6"]), "same_field", "correction", state="conflict")
    hold(city, "Hoài", visit_fields(city.doors["6"]), state="returned")
    hold(city, "Ngân", visit_fields(city.doors["8"]), tray="An Hải")
    held = {name: of(city, area.id)[3] for name, area in (city.wards | city.groups).items()}
    assert held == {"Hải Châu": 2, "An Hải": 1, "Tổ 12": 2, "Tổ 13": 2, "Tổ 40": 2, "Tổ 3": 1}
    assert of(city, city.whole.id)[3] == 3
    with city.database.reading() as db:
        assert own_freshness(db, [city.people["Hoài"].id], clock.now()).held == 2


def test_late_and_silent_phones(city: City) -> None:
    """Late with something to send, silent for a week; the rest is nobody's business."""
    for who, pending, days in (("Hoài", 1, 1), ("Bảo", 0, 7), ("Mai", 0, 6), ("Lộc", 4, 9), ("Ngân", 5, 9)):
        report(city, who, pending, days)
    with city.database.reading() as db:
        late = late_phones(db, [city.wards["Hải Châu"].id], clock.now())
    assert [(phone.person, phone.pending, phone.silent) for phone in late] == [
        ("Trần Văn Lộc", 4, True), ("Lê Thị Hoài", 1, False), ("Phạm Quốc Bảo", 0, True)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((41, 3, 17, 4), "3 trên 41 máy chưa gửi (khoảng 17 lượt); 4 lượt chờ phường xếp chỗ"),
        ((41, 0, 0, 4), "mọi máy đã gửi; 4 lượt chờ phường xếp chỗ"),
        ((41, 3, 17, 0), "3 trên 41 máy chưa gửi (khoảng 17 lượt)"),
        ((41, 0, 0, 0), "mọi máy đã gửi"),
        ((0, 0, 0, 0), ""),
    ],
)
def test_the_sentence(counts: tuple[int, int, int, int], said: str) -> None:
    """What is nothing is left out."""
    at = clock.now().replace(year=2026, month=8, day=20, hour=7, minute=5)
    fresh = Freshness(at, *counts)
    assert fresh.missing == said
    assert fresh.words == "; ".join(["Tính đến 14:05 ngày 20/08/2026", *[said] * bool(said)])


def test_it_stands_beside_every_figure(city: City, as_person: AsPerson) -> None:
    """The reports, one's own figures, the lead's first page, the file, the answer to a program."""
    report(city, "Hoài", 3)
    hold(city, "Hoài", visit_fields(city.doors["6"]))
    ward = "1 trên 1 máy chưa gửi (khoảng 3 lượt); 1 lượt chờ phường xếp chỗ"
    thu = as_person("Thu")
    for page in (
        thu.page("/reports"),
        thu.page("/"),
        as_person("Khánh").page("/reports"),
        as_person("Hoài").page("/reports"),
    ):
        assert ward in page.text
    assert (
        "máy"
        not in as_person("Mai").page("/reports").one("main").text.partition("So với")[2].partition("Lịch")[0]
    )
    assert "1 trên 1 máy chưa gửi" in as_person("Lộc").page("/reports").text  # of the team that he leads
    told = thu.get("/api/v1/totals").json()["freshness"]
    assert told == {"phones": 1, "late_phones": 1, "waiting_visits": 3, "held": 1}
    for query in ("", "?by=skill"):
        lines = list(csv.reader(io.StringIO(thu.get(f"/reports/download.csv{query}").text)))
        assert lines[0][-1] == "Còn chưa tính"
        assert {line[-1] for line in lines[1:]} <= {ward}
    thu.cookies.set("language", "en")
    assert (
        "1 of 1 phones not sent yet (about 3 visits); 1 visit waits for the ward" in thu.page("/reports").text
    )


def test_one_statement_whatever_there_is(city: City) -> None:
    """For the whole city too."""
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    event.listen(city.database.reader, "before_cursor_execute", hear)
    with city.database.reading() as db:
        for area in (city.whole.id, city.district.id, city.groups["Tổ 12"].id):
            freshness(db, area, clock.now())
    assert len([each for each in said if each != "BEGIN"]) == 3 + 3  # and the areas


@pytest.mark.postgres
def test_the_same_on_postgres(postgres_city: City) -> None:
    """One statement there too."""
    city = postgres_city
    report(city, "Hoài", 3)
    hold(city, "Ngân", visit_fields(city.doors["8"]), tray="An Hải")
    assert of(city, city.whole.id) == (1, 1, 3, 1)
    assert of(city, city.groups["Tổ 12"].id) == (1, 1, 3, 0)
    with city.database.reading() as db:
        assert [phone.pending for phone in late_phones(db, [city.whole.id], clock.now())] == [3]
        assert own_freshness(db, [city.people["Hoài"].id], clock.now()).waiting_visits == 3


def test_people_of_an_area_of_the_past(city: City) -> None:
    """A ward that ended has no phones, and nothing is said of any."""
    with city.database.reading() as db:
        gone = db.exec(
            select(Area.id).where(col(Area.valid_to) < date(2026, 1, 1), Area.level == "ward")
        ).first()
        assert gone is not None
        assert freshness(db, gone, clock.now()).missing == ""
