"""The list of doors: every house of the group along the way, its state said in words, found without accents."""

from datetime import timedelta

from skills import clock
from skills.households.models import Mark
from tests.cast import City
from tests.client import Client, Page
from tests.conftest import AsPerson
from tests.households.test_find import leave, many_doors, statements


def plates(page: Page) -> list[str]:
    return [plate.text for plate in page.all("b", class_="plate")]


def test_the_doors_stand_in_walking_order_under_their_lanes(as_person: AsPerson, city: City) -> None:
    page = as_person("Hoài").page("/households")
    assert plates(page) == ["2", "4", "6", "7", "7A", "7/2", "12", "K45/2", "K45/12", "K61/1"]
    assert [h2.text for h2 in page.all("h2")] == ["Hàng Dừa", "Kiệt 45 Hàng Dừa", "Kiệt 61 Hàng Dừa"]
    assert "0/10 hộ đã thăm" in page.text
    door = city.doors["2"]
    assert page.link("Kế tiếp: 2") == f"/visits/new?ward={door.ward_id}&household={door.id}"
    assert page.link("Hộ mới") == "/households/new"


def test_each_row_says_what_happened(as_person: AsPerson, city: City) -> None:
    today = clock.today()
    with city.database.writing() as db:
        leave(db, city.doors["2"], Mark.MET, today, last_skills="7", last_at=clock.now())
        leave(db, city.doors["4"], Mark.BACK, today - timedelta(9), follow_up_on=today - timedelta(2))
        leave(db, city.doors["6"], Mark.SELF, today - timedelta(9), alone_skills=3)
        leave(
            db, city.doors["7"], Mark.REFUSE, today - timedelta(9), last_outcome="declined", last_met_on=None
        )
        leave(
            db,
            city.doors["7A"],
            Mark.TODO,
            today - timedelta(9),
            last_outcome="absent",
            last_met_on=None,
            away_times=2,
        )
    page = as_person("Hoài").page("/households")
    rows = [row.text for row in page.all("li") if row.parent is not None and row.parent.tag == "ol"]
    assert "Đã thăm" in rows[0]
    assert "Trễ hẹn 2 ngày" in rows[1]
    assert "Tự làm được 3 kỹ năng" in rows[2]
    assert "Từ chối" in rows[3]
    assert "Vắng nhà 2 lần" in rows[4]
    assert "Chưa ai ghé" in rows[5]
    assert "4/10 hộ đã thăm" in page.text
    assert page.link("Kế tiếp: 4")  # the one due, after the one visited just now
    assert plates(as_person("Hoài").page("/households?mark=self&q=&group=")) == ["6"]
    english = as_person("Hoài").page("/households", headers={"Accept-Language": "en"})
    assert "2 days overdue" in english.text
    assert "Nobody home 2 times" in english.text


def test_search_works_without_accents_and_without_script(as_person: AsPerson) -> None:
    client = as_person("Hoài")
    page = client.page("/households?q=hang+dua+k45&mark=&group=")
    assert plates(page) == ["K45/2", "K45/12"]
    assert page.one("input", name="q").attrs["value"] == "hang dua k45"
    nothing = client.page("/households?q=k99")
    assert plates(nothing) == []
    assert nothing.link("Thêm hộ mới") == "/households/new"


def test_htmx_gets_the_block_of_doors_alone(as_person: AsPerson) -> None:
    answer = as_person("Hoài").get("/households?q=k45/12", headers={"HX-Request": "true"})
    assert "<html" not in answer.text
    assert answer.headers["vary"].startswith("HX-Request")
    assert plates(Page(answer)) == ["K45/12"]


def test_a_group_is_chosen_by_its_address(as_person: AsPerson, city: City) -> None:
    page = as_person("Hoài").page(f"/households?group={city.groups['Tổ 13'].id}")
    assert plates(page) == ["K61/1"]
    assert page.link("Hộ mới") == f"/households/new?group={city.groups['Tổ 13'].id}"
    assert as_person("Hoài").get(f"/households?group={city.groups['Tổ 40'].id}").status_code == 404
    assert as_person("Hoài").get(f"/households?group={city.groups['Tổ 3'].id}").status_code == 404


def test_a_long_list_goes_on_on_the_next_page(as_person: AsPerson, city: City) -> None:
    many_doors(city, 300)
    client = as_person("Hoài")
    page = client.page("/households")
    assert len(plates(page)) == 200
    following = client.page(page.link("Các hộ sau"))
    assert len(plates(following)) == 110
    assert not set(plates(page)) & set(plates(following)) - {"2", "4", "6", "7", "12"}
    assert client.page(following.link("Các hộ trước")).text == page.text


def test_strangers_sign_in_first_and_readers_of_reports_are_refused(
    as_person: AsPerson, stranger: Client
) -> None:
    for path in ("/households", "/households/new"):
        answer = stranger.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=")
        for reader in ("Tâm", "Khánh", "Yến", "Lạ"):
            assert as_person(reader).get(path).status_code == 403


def test_the_page_takes_few_statements_however_many_doors_there_are(as_person: AsPerson, city: City) -> None:
    client = as_person("Hoài")
    said = statements(client.app.state.database)
    client.page("/households")
    few = len(said)
    many_doors(city, 1_000)
    said.clear()
    client.page("/households")
    assert len(said) == few
    of_the_list = [one for one in said if "household" in one or "FROM skill" in one or "area_block" in one]
    assert len(of_the_list) <= 6
