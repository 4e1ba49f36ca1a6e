"""What a ward lead answers about what phones handed in: it counts in its author's name, or goes elsewhere, and nothing is answered twice."""

import threading
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from skills import clock
from skills.coverage.answer import accept
from skills.coverage.forms import Acceptance
from skills.coverage.tray import count_waiting
from skills.households.models import Household
from skills.people.models import PhoneReport, TeamMember
from skills.sync.models import HeldItem
from skills.totals.check import check
from skills.visits.models import Receipt, Visit, VisitVersion
from skills.visits.tally import recount
from tests.cast import City
from tests.client import Client, Page
from tests.conftest import AsPerson
from tests.coverage.story import hold, now_of, page_of, told, visit_fields
from tests.phone import Phone, new_id
from tests.visits.pages import count, log

NOBODY = uuid.UUID("eeeeeeee-0000-7000-8000-000000000001")  # a door that is nowhere


def answer(client: Client, held: HeldItem, verb: str, **fields: str) -> Any:
    """Presses a button of the item; the tray as it is afterwards."""
    sent = client.post(f"{page_of(held)}/{verb}", fields)
    assert sent.status_code == 303, sent.text[:3000]
    return client.page(sent.headers["location"])


def visits(city: City) -> list[Visit]:
    with city.database.reading() as db:
        found = list(db.exec(select(Visit).order_by(col(Visit.received_at))))
        db.expunge_all()
    return found


def sound(city: City) -> bool:
    with city.database.reading() as db:
        return check(db, recount) == []


def status(page: Page) -> str:
    [said] = [
        note
        for note in page.all("div", class_="note", role="status")
        if note.within("main") and "hidden" not in note.attrs
    ]
    return said.text


def test_the_tray_shows_where_who_what_why_and_since_when(city: City, as_person: AsPerson) -> None:
    """The oldest first; an empty one says so."""
    thu = as_person("Thu")
    assert "Không có lượt nào chờ" in thu.page("/coverage/tray").text
    hold(city, "Mai", visit_fields(city.doors["6"], visited_on="2026-08-14"), days=1)
    hold(city, "Hoài", visit_fields(city.doors["K45/12"], outcome="absent"), "dismissed", days=6)
    page = thu.page("/coverage/tray")
    assert "2 lượt chưa tính, cũ nhất 6 ngày" in page.text
    rows = [row.text for row in page.all("li", class_="stack")]
    assert all(
        word in rows[0]
        for word in ("K45/12", "Kiệt 45 Hàng Dừa", "Vắng nhà", "Hoài L.", "thôi nhiệm vụ", "Chờ 6 ngày")
    )
    assert all(
        word in rows[1] for word in ("Hàng Dừa", "Gặp 14/8", "Mai Đ.", "không thuộc các tổ", "Chờ 1 ngày")
    )


def test_one_tap_counts_it_in_its_authors_name(city: City, as_person: AsPerson) -> None:
    """The phone's moments stay, the receipt says accepted, what it said is forgotten; sent again the phone hears already."""
    long_ago = clock.now() - timedelta(days=3)
    held = hold(
        city, "Mai", visit_fields(city.doors["6"], people="2", skill=["1"], note="chìa khóa"), days=2, saved_at=long_ago
    )  # fmt: skip
    page = answer(as_person("Thu"), held, "acceptance")
    assert "Đã tính." in status(page)
    [visit] = visits(city)
    assert visit.author_id == city.people["Mai"].id
    assert visit.team_id == city.teams["Tổ công nghệ số cộng đồng số 9"].id
    assert (visit.people, visit.saved_at, visit.received_at) == (2, long_ago, held.received_at)
    assert visit.visited_on == clock.local(long_ago).date()
    assert (visit.id, visit.note) == (held.fact_id, "chìa khóa")
    assert told(city, held) == ("accepted", "accepted", 1, False)
    item, receipt = now_of(city, held)
    assert (item.answered_by, receipt.to_ward_id) == (city.people["Thu"].id, visit.ward_id)
    assert count(city.database, Receipt) == 1
    assert "chìa khóa" in as_person("Thu").page(page.link("Xem lượt đã lưu")).text
    assert sound(city)


def test_a_double_tap_and_a_second_lead_change_nothing(city: City, as_person: AsPerson) -> None:
    """They are told kindly who answered, and what."""
    held = hold(city, "Mai", visit_fields(city.doors["6"]))
    answer(as_person("Thu"), held, "acceptance")
    for verb, fields in (
        ("acceptance", {}), ("return", {"reason": "ask"}), ("move", {"ward": str(city.wards["An Hải"].id)}),
        ("choice", {"keep": "sent"}), ("recall", {}), ("return", {}),
        ("door", {"id": str(NOBODY), "group": str(city.groups["Tổ 12"].id), "street": "Hàng Dừa", "number": "99"}),
    ):  # fmt: skip
        page = answer(as_person("Thu"), held, verb, **fields)
        assert "đã được trả lời trước đó" in status(page)
        assert "Nguyễn Thị Thu" in status(page)
    assert as_person("Thu").get(page_of(held)).status_code == 303
    assert told(city, held) == ("accepted", "accepted", 1, False)
    assert (count(city.database, Visit), count(city.database, VisitVersion)) == (1, 1)


def test_another_home_of_the_ward(city: City, as_person: AsPerson) -> None:
    """The author typed at a door that nobody knows; the lead looks for the right one and it counts there."""
    held = hold(city, "Hoài", visit_fields((city.wards["Hải Châu"].id, NOBODY)))
    thu = as_person("Thu")
    assert "Chưa rõ nhà nào" in thu.page("/coverage/tray").text
    assert thu.post(f"{page_of(held)}/acceptance", {}).status_code == 422
    found = thu.page(f"{page_of(held)}?q=k45/12")
    [button] = found.all("button", name="door")
    assert button.attrs["value"] == f"{city.doors['K45/12'].ward_id}/{city.doors['K45/12'].id}"
    assert "Không thấy nhà nào" in thu.page(f"{page_of(held)}?q=8 nguyễn thông").text
    answer(thu, held, "acceptance", door=button.attrs["value"])
    assert visits(city)[0].household_id == city.doors["K45/12"].id
    assert sound(city)


def test_a_door_of_another_ward_is_never_shown_nor_counted_at(city: City, as_person: AsPerson) -> None:
    """Hoài named a door of An Hải; in Hải Châu's tray it is a door that nobody knows."""
    held = hold(city, "Hoài", visit_fields(city.doors["8"]))
    thu = as_person("Thu")
    assert "Nguyễn Thông" not in thu.page("/coverage/tray").text + thu.page(page_of(held)).text
    for fields in ({}, {"door": f"{city.doors['8'].ward_id}/{city.doors['8'].id}"}):
        refused = thu.post(f"{page_of(held)}/acceptance", fields)
        assert refused.status_code in (404, 422)
    assert count(city.database, Visit) == 0
    assert told(city, held) == ("held", "held", 0, True)


def test_moved_to_the_ward_where_it_belongs(city: City, as_person: AsPerson) -> None:
    """Phúc finds it in his tray and lets it count; Thu sees it no more, and a second tap of hers is told so."""
    held = hold(city, "Hoài", visit_fields(city.doors["8"]))
    thu, phuc = as_person("Thu"), as_person("Phúc")
    refused = thu.post(f"{page_of(held)}/move", {"ward": str(city.wards["Hải Châu"].id)})
    assert "đang ở phường, xã đó rồi" in Page(refused).text
    assert "Đã chuyển đến An Hải" in status(answer(thu, held, "move", ward=str(city.wards["An Hải"].id)))
    for verb, fields in (
        ("move", {"ward": str(city.wards["An Hải"].id)}),
        ("acceptance", {}),
        ("return", {"reason": "ask"}),
    ):
        assert "không đổi gì" in status(answer(thu, held, verb, **fields))
    assert "Nguyễn Thông" in phuc.page("/coverage/tray").text
    answer(phuc, held, "acceptance")
    assert [visit.ward_id for visit in visits(city)] == [city.wards["An Hải"].id]
    assert told(city, held)[:2] == ("accepted", "accepted")


def test_given_back_with_a_reason_and_taken_back_within_a_minute(
    city: City, as_person: AsPerson, time_machine: Any
) -> None:
    """Until then what it said is kept; afterwards the next answer in the tray forgets it."""
    held, other = (hold(city, "Hoài", visit_fields(city.doors[door])) for door in ("6", "7"))
    thu = as_person("Thu")
    refused = Page(thu.post(f"{page_of(held)}/return", {}))
    assert "Chọn vì sao trả lại" in refused.text
    page = answer(thu, held, "return", reason="not_ours")
    assert "Không phải việc của phường này" in status(page)
    assert told(city, held) == ("returned", "returned", 0, True)
    thu.submit(page, f"{page_of(held)}/recall")
    assert told(city, held) == ("held", "held", 0, True)
    page = answer(thu, held, "return", reason="ask")
    time_machine.move_to(clock.now() + timedelta(minutes=2))
    assert "không đổi gì" in status(answer(thu, held, "recall"))
    assert told(city, held)[0] == "returned"
    answer(thu, other, "acceptance")
    assert told(city, held) == ("returned", "returned", 0, False)
    assert now_of(city, held)[0].answer == "ask"


def test_a_wrong_clock_counts_on_the_day_it_came_or_the_day_she_types(
    city: City, as_person: AsPerson
) -> None:
    """A phone that lived in 2019."""
    then = clock.now() - timedelta(days=2500)
    first, second = (
        hold(
            city,
            "Hoài",
            visit_fields(city.doors[door], visited_on=str(then.date())),
            "clock",
            days=2,
            saved_at=then,
        )
        for door in ("6", "7")
    )
    thu = as_person("Thu")
    answer(thu, first, "acceptance")
    wrong = thu.post(f"{page_of(second)}/acceptance", {"visited_on": "31/2/2026"})
    assert wrong.status_code == 422
    assert Page(wrong).one("input", name="visited_on").attrs["value"] == "31/2/2026"
    answer(thu, second, "acceptance", visited_on="1/8/2026")
    days = {visit.household_id: visit.visited_on for visit in visits(city)}
    assert days == {
        city.doors["6"].id: clock.local(first.received_at).date(), city.doors["7"].id: date(2026, 8, 1)
    }  # fmt: skip


def new_door(city: City, group: str, number: str) -> dict[str, str | list[str]]:
    return {"group": str(city.groups[group].id), "street": "Hàng Dừa", "number": number}


def test_a_new_door_and_the_visits_that_wait_for_it(city: City, as_person: AsPerson) -> None:
    """Hoài wrote down a door of Tổ 40, where she does not go, and met somebody there: one tap adds the door and counts both visits."""
    ward = city.wards["Hải Châu"].id
    door = hold(city, "Hoài", new_door(city, "Tổ 40", "33"), op="door", fact=NOBODY, ward=ward)
    held = [
        hold(city, "Hoài", visit_fields((ward, NOBODY), outcome=outcome)) for outcome in ("absent", "met")
    ]
    thu = as_person("Thu")
    page = thu.page("/coverage/tray")
    assert "Thêm nhà 33" in page.text
    assert page.text.count("Chưa rõ là nhà nào") == 2
    assert "33" in thu.page(page_of(held[0])).one("b", class_="plate").text
    answer(thu, door, "acceptance")
    with city.database.reading() as db:
        written = db.get_one(Household, (ward, NOBODY))
    assert (written.number, written.created_by) == ("33", city.people["Hoài"].id)
    assert {visit.household_id for visit in visits(city)} == {NOBODY}
    assert [told(city, each)[0] for each in (door, *held)] == ["accepted"] * 3
    assert "Không có lượt nào chờ" in thu.page("/coverage/tray").text
    assert sound(city)


def test_a_new_door_that_is_an_old_one(city: City, as_person: AsPerson) -> None:
    """It seems to exist already, so nothing is added unseen; once she says which it is, visits sent for it later follow."""
    ward = city.wards["Hải Châu"].id
    door = hold(
        city,
        "Hoài",
        new_door(city, "Tổ 40", "31") | {"street": "Lý Thường Kiệt"},
        op="door",
        fact=NOBODY,
        ward=ward,
    )
    thu = as_person("Thu")
    asked = thu.post(f"{page_of(door)}/acceptance", {})
    assert asked.status_code == 422
    page = Page(asked)
    assert "Có thể đã có nhà này" in page.text
    [same] = page.all("button", name="door")
    answer(thu, door, "acceptance", door=same.attrs["value"])
    held = hold(city, "Mai", visit_fields((ward, NOBODY)), "many")
    answer(thu, held, "acceptance")
    assert [visit.household_id for visit in visits(city)] == [city.doors["31"].id]
    assert count(city.database, Household) == len(city.doors)


def test_a_visit_at_a_door_that_she_adds(city: City, as_person: AsPerson) -> None:
    """The door is not on the list and was never sent: she writes it down, and the visit counts there."""
    held = hold(city, "Hoài", visit_fields((city.wards["Hải Châu"].id, NOBODY)))
    thu = as_person("Thu")
    page = thu.page(page_of(held))
    refused = thu.submit(page, f"{page_of(held)}/door", street="Hàng Dừa")
    assert refused.status_code == 422
    assert "Ghi số nhà như trên biển" in Page(refused).text
    assert Page(refused).one("input", name="street").attrs["value"] == "Hàng Dừa"
    sent = thu.submit(
        page, f"{page_of(held)}/door", street="Hàng Dừa", number="k45/14", group=str(city.groups["Tổ 12"].id)
    )
    assert sent.status_code == 303
    [visit] = visits(city)
    with city.database.reading() as db:
        assert db.get_one(Household, (visit.ward_id, visit.household_id)).number == "K45/14"
    assert sound(city)


def test_both_versions_side_by_side_and_one_of_them_taken(city: City, as_person: AsPerson) -> None:
    """Lộc corrected the visit on the page, Hoài on her phone: the lead takes hers, as the next version in her name."""
    address = log(as_person("Hoài"), city.doors["6"], people="1")
    visit = visits(city)[0]
    loc = as_person("Lộc")
    loc.submit(loc.page(f"{address}/correction"), f"{address}/correction", people="3")
    held = hold(
        city, "Hoài", visit_fields(city.doors["6"], people="5"), "same_field", "correction", fact=visit.id, base=1, state="conflict"
    )  # fmt: skip
    thu = as_person("Thu")
    assert "Cả hai đều còn" in thu.page("/coverage/tray").text
    page = thu.page(page_of(held))
    assert [["3 người" in part.text, "5 người" in part.text] for part in page.all("form", action=f"{page_of(held)}/choice")] == [
        [True, False], [False, True]
    ]  # fmt: skip
    assert Page(thu.post(f"{page_of(held)}/choice", {})).text.count("Chọn một trong hai bản.") == 1
    answer(thu, held, "choice", keep="sent")
    [visit] = visits(city)
    assert (visit.people, visit.version) == (5, 3)
    assert told(city, held) == ("accepted", "accepted", 3, False)
    with city.database.reading() as db:
        assert db.get_one(VisitVersion, (visit.ward_id, visit.id, 3)).author_id == city.people["Hoài"].id
    assert sound(city)


def test_the_version_that_stands_may_stand(city: City, as_person: AsPerson) -> None:
    """Then the phone hears that there is another one."""
    log(as_person("Hoài"), city.doors["6"], people="1")
    visit = visits(city)[0]
    held = hold(
        city, "Hoài", visit_fields(city.doors["6"], people="5"), "same_field", "correction", fact=visit.id, state="conflict"
    )  # fmt: skip
    assert "Đã giữ bản đang lưu" in status(answer(as_person("Thu"), held, "choice", keep="stored"))
    assert told(city, held) == ("settled", "returned", 0, False)
    assert (visits(city)[0].people, now_of(city, held)[0].answer) == (1, "twice")


def test_a_voided_visit_stays_voided_and_the_correction_becomes_a_visit(
    city: City, as_person: AsPerson
) -> None:
    """What was sent is not lost either."""
    hoai = as_person("Hoài")
    address = log(hoai, city.doors["6"])
    visit = visits(city)[0]
    hoai.submit(hoai.page(address), f"{address}/void")
    held = hold(
        city, "Hoài", visit_fields(city.doors["6"], people="5"), "voided", "correction", fact=visit.id, base=1, state="conflict"
    )  # fmt: skip
    thu = as_person("Thu")
    assert "Ghi lại thành lượt mới" in thu.page(page_of(held)).text
    answer(thu, held, "choice", keep="sent")
    assert sorted((visit.people, visit.voided_at is None) for visit in visits(city)) == [
        (1, False),
        (5, True),
    ]
    assert sound(city)


def test_a_visit_that_was_saved_already_becomes_a_choice(city: City, as_person: AsPerson) -> None:
    """Held for another reason, and its id is taken when she lets it count: both are shown, nothing is stored twice."""
    log(as_person("Hoài"), city.doors["6"])
    visit = visits(city)[0]
    held = hold(city, "Hoài", visit_fields(city.doors["6"], people="4"), "many", fact=visit.id)
    thu = as_person("Thu")
    sent = thu.post(f"{page_of(held)}/acceptance", {})
    assert sent.headers["location"] == page_of(held)
    assert "Lấy bản mới gửi" in thu.page(page_of(held)).text
    answer(thu, held, "choice", keep="sent")
    assert [(visit.people, visit.version) for visit in visits(city)] == [(4, 2)]


@pytest.mark.parametrize("op", ["correction", "void"])
def test_held_changes_of_a_stored_visit(city: City, as_person: AsPerson, op: str) -> None:
    """Bảo changed Hoài's visit from his phone, which he may not; the lead may let it count."""
    log(as_person("Hoài"), city.doors["6"])
    visit = visits(city)[0]
    fields = visit_fields(city.doors["6"], people="2") if op == "correction" else {"reason": "twice"}
    held = hold(city, "Bảo", fields, "not_allowed", op, fact=visit.id, base=1, ward=visit.ward_id)
    answer(as_person("Thu"), held, "acceptance")
    [now] = visits(city)
    assert (now.people, now.version, now.voided_at is None) == (
        (2, 2, True) if op == "correction" else (1, 2, False)
    )
    assert told(city, held) == ("accepted", "accepted", 2, False)
    assert sound(city)


def test_what_can_not_be_read_is_shown_and_given_back(city: City, as_person: AsPerson) -> None:
    """Out of a sealed queue: nobody on the phone could repair it."""
    held = hold(city, "Hoài", visit_fields(city.doors["6"], people="mười"), "invalid")
    thu = as_person("Thu")
    page = thu.page(page_of(held))
    assert "mười" in page.text
    assert "Chỉ ghi chữ số" in page.text
    assert not page.all("form", action=f"{page_of(held)}/acceptance")
    assert thu.post(f"{page_of(held)}/acceptance", {}).status_code == 422
    answer(thu, held, "return", reason="ask")


def test_monthly_counts_that_waited(city: City, as_person: AsPerson) -> None:
    """Of a group in which the author does not go any more."""
    fields = {"group": str(city.groups["Tổ 40"].id), "month": "2026-08", "disabled": "2"}
    held = hold(city, "Hoài", fields, "not_allowed", "group_count")
    answer(as_person("Thu"), held, "acceptance")
    assert told(city, held) == ("accepted", "accepted", 1, False)


def test_who_answers_which_tray(city: City, as_person: AsPerson, stranger: Client) -> None:
    """The ward's lead and nobody else: another ward's lead finds nothing there, a volunteer may not, an officer neither."""
    held = hold(city, "Hoài", visit_fields(city.doors["6"]))
    addresses = ["/coverage/tray", page_of(held)]
    assert [as_person("Phúc").get(address).status_code for address in addresses] == [200, 404]
    for who in ("Hoài", "Lộc", "Tâm", "Khánh", "Yến", "Lạ"):
        assert [as_person(who).get(address).status_code for address in addresses] == [403, 403]
    assert stranger.get("/coverage/tray").headers["location"].startswith("/sign-in")
    for verb, fields in (
        ("acceptance", {}), ("choice", {"keep": "sent"}), ("move", {"ward": "1"}), ("return", {"reason": "ask"}), ("recall", {}),
        ("door", {"id": str(NOBODY), **new_door(city, "Tổ 3", "9")}),
    ):  # fmt: skip
        assert as_person("Phúc").post(f"{page_of(held)}/{verb}", fields).status_code == 404
        assert as_person("Hoài").post(f"{page_of(held)}/{verb}", fields).status_code == 403
    assert told(city, held) == ("held", "held", 0, True)
    assert "0" not in as_person("Phúc").page("/coverage/tray").h1


def test_after_a_week_it_rises_on_the_first_page(city: City, as_person: AsPerson) -> None:
    """The count is there anyway; a volunteer sees neither."""
    thu = as_person("Thu")
    assert "/coverage/tray" in [e.attrs.get("href") for e in thu.page("/").all("a")]
    hold(city, "Mai", visit_fields(city.doors["6"]), days=2)
    page = thu.page("/")
    assert "1 lượt chờ phường xếp chỗ" in page.text
    assert "hơn 7 ngày" not in page.text
    hold(city, "Mai", visit_fields(city.doors["7"]), days=8)
    page = thu.page("/")
    assert "1 lượt chờ hơn 7 ngày" in page.text
    assert page.link("1 lượt chờ hơn 7 ngày") == "/coverage/tray"
    assert "xếp chỗ" not in as_person("Hoài").page("/").text
    with city.database.reading() as db:
        assert count_waiting(db, city.viewer("Phúc")).waiting == 0


def test_phones_not_heard_from(city: City, as_person: AsPerson) -> None:
    """With the full name: who still has something to send by the phone's own word, and who was silent for a week."""
    now = clock.now()
    with city.database.writing() as db:
        for who, pending, days in (("Hoài", 9, 2), ("Bảo", 0, 8), ("Mai", 0, 1), ("Ngân", 5, 1)):
            db.add(
                PhoneReport(
                    device_id=uuid.uuid4(), person_id=city.people[who].id, seen_at=now - timedelta(days=days), pending=pending
                )
            )  # fmt: skip
    page = as_person("Thu").page("/coverage/tray")
    late = page.one("section", aria_labelledby="h-late").text
    assert "Lê Thị Hoài 9 lượt" in late
    assert "Phạm Quốc Bảo" in late
    assert "Mai" not in late
    assert "Ngân" not in late
    assert "2 máy" in late


def test_it_speaks_english(city: City, as_person: AsPerson) -> None:
    """The list and the page of an item."""
    held = hold(city, "Mai", visit_fields(city.doors["6"]))
    thu = as_person("Thu")
    thu.cookies.set("language", "en")
    assert thu.page("/coverage/tray").h1 == "Waiting for a place"
    assert "Give it back" in thu.page(page_of(held)).text


@pytest.fixture
def postgres_or_not(request: pytest.FixtureRequest) -> Any:
    """The cast on one database or the other."""
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize(
    "postgres_or_not", ["city", pytest.param("postgres_city", marks=pytest.mark.postgres)], indirect=True
)
def test_two_leads_at_the_same_moment(postgres_or_not: City) -> None:
    """Both tap: one counts it, the other is told that it was answered."""
    city = postgres_or_not
    held = hold(city, "Mai", visit_fields(city.doors["6"]))
    came: list[str] = []
    start = threading.Barrier(2)

    def tap() -> None:
        start.wait()
        with city.database.writing() as db:
            answered = accept(db, city.viewer("Thu"), held.ward_id, held.item, Acceptance())
            came.append(answered.came_to)  # type: ignore[union-attr]

    threads = [threading.Thread(target=tap) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came) == ["already", "done"]
    assert count(city.database, Visit) == 1
    assert told(city, held) == ("accepted", "accepted", 1, False)
    assert sound(city)


def test_the_authors_team_of_that_day(city: City, as_person: AsPerson) -> None:
    """Hoài left her team yesterday; the visit of the week before counts for it."""
    with city.database.writing() as db:
        for member in db.exec(select(TeamMember).where(TeamMember.person_id == city.people["Hoài"].id)):
            member.valid_to = clock.today() - timedelta(days=1)
    held = hold(
        city, "Hoài", visit_fields(city.doors["6"]), "dismissed", saved_at=clock.now() - timedelta(days=7)
    )
    answer(as_person("Thu"), held, "acceptance")
    assert visits(city)[0].team_id == city.teams["Tổ công nghệ số cộng đồng số 5"].id


def test_from_the_phone_through_the_tray_and_back(city: City, as_person: AsPerson) -> None:
    """What Mai's phone handed in for a door where she does not go is held; counted, the phone hears so, however often it asks."""
    phone, thu = Phone(as_person("Mai")), as_person("Thu")
    counted, back = phone.visit(city, "6", people=2, note="gọi\r\ncửa sau"), phone.visit(city, "7")
    assert [said["status"] for said in phone.hand_in(counted, back)] == ["held", "held"]
    by_item = {str(held.item): held for held in all_held(city)}
    answer(thu, by_item[counted["item"]], "acceptance")
    answer(thu, by_item[back["item"]], "return", reason="wrong_door")
    [visit] = visits(city)
    assert (str(visit.author_id), str(visit.device_id), visit.note) == (
        phone.person,
        phone.device,
        "gọi\ncửa sau",
    )
    again = phone.hand_in(counted, back)
    location = f"/visits/{visit.ward_id}/{visit.id}"
    assert {**again[0], "item": ""} == {"item": "", "status": "already", "version": 1, "location": location}
    assert (again[1]["status"], again[1]["code"]) == ("returned", "wrong_door")
    asked = phone.send({"items": [], "ask": [counted["item"], back["item"]]}).json()["states"]
    assert [asked[item["item"]]["status"] for item in (counted, back)] == ["already", "returned"]
    assert count(city.database, Visit) == 1
    assert sound(city)


def test_a_conflict_of_the_phone_is_settled(city: City, as_person: AsPerson) -> None:
    """Lộc corrected meanwhile what Hoài corrects on her phone: hers is taken, and her phone hears the version."""
    hoai, loc = as_person("Hoài"), as_person("Lộc")
    address = log(hoai, city.doors["6"], people="1")
    loc.submit(loc.page(f"{address}/correction"), f"{address}/correction", people="3")
    [visit] = visits(city)
    phone = Phone(hoai)
    fields: dict[str, Any] = dict(visit_fields(city.doors["6"], people="5", visited_on=str(visit.visited_on)))
    ids = {"item": new_id(), "id": str(visit.id), "base": 1}
    item = phone.saved("correction", visit.ward_id, str(visit.id), fields | ids, base=1)
    assert phone.hand_in(item)[0]["status"] == "conflict"
    [held] = all_held(city)
    answer(as_person("Thu"), held, "choice", keep="sent")
    assert [(visit.people, visit.version) for visit in visits(city)] == [(5, 3)]
    [again] = phone.hand_in(item)
    assert (again["status"], again["version"]) == ("already", 3)
    assert sound(city)


def all_held(city: City) -> list[HeldItem]:
    with city.database.reading() as db:
        found = list(db.exec(select(HeldItem)))
        db.expunge_all()
    return found
