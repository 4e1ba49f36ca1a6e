"""The first page: one mark for every home, follow-ups due, where nobody has been for long; reports for who sees no doors."""

import gzip
from datetime import date, timedelta

import pytest

from skills import clock
from skills.home.today import MOST_DUE, today, waiting
from skills.households.find import doors_of
from skills.households.models import Mark
from tests.cast import City
from tests.client import Client, Page
from tests.conftest import AsPerson
from tests.households.test_find import leave, many_doors, statements

DAY = date(2026, 8, 20)


def marks(page: Page) -> list[str]:
    return [use.attrs["href"] for use in page.all("use")]


def test_the_volunteer_sees_one_mark_for_every_home_of_the_group(as_person: AsPerson, city: City) -> None:
    now = clock.today()
    with city.database.writing() as db:
        leave(db, city.doors["2"], Mark.MET, now)
        leave(db, city.doors["K45/2"], Mark.SELF, now)
        leave(db, city.doors["7"], Mark.REFUSE, now, last_met_on=None)
    page = as_person("Hoài").page("/")
    assert page.h1 == "Hôm nay"
    assert "Tổ 12 · Hải Châu" in page.text
    assert "3/9 hộ" in page.text
    assert marks(page) == ["#d-met", *["#d-todo"] * 2, "#d-refuse", *["#d-todo"] * 3, "#d-self", "#d-todo"]
    strips = [e.attrs["aria-label"] for e in page.all("div", role="img")]
    assert strips == ["Hàng Dừa: 2 trên 7 hộ đã thăm", "Kiệt 45 Hàng Dừa: 1 trên 2 hộ đã thăm"]
    for words in ("1 đã thăm", "1 tự làm được", "0 hẹn lại", "6 chưa thăm", "1 từ chối"):
        assert words in page.text
    assert page.link("Ghi lượt thăm").startswith("/households")


def test_who_has_several_groups_switches_between_them(as_person: AsPerson, city: City) -> None:
    page = as_person("Hoài").page("/")
    other = as_person("Hoài").page(page.link("Tổ 13"))
    assert len(marks(other)) == 1
    assert "Tổ 13 · Hải Châu" in other.text
    for outside in ("Tổ 40", "Tổ 3"):
        assert as_person("Hoài").get(f"/?group={city.groups[outside].id}").status_code == 404


def test_follow_ups_due_come_first_and_lead_straight_to_the_visit(as_person: AsPerson, city: City) -> None:
    now = clock.today()
    with city.database.writing() as db:
        leave(db, city.doors["12"], Mark.BACK, now - timedelta(9), follow_up_on=now, last_skills="7")
        leave(db, city.doors["K61/1"], Mark.BACK, now - timedelta(9), follow_up_on=now - timedelta(2))
        leave(db, city.doors["4"], Mark.BACK, now, follow_up_on=now + timedelta(1))
    page = as_person("Hoài").page("/")
    due = page.all("section", aria_labelledby="h-due")
    rows = [e for e in due[0].walk() if e.tag == "a"]
    assert [row.text.split()[0] for row in rows] == ["K61/1", "12"]
    assert "Trễ hẹn 2 ngày" in rows[0].text
    assert "Hẹn hôm nay" in rows[1].text
    door = city.doors["K61/1"]
    assert rows[0].attrs["href"] == f"/visits/new?ward={door.ward_id}&household={door.id}"


def test_the_first_screen_has_doors_without_any_follow_up(as_person: AsPerson, city: City) -> None:
    page = as_person("Hoài").page("/")
    never = page.one("section", aria_labelledby="h-never")
    assert [e.text for e in never.walk() if "plate" in e.attrs.get("class", "")] == [
        "2",
        "4",
        "6",
        "7",
        "7A",
        "7/2",
    ]


def test_long_ago_comes_before_never_and_leaves_this_month_and_refusals_out(city: City) -> None:
    with city.database.writing() as db:
        leave(db, city.doors["2"], Mark.MET, date(2026, 7, 31))
        leave(db, city.doors["4"], Mark.SELF, date(2026, 3, 2))
        leave(db, city.doors["6"], Mark.MET, date(2026, 8, 1))
        leave(db, city.doors["7"], Mark.REFUSE, date(2026, 1, 1))
        leave(db, city.doors["7A"], Mark.BACK, date(2026, 1, 1), follow_up_on=date(2026, 9, 1))
    with city.database.reading() as db:
        long_ago, never = waiting(doors_of(db, city.viewer("Hoài", DAY)), DAY)
    assert [row.number for row in long_ago] == ["4", "2"]
    assert [row.number for row in never] == ["7/2", "12", "K45/2", "K45/12", "K61/1"]


def test_at_most_twelve_follow_ups_and_then_a_link(as_person: AsPerson, city: City) -> None:
    now = clock.today()
    many_doors(city, 20)
    with city.database.writing() as db:
        for row in doors_of(db, city.viewer("Hoài"), city.groups["Tổ 13"].id)[:15]:
            leave(db, row, Mark.BACK, now - timedelta(3), follow_up_on=now)
    page = as_person("Hoài").page("/")
    due = page.one("section", aria_labelledby="h-due")
    assert len([e for e in due.walk() if "plate" in e.attrs.get("class", "")]) == MOST_DUE
    assert "15 hộ" in due.text
    assert as_person("Hoài").get(page.link("Xem tất cả hộ hẹn lại")).status_code == 200


def test_the_ward_lead_sees_every_group_and_opens_one(as_person: AsPerson, city: City) -> None:
    with city.database.writing() as db:
        leave(db, city.doors["31"], Mark.MET, clock.today())
        leave(db, city.doors["7"], Mark.BACK, clock.today() - timedelta(5), follow_up_on=clock.today())
    page = as_person("Thu").page("/")
    assert "2/11 hộ đã thăm" in page.text
    groups = page.one("section", aria_labelledby="h-groups")
    assert [e.text for e in groups.walk() if e.tag == "a"] == [
        "Tổ 12 1/9 · 1 hẹn đến hạn",
        "Tổ 13 0/1",
        "Tổ 40 1/1",
    ]
    assert "Trễ hẹn" not in page.one("section", aria_labelledby="h-due").text
    chosen = as_person("Thu").page(f"/?group={city.groups['Tổ 40'].id}")
    assert len(marks(chosen)) == 1
    assert chosen.link("Đổi tổ") == "/"
    assert as_person("Thu").get(f"/?group={city.groups['Tổ 3'].id}").status_code == 404


@pytest.mark.parametrize("who", ["Tâm", "Khánh", "Yến"])
def test_who_only_reads_goes_on_to_the_reports(as_person: AsPerson, who: str) -> None:
    answer = as_person(who).get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/reports")


def test_who_has_no_posting_is_told_so(as_person: AsPerson) -> None:
    assert "Chưa được giao tổ dân phố nào" in as_person("Lạ").page("/").text


def test_a_stranger_signs_in_first(stranger: Client) -> None:
    answer = stranger.get("/")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_it_speaks_english(as_person: AsPerson) -> None:
    page = as_person("Hoài").page("/", headers={"Accept-Language": "en"})
    assert page.h1 == "Today"
    assert "Every home of the group" in page.text
    assert len(page.all("div", role="img", aria_label="Hàng Dừa: 0 of 7 homes visited")) == 1


def test_two_thousand_doors_take_as_many_statements_as_ten_and_stay_light(
    as_person: AsPerson, city: City
) -> None:
    hoai, lead, group = city.viewer("Hoài", DAY), city.viewer("Thu", DAY), city.groups["Tổ 13"].id
    said = statements(city.database)
    counts = []
    for _step in range(2):
        for viewer, chosen in ((hoai, group), (lead, None)):
            said.clear()
            with city.database.reading() as db:
                today(db, viewer, chosen)
            counts.append(len(said))
        many_doors(city, 2_000) if len(counts) == 2 else None
    assert counts[:2] == counts[2:]
    assert max(counts) <= 8
    page = as_person("Hoài").page(f"/?group={group}")
    assert len(marks(page)) == 2_001
    assert len(gzip.compress(page.source.encode(), 5)) < 60_000
