"""The pages of reports, as each of the cast sees them."""

from datetime import date

import pytest
from sqlalchemy import event

from skills.areas.find import in_force
from skills.areas.groups import list_groups
from skills.areas.models import Level
from tests.cast import City
from tests.client import Client, Page
from tests.conftest import AsPerson
from tests.reports.conftest import Log


def cells(page: Page, first: str) -> list[str]:
    """The row of the table of areas that begins with this word."""
    rows = [row for row in page.one("table", class_="data").walk() if row.tag == "tr"]
    texts = [[cell.text for cell in row.walk() if cell.tag in ("th", "td")] for row in rows]
    return next(row for row in texts if row[0] == first)


def test_without_an_area_each_role_sees_its_own(as_person: AsPerson, city: City) -> None:
    assert "Phường Hải Châu" in as_person("Thu").page("/reports").text
    assert "Phường An Hải" in as_person("Phúc").page("/reports").text
    assert "Khu vực Hải Châu" in as_person("Tâm").page("/reports").text
    assert "Thành phố Đà Nẵng" in as_person("Khánh").page("/reports").text
    assert "Thành phố Đà Nẵng" in as_person("Yến").page("/reports").text


def test_a_volunteer_sees_what_is_hers_and_a_leader_his_team(
    as_person: AsPerson, log: Log, city: City
) -> None:
    log("Hoài", "12", date(2026, 8, 3), people=2, skills={1: 3})
    log("Bảo", "12", date(2026, 8, 4), people=1)
    log("Bảo", "K45/12", date(2026, 8, 4), people=1)
    hers = as_person("Hoài").page("/reports?period=2026-08")
    assert [e.text for e in hers.all("span", class_="big-no")] == ["1", "1", "2"]
    assert hers.all("h2")[0].text == "Của tôi"
    his = as_person("Lộc").page("/reports?period=2026-08")
    assert [e.text for e in his.all("span", class_="big-no")] == ["2", "3", "4", "0", "0", "0"]
    assert "Tổ công nghệ số cộng đồng số 5" in his.text
    assert {
        group.text for group in hers.one("section", aria_labelledby="h-groups").walk() if group.tag == "a"
    } == {"Tổ 12", "Tổ 13"}
    assert "Tổ công nghệ số" not in hers.text


def test_who_may_read_which_area(as_person: AsPerson, city: City) -> None:
    """Outside of one's reach is 404, as if it weren't there."""
    ward, other = city.wards["Hải Châu"].id, city.wards["An Hải"].id
    mine, theirs = city.groups["Tổ 12"].id, city.groups["Tổ 40"].id
    allowed = {
        "Hoài": {mine},
        "Lộc": {mine},
        "Mai": {theirs},
        "Thu": {ward, mine, theirs},
        "Phúc": {other},
        "Tâm": {city.district.id, ward, mine, theirs},
        "Khánh": {city.whole.id, city.district.id, ward, other, mine, theirs},
        "Yến": {city.whole.id, city.district.id, ward, other, mine, theirs},
    }
    for name, reach in allowed.items():
        person = as_person(name)
        for area in (city.whole.id, city.district.id, ward, other, mine, theirs, 999_999):
            for path in ("/reports", "/reports/download.csv"):
                expected = 200 if area in reach else 404
                assert person.get(f"{path}?area={area}").status_code == expected, (name, area, path)


def test_nobody_without_a_posting_and_nobody_signed_out(as_person: AsPerson, stranger: Client) -> None:
    assert as_person("Lạ").get("/reports").status_code == 403
    answer = stranger.get("/reports?period=2026-08")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Freports%3Fperiod%3D2026-08"


def test_a_former_ward_is_read_by_whom_its_land_belongs_to(as_person: AsPerson, city: City) -> None:
    with city.database.reading() as db:
        wards = {ward.short_name: ward.id for ward in in_force(db, Level.WARD, date(2025, 5, 31))}
    inside, outside = wards["Thạch Thang"], wards["Thọ Quang"]
    lead = as_person("Thu")
    assert lead.get(f"/reports?area={inside}&period=2025-05").status_code == 200
    assert lead.get(f"/reports?area={outside}&period=2025-05").status_code == 404
    page = lead.page(f"/reports?area={inside}&period=2026-08")
    assert "không có đơn vị này" in page.text
    assert page.link("Phường Hải Châu") == f"/reports?area={city.wards['Hải Châu'].id}&period=2026-08"
    assert [e.text for e in page.all("span", class_="big-no")] == ["—", "—", "—"]
    assert page.all("table", class_="data") == []


def test_the_table_adds_up_on_the_page(as_person: AsPerson, log: Log, city: City) -> None:
    log("Hoài", "12", date(2026, 7, 3), people=1)
    log("Hoài", "12", date(2026, 8, 3), people=2, people_new=1, skills={1: 3}, audiences={1: 1})
    log("Hoài", "K45/12", date(2026, 8, 5), people=1)
    log("Mai", "31", date(2026, 8, 14), people=4)
    page = as_person("Thu").page("/reports?period=2026-08")
    assert page.h1 == "Báo cáo tháng 8/2026"
    assert cells(page, "Tổ 12") == ["Tổ 12", "2", "1", "2", "+100,0%", "3", "1", "0"]
    assert cells(page, "Tổ 40") == ["Tổ 40", "1", "0", "1", "—", "4", "0", "0"]
    assert cells(page, "Tổ 13") == ["Tổ 13", "0", "0", "0", "—", "0", "0", "0"]
    assert cells(page, "Cộng") == ["Cộng", "3", "1", "3", "+200,0%", "7", "1", "0"]
    assert "Tính đến" in page.text
    assert "Kỳ này chưa hết" not in page.text
    city_page = as_person("Khánh").page("/reports?period=2026-08")
    assert cells(city_page, "Khu vực Hải Châu")[1] == "3"
    assert cells(city_page, "Phường Hải Châu")[1] == "3"
    assert cells(city_page, "Cộng")[1] == "3"
    assert sum(1 for e in city_page.all("small") if e.text == "2 khu vực") == 5


def test_columns_sort_by_link_and_say_so(as_person: AsPerson, log: Log, city: City) -> None:
    log("Mai", "31", date(2026, 8, 14), people=4)
    lead = as_person("Thu")
    page = lead.page("/reports?period=2026-08")
    assert [
        head.attrs.get("aria-sort") for head in page.all("th", scope="col") if "aria-sort" in head.attrs
    ] == ["ascending"]
    sorted_page = lead.page(page.link("Lượt gặp"))
    rows = [
        e.text
        for e in sorted_page.one("table", class_="data").walk()
        if e.tag == "th" and e.attrs["scope"] == "row"
    ]
    assert rows == ["Tổ 40", "Tổ 12", "Tổ 13", "Cộng"]
    heads = [head.text for head in sorted_page.all("th", aria_sort="descending")]
    assert heads == ["Lượt gặp"]
    turned = lead.page(sorted_page.link("Lượt gặp"))
    assert [head.text for head in turned.all("th", aria_sort="ascending")] == ["Lượt gặp"]


def test_the_first_year_has_no_arrow_back(as_person: AsPerson) -> None:
    """It used to lead to 1999, which nobody can ask for."""
    thu = as_person("Thu")
    backwards = [
        link for link in thu.page("/reports?period=2000-01").all("a") if "1999" in link.attrs["href"]
    ]
    assert backwards == []
    assert thu.page("/reports?period=2001-01").link("tháng 12/2000") == "/reports?period=2000-12"


def test_from_period_to_period(as_person: AsPerson) -> None:
    lead = as_person("Thu")
    page = lead.page("/reports?period=2026-08")
    july = lead.page(page.link("tháng 7/2026"))
    assert july.h1 == "Báo cáo tháng 7/2026"
    decree = lead.page(page.link("Nghị định 09"))
    assert decree.h1 == "Báo cáo tháng 8/2026 (15/7–14/8)"
    calendars = decree.one("nav", aria_label="Lịch").walk()
    assert [link.text for link in calendars if "aria-current" in link.attrs] == ["Nghị định 09"]
    today = lead.page(page.link("hiện nay"))
    assert today.form("/reports")["lens"] == ["today"]
    assert lead.get("/reports", params=page.form("/reports")).status_code == 200


def test_the_picker_offers_what_is_within_reach(as_person: AsPerson, city: City) -> None:
    def offered(name: str) -> list[str]:
        select = as_person(name).page("/reports").one("select", name="area")
        return [option.text for option in select.walk() if option.tag == "option"]

    assert offered("Thu") == ["Phường Hải Châu", "Tổ 12", "Tổ 13", "Tổ 40"]
    assert offered("Tâm")[:2] == ["Khu vực Hải Châu", "Phường Hải Châu"]
    assert len(offered("Khánh")) == 1 + 25 + 94
    assert as_person("Hoài").page("/reports").all("select", name="area") == []


@pytest.mark.parametrize(
    "query",
    ["period=2026-13", "period=9999", "area=x", "area=-1", "from=1/8/2026", "lens=x", "calendar=x", "sort=x", "nonsense=1",
     "period=2026-08-28&calendar=nd09", "area=" + "9" * 400, "period=%00", "from=%FF&to=%FF", "period=2190"],
)  # fmt: skip
def test_an_address_that_can_not_be_read_is_explained(as_person: AsPerson, query: str) -> None:
    for path in ("/reports", "/reports/download.csv"):
        answer = as_person("Thu").get(f"{path}?{query}")
        assert answer.status_code == 422, (path, query)
        page = Page(answer)
        assert page.h1 == "Chưa mở được báo cáo"
        assert page.link("Về báo cáo kỳ này") == "/reports"


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    "query",
    ["", "period=2026-08", "period=2026-W33", "period=2026-08-28", "from=2026-08-01&to=2026-08-20", "period=2026&calendar=nd09",
     "period=2026-H1", "period=2024-Q1", "period=2025-03&lens=today", "period=2025-03&lens=then", "sort=change&desc=1"],
)  # fmt: skip
def test_every_kind_of_report_is_a_whole_page(
    as_person: AsPerson, log: Log, city: City, query: str, language: str
) -> None:
    """The client looks at each page: labels, ids, links, headings, no inline style, nothing left over."""
    log("Hoài", "12", date(2026, 8, 12), people=2, people_new=1, skills={1: 3, 2: 1}, audiences={1: 1, 2: 2})
    for name in ("Hoài", "Lộc", "Thu", "Tâm", "Khánh"):
        person = as_person(name)
        person.cookies.set("language", language)
        page = person.page(f"/reports?{query}")
        assert page.one("html").attrs["lang"] == language


def test_a_page_takes_few_statements(as_person: AsPerson, log: Log, city: City) -> None:
    """Counted over the whole request, the gate's four too; thirty more groups in the ward make no more."""

    def statements_of(area: int) -> int:
        seen: list[str] = []

        def told(*args: object) -> None:
            seen.append(str(args[2]))

        event.listen(engine, "before_cursor_execute", told)
        person.page(f"/reports?area={area}&period=2026-08")
        event.remove(engine, "before_cursor_execute", told)
        return sum(1 for one in seen if one.startswith(("SELECT", "WITH")))

    log("Hoài", "12", date(2026, 8, 12), skills={1: 3}, audiences={1: 1})
    person = as_person("Khánh")
    engine = person.app.state.database.reader
    ward = city.wards["Hải Châu"].id
    before = statements_of(ward)
    assert max(statements_of(city.whole.id), statements_of(city.district.id), before) <= 24
    with city.database.writing() as db:
        list_groups(db, ward, [(f"Tổ {n}", None) for n in range(101, 131)], date(2025, 7, 1))
    assert len(cells(person.page(f"/reports?area={ward}"), "Tổ 130")) == 8
    assert statements_of(ward) == before


@pytest.mark.parametrize(
    ("asked", "field", "kept"),
    [
        ("period=2026-13", "period", {"period": "2026-13"}),
        ("from=31/2/2026&to=1/3/2026&lens=today", "from", {"from": "31/2/2026", "to": "1/3/2026", "lens": "today"}),
        ("from=1/8/2026", "to", {"from": "1/8/2026"}),
        ("from=2/8/2026&to=1/8/2026", "to", {"from": "2/8/2026", "to": "1/8/2026"}),
    ],
)  # fmt: skip
def test_days_that_can_not_be_read_are_put_right_where_they_were_typed(
    as_person: AsPerson, asked: str, field: str, kept: dict[str, str]
) -> None:
    """The sentence stands at the field, the list above leads there, and nothing has to be typed again."""
    page = Page(as_person("Thu").get(f"/reports?{asked}"))
    assert page.response.status_code == 422
    sentence = page.one("p", id=f"f-{field}-e").text
    assert [link.attrs["href"] for link in page.all("a") if sentence in link.text] == [f"#f-{field}"]
    assert page.one("input", id=f"f-{field}").attrs["aria-invalid"] == "true"
    typed = page.form("/reports")
    assert {name: values[0] for name, values in typed.items() if values[0]} == kept


def test_what_can_not_be_read_of_the_rest_of_an_address_is_left_out(as_person: AsPerson) -> None:
    """The form of the page then works."""
    thu = as_person("Thu")
    page = Page(thu.get("/reports?lens=x&area=y&calendar=z&period=2026-08"))
    assert page.response.status_code == 422
    assert page.form("/reports") == {"period": ["2026-08"], "from": [""], "to": [""]}
    assert thu.get("/reports?period=2026-08&from=&to=").status_code == 200
