"""How many of the sensitive groups were helped in a residential group: counts once a month, no names, the latest word holds."""

import uuid
from datetime import date
from typing import Any

import pytest
from sqlmodel import col, select

from skills import clock
from skills.group_counts.find import counts_of
from skills.group_counts.forms import CountForm
from skills.group_counts.models import GroupCount
from skills.group_counts.tell import tell_counts
from skills.people.viewer import Viewer
from skills.visits.models import Receipt
from tests.cast import City
from tests.client import Client, Page
from tests.conftest import AsPerson
from tests.phone import Phone, new_id
from tests.reports.conftest import logging_in
from tests.visits.pages import count

MONTH = "2026-08"


def tell(client: Client, city: City, group: str = "Tổ 12", month: str = MONTH, **numbers: str) -> Any:
    """Opens the page of a group and month and saves these numbers."""
    page = client.page(f"/group-counts/new?group={city.groups[group].id}&month={month}")
    return client.submit(page, "/group-counts", **numbers)


def stored(city: City) -> list[GroupCount]:
    with city.database.reading() as db:
        found = list(db.exec(select(GroupCount).order_by(col(GroupCount.version))))
        db.expunge_all()
    return found


def test_a_team_tells_its_counts_and_the_latest_word_holds(city: City, as_person: AsPerson) -> None:
    """Empty is not told, 0 is nobody; each Save is the next version, and the page shows what stands."""
    loc = as_person("Lộc")
    assert tell(loc, city, disabled="3", poor="0").status_code == 303
    page = loc.page(f"/group-counts/new?group={city.groups['Tổ 12'].id}&month={MONTH}")
    told = page.one("dl", class_="pairs").text
    assert told == "Người khuyết tật 3 Người dân tộc thiểu số — Hộ nghèo, cận nghèo 0"
    assert "Đang lưu bản 1, Lộc T. ghi ngày" in page.text
    assert [page.form("/group-counts")[name] for name in ("disabled", "minority", "poor")] == [
        ["3"],
        [""],
        ["0"],
    ]
    assert tell(as_person("Hoài"), city, disabled="4", minority="1", poor="").status_code == 303
    assert [(one.version, one.disabled, one.minority, one.poor) for one in stored(city)] == [
        (1, 3, None, 0),
        (2, 4, 1, None),
    ]
    assert {one.ward_id for one in stored(city)} == {city.wards["Hải Châu"].id}
    assert (
        "Đang lưu bản 2, Hoài L."
        in loc.page(f"/group-counts/new?group={city.groups['Tổ 12'].id}&month={MONTH}").text
    )


def test_sent_again_it_changes_nothing(city: City, as_person: AsPerson) -> None:
    """A lost answer; the same item with other numbers is told so."""
    hoai = as_person("Hoài")
    page = hoai.page(f"/group-counts/new?group={city.groups['Tổ 12'].id}&month={MONTH}")
    sent = page.form("/group-counts") | {"disabled": ["2"]}
    answers = [
        hoai.post("/group-counts", sent, headers={"Accept": "application/json"}).json() for _ in range(2)
    ]
    assert [(told["status"], told["version"]) for told in answers] == [("accepted", 1), ("already", 1)]
    assert answers[0]["location"] == f"/group-counts/new?group={city.groups['Tổ 12'].id}&month={MONTH}"
    clash = hoai.post("/group-counts", sent | {"disabled": ["5"]})
    assert clash.status_code == 409
    assert Page(clash).form("/group-counts")["disabled"] == ["5"]
    assert hoai.submit(Page(clash), "/group-counts").status_code == 303
    assert [one.disabled for one in stored(city)] == [2, 5]
    with city.database.reading() as db:
        assert {receipt.op for receipt in db.exec(select(Receipt))} == {"group_count"}


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"disabled": "ba"}, "disabled", "Chỉ ghi chữ số"),
        ({"poor": "-1"}, "poor", "Ghi số từ 0 trở lên"),
        ({}, "disabled", "Ghi ít nhất một số"),
        ({"month": "2199-01", "poor": "1"}, "month", "Tháng này chưa tới"),
        ({"month": "8/2026", "poor": "1"}, "month", "Chọn lại tháng"),
    ],
)
def test_what_can_not_be(
    city: City, as_person: AsPerson, typed: dict[str, str], field: str, said: str
) -> None:
    """Told beside the field, with what was typed still there."""
    hoai = as_person("Hoài")
    answer = hoai.submit(hoai.page("/group-counts/new"), "/group-counts", **typed)
    assert answer.status_code == 422
    page = Page(answer)
    assert said in page.one("p", id=f"f-{field}-e").text
    if field in typed and field != "month":
        assert page.form("/group-counts")[field] == [typed[field]]
    assert count(city.database, GroupCount) == 0


def test_whose_groups(city: City, as_person: AsPerson) -> None:
    """One's own groups, the whole ward for its lead; nobody else's."""
    other = city.groups["Tổ 40"].id
    assert as_person("Hoài").get(f"/group-counts/new?group={other}").status_code == 404
    sent = as_person("Hoài").page("/group-counts/new").form("/group-counts") | {
        "group": [str(other)],
        "poor": ["1"],
    }
    assert as_person("Hoài").post("/group-counts", sent).status_code == 404
    assert as_person("Thu").get(f"/group-counts/new?group={other}").status_code == 200
    assert as_person("Phúc").get(f"/group-counts/new?group={other}").status_code == 404
    assert [as_person(who).get("/group-counts/new").status_code for who in ("Tâm", "Khánh", "Yến", "Lạ")] == [
        403
    ] * 4
    assert count(city.database, GroupCount) == 0
    assert (
        as_person("Lộc")
        .page("/")
        .link("Số theo nhóm của tổ Mỗi tháng một lần, chỉ ghi số")
        .startswith("/group-counts/new")
    )


def test_an_address_that_names_no_group(as_person: AsPerson) -> None:
    """Empty is the first group, as if it were not there; a number that is none, or of nobody, is told so."""
    hoai = as_person("Hoài")
    asked = {"group=": 200, "group=&month=": 200, "group=x": 422, "group=99999999999999": 404, "month=x": 200}
    assert {query: hoai.get(f"/group-counts/new?{query}").status_code for query in asked} == asked


def test_the_page_says_why_only_counts(as_person: AsPerson) -> None:
    """In both languages."""
    hoai = as_person("Hoài")
    assert "Không ghi tên hay nhà nào" in hoai.page("/group-counts/new").text
    hoai.cookies.set("language", "en")
    assert "No names and no homes" in hoai.page("/group-counts/new").text


def test_it_may_wait_on_the_phone(city: City, as_person: AsPerson) -> None:
    """Handed in later it is the same: once, and its address leads to what stands."""
    hoai = as_person("Hoài")
    phone = Phone(hoai)
    told = {
        "group": city.groups["Tổ 12"].id,
        "month": MONTH,
        "disabled": "2",
        "minority": "",
        "poor": "",
        "base": 0,
    }
    ids = {"item": new_id(), "id": new_id()}
    item = phone.saved("group_count", city.wards["Hải Châu"].id, ids["id"], told | ids)
    [first], [again] = phone.hand_in(item), phone.hand_in(item)
    assert (first["status"], again["status"]) == ("accepted", "already")
    leads = hoai.get(first["location"])
    assert leads.headers["location"] == f"/group-counts/new?group={city.groups['Tổ 12'].id}&month={MONTH}"
    assert as_person("Mai").get(first["location"]).status_code == 404
    assert hoai.get(f"/group-counts/1/{uuid.uuid4()}").status_code == 404
    assert [(one.disabled, one.minority) for one in stored(city)] == [(2, None)]


def test_shown_only_where_the_group_had_ten_visits(city: City, as_person: AsPerson) -> None:
    """With nine a count would point at somebody; with ten it stands in the group's report, for the ward lead alone."""
    log, group = logging_in(city), city.groups["Tổ 12"].id
    tell(as_person("Lộc"), city, disabled="3")
    for day in range(1, 10):
        log("Hoài", "6", date(2026, 8, day))
    report = f"/reports?area={group}&period={MONTH}"
    with city.database.reading() as db:
        assert counts_of(db, group, MONTH, clock.today()) is None
    assert "Người khuyết tật" not in as_person("Thu").page(report).text
    log("Bảo", "7", date(2026, 8, 31), outcome="absent")
    with city.database.reading() as db:
        found = counts_of(db, group, MONTH, clock.today())
        assert found is not None
        assert found.disabled == 3
        assert counts_of(db, group, "2026-07", clock.today()) is None
    assert "Người khuyết tật 3" in as_person("Thu").page(report).text
    for elsewhere in (
        f"/reports?area={group}&period=2026",
        f"/reports?period={MONTH}",
        f"{report}&calendar=nd09",
    ):
        assert "Người khuyết tật" not in as_person("Thu").page(elsewhere).text
    assert "Người khuyết tật" not in as_person("Khánh").page(report).text
    assert "Người khuyết tật" not in as_person("Hoài").page(report).text


@pytest.mark.postgres
def test_two_at_once_are_two_versions(postgres_city: City) -> None:
    """Lộc and Hoài save at the same moment: both are kept, one after the other."""
    import threading

    city, start = postgres_city, threading.Barrier(2)

    def save(viewer: Viewer, disabled: int) -> None:
        form = CountForm(
            group=city.groups["Tổ 12"].id, month=MONTH, disabled=disabled, item=uuid.uuid4(), id=uuid.uuid4()
        )  # fmt: skip
        start.wait()
        with city.database.writing() as db:
            tell_counts(db, viewer, form)

    threads = [
        threading.Thread(target=save, args=(city.viewer(who), n)) for who, n in (("Hoài", 1), ("Lộc", 2))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.version for one in stored(city)] == [1, 2]
    assert sorted(one.disabled or 0 for one in stored(city)) == [1, 2]
