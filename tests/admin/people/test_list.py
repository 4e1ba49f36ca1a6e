"""Who sees whom in the list of people, and what of them; searched by name, filtered, page by page."""

import uuid
from datetime import date

import pytest

from skills import clock
from skills.db import insert_many
from skills.people import add
from skills.people.models import Person, Posting, Role
from tests.cast import SINCE, City
from tests.client import Page
from tests.conftest import AsPerson


def names(page: Page) -> list[str]:
    """Who stands in the list."""
    return [e.text for e in page.one("section", id="people").walk() if e.tag == "strong"]


def test_each_role_sees_its_own_people(city: City, as_person: AsPerson) -> None:
    """A leader the team, a lead the ward, the offices what lies below them; a volunteer has no such page."""
    hai_chau = ["Phạm Quốc Bảo", "Lê Thị Hoài", "Trần Văn Lộc", "Đỗ Thị Mai", "Nguyễn Thị Thu"]
    assert names(as_person("Lộc").page("/admin/people")) == ["Phạm Quốc Bảo", "Lê Thị Hoài", "Trần Văn Lộc"]
    assert names(as_person("Thu").page("/admin/people")) == hai_chau
    assert names(as_person("Phúc").page("/admin/people")) == ["Võ Thị Ngân", "Hồ Văn Phúc"]
    assert set(names(as_person("Tâm").page("/admin/people"))) == {*hai_chau, "Đặng Minh Tâm"}
    everybody = names(as_person("Khánh").page("/admin/people"))
    assert len(everybody) == 10
    assert names(as_person("Yến").page("/admin/people")) == everybody
    assert as_person("Hoài").get("/admin/people").status_code == 403
    assert as_person("Lạ").get("/admin/people").status_code == 403


def test_a_number_is_shown_to_whom_the_matrix_gives_it(as_person: AsPerson) -> None:
    """Whole in one's own team and ward, its last digits to the administrator, absent for officers and auditors."""
    for name, sees, hides in (
        ("Lộc", "0905 000 001", "••• 001"), ("Thu", "0905 000 001", "••• 001"), ("Khánh", "••• 001", "000 001"),
    ):  # fmt: skip
        page = as_person(name).page("/admin/people?q=hoai")
        assert sees in page.text, name
        assert hides not in page.text, name
    hoai = (
        as_person("Thu")
        .page("/admin/people?q=hoai")
        .link("Lê Thị Hoài Tình nguyện viên, Phường Hải Châu · Tổ công nghệ số cộng đồng số 5 · 0905 000 001")
    )
    for name in ("Tâm", "Yến"):
        client = as_person(name)
        for page in (client.page("/admin/people?q=hoai"), client.page(hoai)):
            assert "001" not in page.text, name
            assert "Số điện thoại" not in [e.text for e in page.all("dt")]
    assert "••• 001" in as_person("Khánh").page(hoai).text


@pytest.mark.parametrize(
    ("who", "query", "found"),
    [
        ("Thu", "hoài", ["Lê Thị Hoài"]),
        ("Thu", "HOAI", ["Lê Thị Hoài"]),
        ("Thu", "le hoai", ["Lê Thị Hoài"]),
        ("Thu", "oai", []),  # words are looked for from their beginning
        ("Thu", "ho", []),  # too short
        ("Thu", "001", ["Lê Thị Hoài"]),
        ("Thu", "0905 000 001", ["Lê Thị Hoài"]),
        ("Thu", "011", []),  # of another ward
        ("Phúc", "hoai", []),
        ("Khánh", "001", ["Lê Thị Hoài"]),
        ("Khánh", "0001", []),  # more than is shown
        ("Yến", "001", []),
        ("Tâm", "001", []),
        ("Lộc", "008", []),  # of another team
        ("Thu", "%%%", []),
        ("Thu", "___", []),
    ],
)  # fmt: skip
def test_somebody_is_found_by_name_and_by_what_one_may_know(
    as_person: AsPerson, who: str, query: str, found: list[str]
) -> None:
    assert names(as_person(who).page("/admin/people?q=" + query.replace("%", "%25"))) == found


def test_the_list_is_filtered(city: City, as_person: AsPerson) -> None:
    """By role, area and team; only by what is within reach."""
    khanh, thu = as_person("Khánh"), as_person("Thu")
    assert names(khanh.page("/admin/people?role=ward_lead")) == ["Hồ Văn Phúc", "Nguyễn Thị Thu"]
    assert names(khanh.page(f"/admin/people?area={city.wards['An Hải'].id}")) == [
        "Võ Thị Ngân",
        "Hồ Văn Phúc",
    ]
    district = names(khanh.page(f"/admin/people?area={city.district.id}"))
    assert "Đặng Minh Tâm" in district
    assert "Lê Thị Hoài" in district
    assert "Võ Thị Ngân" not in district
    team = city.teams["Tổ công nghệ số cộng đồng số 9"].id
    assert names(thu.page(f"/admin/people?team={team}")) == ["Đỗ Thị Mai"]
    assert as_person("Phúc").get(f"/admin/people?team={team}").status_code == 404
    assert as_person("Lộc").get(f"/admin/people?team={team}").status_code == 404
    assert thu.get(f"/admin/people?area={city.wards['An Hải'].id}").status_code == 404
    assert thu.get("/admin/people?area=999999").status_code == 404
    assert thu.get("/admin/people?state=unheard").status_code == 422


def test_who_was_moved_away_or_is_out_of_reach_is_not_there(city: City, as_person: AsPerson) -> None:
    """Outside is as absent: the same answer for another ward's person, and for none."""
    phuc = as_person("Phúc")
    hoai, no_one = str(city.people["Hoài"].id), str(uuid.uuid4())
    other, nobody = phuc.get(f"/admin/people/{hoai}"), phuc.get(f"/admin/people/{no_one}")
    assert (other.status_code, nobody.status_code) == (404, 404)
    assert (
        other.text.replace(hoai, no_one) == nobody.text
    )  # the address stands in it, to come back to in another language
    assert as_person("Lộc").get(f"/admin/people/{city.people['Mai'].id}").status_code == 404
    assert as_person("Thu").get(f"/admin/people/{city.people['Tâm'].id}").status_code == 404


def test_twenty_four_thousand_people_are_read_page_by_page(city: City, as_person: AsPerson) -> None:
    """Fifty at a time, in the order of given names, each once; how many statements a page takes does not depend on them."""
    ward = city.wards["Hải Châu"].id
    people = [
        {"id": uuid.uuid4(), "full_name": f"Nguyễn Văn {'ABCD'[n % 4]}n {n}", "phone": f"+8493{n:07d}", "created_at": clock.now()}
        for n in range(240)
    ]  # fmt: skip
    with city.database.writing() as db:
        insert_many(db, Person, people)
        insert_many(
            db, Posting,
            [{"id": uuid.uuid4(), "person_id": p["id"], "role": "volunteer", "area_id": ward, "valid_from": SINCE, "valid_to": date(9999, 12, 31)} for p in people],
        )  # fmt: skip
    thu = as_person("Thu")
    seen: list[str] = []
    address = "/admin/people"
    for _page in range(5):
        page = thu.page(address)
        seen += names(page)
        address = next((e.attrs["href"] for e in page.all("a") if "Trang sau" in e.text), "")
    assert address == ""
    assert len(seen) == len(set(seen)) == 245
    assert thu.page("/admin/people?page=99").h1 == "Con người"


def test_who_was_dismissed_stands_in_another_list(city: City, as_person: AsPerson) -> None:
    with city.database.writing() as db:
        person = add.find_person(db, "+84905000007")
        assert person
        add.dismiss(db, person)
    thu = as_person("Thu")
    assert "Phạm Quốc Bảo" not in names(thu.page("/admin/people"))
    assert names(thu.page("/admin/people?state=dismissed")) == ["Phạm Quốc Bảo"]
    assert names(as_person("Phúc").page("/admin/people?state=dismissed")) == []


def test_a_name_that_looks_like_code_is_only_text(city: City, as_person: AsPerson) -> None:
    name = '=HYPERLINK("http://127.0.0.1","x") <script>alert(1)</script>'
    with city.database.writing() as db:
        add.add_person(db, name, "0935111222", Role.VOLUNTEER, city.wards["Hải Châu"].id)
    page = as_person("Thu").page("/admin/people?q=%3Dhyperlink")
    assert names(page) == [name]


def test_a_new_name_is_found_at_once(city: City, as_person: AsPerson) -> None:
    """Whoever writes the name: what is searched and listed follows it."""
    with city.database.writing() as db:
        person = add.find_person(db, "+84905000001")
        assert person
        person.full_name = "Lê Thị Ánh"
        db.add(person)
    assert names(as_person("Thu").page("/admin/people?q=anh"))[0] == "Lê Thị Ánh"


def test_what_somebody_is_elsewhere_is_not_shown(city: City, as_person: AsPerson) -> None:
    """Neither to the lead of one ward nor to the leader of a team, nor can it be found out by asking for it."""
    with city.database.writing() as db:
        db.add(
            Posting(
                id=uuid.uuid4(), person_id=city.people["Hoài"].id, role=Role.WARD_LEAD, area_id=city.wards["An Hải"].id,
                valid_from=clock.today(),
            )
        )  # fmt: skip
    for name in ("Thu", "Lộc"):
        client = as_person(name)
        assert "An Hải" not in client.page("/admin/people?q=hoai").text
        assert "An Hải" not in client.page(f"/admin/people/{city.people['Hoài'].id}").text
    assert names(as_person("Thu").page("/admin/people?role=ward_lead")) == ["Nguyễn Thị Thu"]
    assert "An Hải" in as_person("Khánh").page("/admin/people?q=hoai").text


def test_a_name_as_long_as_may_be_is_stored_and_found(city: City, as_person: AsPerson) -> None:
    with city.database.writing() as db:
        add.add_person(db, "ß" * 119 + " ß", "0935111222", Role.VOLUNTEER, city.wards["Hải Châu"].id)
    assert len(names(as_person("Thu").page("/admin/people?q=ssss"))) == 1
