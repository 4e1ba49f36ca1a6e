"""The page of the trail: what was done, as sentences, to whoever may know it."""

import re
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlmodel import select

from skills import clock
from skills.admin.audit.find import AT_ONCE
from skills.admin.audit.scope import all_within, scope_of
from skills.admin.audit.words import CHANGES, READS
from skills.areas.find import lies_within
from skills.areas.models import Area, Level
from skills.audit import trail
from skills.audit.keyed import word
from skills.people.permissions import Permission
from tests.audit.book import read
from tests.cast import City
from tests.client import Client, Page
from tests.conftest import AsPerson
from tests.visits.pages import log

SKILLS = Path(trail.__file__).parents[1]


def write(city: City, ward: str, who: str | None, action: str, subject: object, *fields: str) -> None:
    """One entry in the chain of a ward, or of none ("")."""
    ward_id = city.wards[ward].id if ward else 0
    with city.database.writing() as db:
        trail.write(db, ward_id, city.people[who].id if who else None, action, subject, fields)


def sentences(page: Page) -> list[str]:
    """The sentences of the list."""
    return [each.text for each in page.all("strong") if each.within("section")]


@pytest.fixture
def dismissed(city: City) -> None:
    """Bảo was dismissed by Thu, Ngân by Phúc, and a command made a new epoch."""
    write(city, "Hải Châu", "Thu", "person.dismissed", city.people["Bảo"].id, "dismissed_at")
    write(city, "An Hải", "Phúc", "person.dismissed", city.people["Ngân"].id)
    write(city, "", None, "epoch.renewed", uuid.uuid4())


@pytest.mark.usefixtures("dismissed")
def test_a_ward_lead_reads_her_ward(as_person: AsPerson) -> None:
    """In a sentence, with what changed, when and where; of other wards nothing."""
    page = as_person("Thu").page("/admin/audit")
    assert sentences(page) == ["Nguyễn Thị Thu cho Phạm Quốc Bảo nghỉ"]
    assert "Mục đổi: ngày nghỉ" in page.text
    assert f"{clock.local(clock.now()):%d/%m/%Y} · Phường Hải Châu" in page.text
    for unseen in ("Ngân", "Phúc", "Máy chủ"):
        assert unseen not in page.source


@pytest.mark.usefixtures("dismissed")
@pytest.mark.parametrize(
    ("name", "seen"), [("Khánh", 3), ("Yến", 3), ("Tâm", 1), ("Phúc", 1), ("Hoài", 0), ("Bảo", 1), ("Lộc", 1)]
)
def test_everybody_reads_as_far_as_they_reach(as_person: AsPerson, name: str, seen: int) -> None:
    """The city and its auditor all, the officer the wards of her district, a leader her team, a volunteer what was done to them."""
    assert len(sentences(as_person(name).page("/admin/audit"))) == seen


@pytest.mark.usefixtures("dismissed")
def test_in_english(as_person: AsPerson) -> None:
    """The same line."""
    thu = as_person("Thu")
    thu.cookies.set("language", "en")
    assert sentences(thu.page("/admin/audit")) == ["Nguyễn Thị Thu dismissed Phạm Quốc Bảo"]


def test_who_may_not_come_in(city: City, stranger: Client, as_person: AsPerson) -> None:
    """Nobody without a posting; nobody takes a file who reads only what is her own."""
    assert stranger.get("/admin/audit").status_code == 303
    assert as_person("Lạ").get("/admin/audit").status_code == 403
    for name in ("Hoài", "Lộc", "Lạ"):
        assert as_person(name).post("/admin/audit/export", {"file": "csv"}).status_code == 403
    assert "/admin/audit/export" not in as_person("Hoài").page("/admin/audit").source


def test_a_name_is_shown_only_where_the_person_may_be_seen(city: City, as_person: AsPerson) -> None:
    """The administrator of the city did it: the ward lead learns that it was somebody from elsewhere, the city who."""
    write(city, "Hải Châu", "Khánh", "person.dismissed", city.people["Ngân"].id)
    thu = as_person("Thu").page("/admin/audit")
    assert "Khánh" not in thu.source
    assert "Ngân" not in thu.source
    assert sentences(thu)[0].startswith("Người ngoài địa bàn (…")
    assert sentences(as_person("Yến").page("/admin/audit")) == ["Huỳnh Ngọc Khánh cho Võ Thị Ngân nghỉ"]


def test_a_team_is_called_by_its_name(city: City, as_person: AsPerson) -> None:
    """An action that has no sentence yet is told by its own name."""
    team = next(team for team in city.teams.values() if team.area_id == city.wards["Hải Châu"].id)
    write(city, "Hải Châu", "Thu", "team.never_heard_of", team.id, f"member {uuid.uuid4()}")
    [said] = sentences(as_person("Thu").page("/admin/audit"))
    assert said == f"Nguyễn Thị Thu: việc team.never_heard_of, {team.name}"


def test_narrowed_by_person_action_day_and_subject(city: City, as_person: AsPerson) -> None:
    """Each alone, together, and by the links in the list."""
    with time_machine.travel(clock.now() - timedelta(days=3)):
        write(city, "Hải Châu", "Thu", "person.dismissed", city.people["Bảo"].id)
        day = f"{clock.today():%d/%m/%Y}"
    write(city, "Hải Châu", "Thu", "person.added", city.people["Mai"].id)
    write(city, "Hải Châu", "Lộc", "person.added", city.people["Bảo"].id)
    thu = as_person("Thu")

    def told(query: str) -> list[str]:
        return [
            sentence.rpartition(" ")[0][-12:] for sentence in sentences(thu.page(f"/admin/audit?{query}"))
        ]

    assert len(told("")) == 3
    assert len(told(f"actor={city.people['Thu'].id}")) == 2
    assert len(told("action=person.added")) == 2
    assert len(told(f"subject={city.people['Bảo'].id}")) == 2
    assert len(told(f"day={day}")) == 1
    assert len(told(f"day={day}&action=person.added")) == 0
    assert len(told(f"subject={city.people['Bảo'].id}&actor={city.people['Lộc'].id}")) == 1
    page = thu.page("/admin/audit")
    only = thu.page(page.link("Người làm: Trần Văn Lộc"))
    assert len(sentences(only)) == 1
    assert thu.page(only.link("Bỏ lọc người làm: Trần Văn Lộc")).text.count("Nguyễn Thị Thu") > 1
    assert len(sentences(thu.page(page.link("Đối tượng: Phạm Quốc Bảo")))) == 2


@pytest.mark.parametrize(
    "query",
    [
        "day=31/2/2026",
        "actor=Hoài",
        "subject=Lê Thị Hoài",
        "before=yesterday",
        "action=DROP TABLE",
        "what=all",
        "mine=1",
        "before=99999999T999999999999-1-1",
    ],
)
def test_what_cannot_be_read_is_said(as_person: AsPerson, query: str) -> None:
    """422, a sentence, and what was typed still there."""
    answer = as_person("Thu").get(f"/admin/audit?{query}")
    assert answer.status_code == 422
    said = Page(answer).one("div", role="alert").text
    assert len(said) > 20
    if query.startswith(("day", "subject")):
        assert query.partition("=")[2] in answer.text


def test_page_after_page_by_key(city: City, as_person: AsPerson) -> None:
    """A hundred and twenty lines of three chains, many at the same moment: each once, none left out, also while new ones come."""
    with (
        time_machine.travel(clock.now() - timedelta(hours=1), tick=False) as moment,
        city.database.writing() as db,
    ):
        for n in range(60):
            for ward in (0, city.wards["Hải Châu"].id):
                trail.write(db, ward, None, "totals.rebuilt", 1000 + n)
            if n % 7 == 0:
                moment.shift(timedelta(microseconds=1))
    khanh, found, address = as_person("Khánh"), [], "/admin/audit"
    pages = 0
    while address:
        page = khanh.page(address)
        found += sentences(page)
        pages += 1
        write(city, "", None, "epoch.renewed", uuid.uuid4())
        older = [each.attrs["href"] for each in page.all("a", class_="btn") if each.text == "Cũ hơn"]
        address = older[0] if older else ""
    assert pages == 3
    told = [int(re.sub(r"\D", "", each)) for each in found]
    assert sorted(told) == sorted(2 * [1000 + n for n in range(60)])
    assert told[0] == 1059
    assert told[-1] in (1000, 1001, 1002, 1003, 1004, 1005, 1006)  # all of the first moment
    assert 2 * AT_ONCE < 120


def test_reads_are_a_list_of_their_own(city: City, as_person: AsPerson) -> None:
    """Who read the note of which home; the lead opens the door from there."""
    log(as_person("Hoài"), city.doors["12"], note="một ghi chú")
    thu, door = as_person("Thu"), city.doors["12"]
    thu.get(f"/households/{door.ward_id}/{door.id}/visits")
    page = thu.page("/admin/audit?what=reads")
    [said] = sentences(page)
    assert said == f"Nguyễn Thị Thu đọc ghi chú ở nhà …{str(door.id)[-6:]}"
    assert page.link("Mở trang") == f"/households/{door.ward_id}/{door.id}"
    assert "một ghi chú" not in page.source
    assert sentences(as_person("Phúc").page("/admin/audit?what=reads")) == []
    assert "Mở trang" not in as_person("Yến").page("/admin/audit?what=reads").source


def test_the_link_to_a_visit_opens(city: City, as_person: AsPerson) -> None:
    """A visit that somebody else corrected."""
    visit, thu = log(as_person("Hoài"), city.doors["12"]), as_person("Thu")
    page = thu.page(f"{visit}/void")
    thu.submit(page, f"{visit}/void", reason="twice")
    link = thu.page("/admin/audit").link("Mở trang")
    assert link == visit
    assert thu.get(link).status_code == 200


def test_reading_the_trail_changes_nothing(city: City, as_person: AsPerson) -> None:
    """GET, on every list."""
    write(city, "Hải Châu", "Thu", "person.added", city.people["Bảo"].id)
    with city.database.writing() as db:
        read(db, city.wards["Hải Châu"].id, city.people["Bảo"].id)
    thu = as_person("Thu")
    for address in ("/admin/audit", "/admin/audit?what=reads", "/admin/audit?day=1/1/2026"):
        before = (city.settings.database_file or Path()).read_bytes()
        assert thu.get(address).status_code == 200
        assert (city.settings.database_file or Path()).read_bytes() == before


def test_areas_within_reach_are_those_that_lie_within(city: City) -> None:
    """One query for many areas says of each what `lies_within` says of one: every ward of every era and every group."""
    with city.database.reading() as db:
        areas = db.exec(select(Area).where(Area.level != Level.CITY)).all()
        today = clock.today()
        for reach in (
            {city.wards["Hải Châu"].id},
            {city.district.id},
            {city.whole.id},
            {city.groups["Tổ 12"].id, city.groups["Tổ 40"].id},
        ):
            ids = [*(area.id for area in areas[::3]), city.groups["Tổ 12"].id, city.wards["Hải Châu"].id]
            one_by_one = {area_id for area_id in ids if lies_within(db, area_id, frozenset(reach), today)}
            assert all_within(db, ids, reach, today) == one_by_one
            assert one_by_one


def test_a_scope_without_anything(city: City) -> None:
    """Nothing was ever written: no chain, no error."""
    with city.database.reading() as db:
        assert scope_of(db, city.viewer("Thu")).wards == ()


def actions_written(source: str) -> set[str]:
    """The actions and pages that a module writes, where it writes them as plain text."""
    return set(
        re.findall(r'(?:trail\.write|reads\.read|tell)\((?:[^()"]|\([^()]*\))*"([a-z_]+\.[a-z_]+)"', source)
    )


def test_every_action_has_its_sentence(city: City) -> None:
    """Found in a piece of code, and then all those of the program; the sentences are words that the trail takes."""
    assert actions_written('trail.write(db, trail.chain_of(db, one.id), None, "person.moved", 3)') == {
        "person.moved"
    }
    found: set[str] = set()
    for file in SKILLS.rglob("*.py"):
        found |= actions_written(file.read_text(encoding="utf-8"))
    assert len(found) >= 12
    assert found <= CHANGES.keys() | READS.keys()
    assert all(word(action) for action in CHANGES)


def test_the_gate_and_the_permission(city: City) -> None:
    """Who takes a file may read all within reach."""
    holders: dict[str, Any] = {name: city.viewer(name) for name in ("Thu", "Tâm", "Khánh", "Yến")}
    assert all(viewer.may(Permission.READ_AUDIT) for viewer in holders.values())
    assert not city.viewer("Lộc").may(Permission.READ_AUDIT)
