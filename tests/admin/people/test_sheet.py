"""A sheet of names: looked at before anything is stored, taken in one transaction, taken back as a whole."""

import io
import time
from datetime import timedelta
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlmodel import col, select

from skills import clock
from skills.admin.people.models import PeopleImport, PeopleImportInvitation
from skills.admin.people.read_file import Unreadable
from skills.audit import trail
from skills.audit.models import AuditEntry
from skills.db import Database
from skills.invitations.models import Invitation
from skills.people.models import Person, Posting
from skills.tables import ALL
from tests.admin.people.hostile_sheets import SHEETS, workbook
from tests.cast import City
from tests.client import Client, Page
from tests.conftest import AsPerson
from tests.invitations.story import come_in

HEAD = ["Họ tên", "Số điện thoại", "Vai trò", "Tổ"]
PAGE = "/admin/people/sheet"


def send(client: Client, city: City, data: bytes, name: str = "a.xlsx", ward: str = "Hải Châu") -> Any:
    """Sends a file from the page."""
    return client.post(PAGE, {"area": str(city.wards[ward].id)}, files={"file": (name, data)})


def looked_at(client: Client, city: City, *rows: list[str]) -> Page:
    """The preview of these rows under the usual headings."""
    answer = send(client, city, workbook([HEAD, *rows]))
    assert answer.status_code == 200, answer.text[:3000]
    return Page(answer)


def told(page: Page) -> dict[str, str]:
    """The sentence of each row, by name."""
    return {
        next(e.text for e in row.walk() if e.tag == "strong"): next(
            e.text for e in row.walk() if e.tag == "p"
        )
        for row in page.all("li", class_="stack")
    }


def take(client: Client, page: Page) -> str:
    """Presses the button of the preview; the address of what came of it."""
    answer = client.submit(page, "/admin/people/imports")
    assert answer.status_code == 303, answer.text[:3000]
    return str(answer.headers["location"])


def stored(database: Database) -> dict[str, list[Any]]:
    """Every row of every table."""
    with database.reading() as db:
        return {table.name: sorted(map(str, db.execute(table.select()))) for table in ALL}


def invitations(city: City) -> list[Invitation]:
    with city.database.reading() as db:
        found = list(db.exec(select(Invitation).order_by(col(Invitation.id))))
        db.expunge_all()
    return found


def test_a_ward_lead_sends_a_sheet_and_prints_cards(city: City, as_person: AsPerson) -> None:
    """From the list of people to the cards: the preview stores nothing, the yes stores all."""
    thu = as_person("Thu")
    form = thu.page(thu.page("/admin/people").link("Mời cả danh sách"))
    assert form.form(PAGE) == {"area": [str(city.wards["Hải Châu"].id)]}
    before = stored(city.database)
    page = looked_at(
        thu, city, ["Lê Văn An", "0935 000 001", "", "5"], ["Trần Bình", "0935000002", "tổ trưởng", "số 9"]
    )
    assert told(page) == {"Lê Văn An": "Sẽ được mời.", "Trần Bình": "Sẽ được mời."}
    assert stored(city.database) == before
    address = take(thu, page)
    done = thu.page(address)
    assert "Đã mời 2 người vào Phường Hải Châu" in done.text
    made = invitations(city)
    assert {(each.full_name, each.phone, each.role, each.team_id) for each in made} == {
        ("Lê Văn An", "+84935000001", "volunteer", city.teams["Tổ công nghệ số cộng đồng số 5"].id),
        ("Trần Bình", "+84935000002", "team_leader", city.teams["Tổ công nghệ số cộng đồng số 9"].id),
    }
    assert done.form("/invitations/cards") == {"which": [str(each.id) for each in made]}
    with city.database.reading() as db:
        [entry] = db.exec(select(AuditEntry).where(col(AuditEntry.action) == "people.imported")).all()
        [kept] = db.exec(select(PeopleImport)).all()
    assert entry.subject == str(kept.id)
    assert (kept.made_by, kept.area_id, kept.left_out) == (
        city.people["Thu"].id,
        city.wards["Hải Châu"].id,
        0,
    )
    invited = thu.page("/admin/people?state=invited")
    assert "Lê Văn An" in invited.text
    assert "0935 000 001" in invited.text


def test_each_row_is_told_what_becomes_of_it(city: City, as_person: AsPerson) -> None:
    thu = as_person("Thu")
    take(thu, looked_at(thu, city, ["Đã Mời", "0935000009", "", ""]))
    page = looked_at(
        thu, city,
        ["Mới", "0935000001", "tnv", "Tổ công nghệ số cộng đồng số 5"],
        ["Không Số", "", "", ""],
        ["Lê Thị Hoài", "0905 000 001", "", ""],
        ["Đã Mời", "0935000009", "", ""],
        ["Sai Số", "09O5000001", "", ""],
        ["Trùng", "+84 935 000 001", "", ""],
        ["Sai Tổ", "0935000002", "", "số 2"],
        ["Lạ Vai", "0935000003", "thủ lĩnh", ""],
        ["Ngang Vai", "0935000004", "Ward lead", ""],
        ["Cao Vai", "0935000005", "Quản trị thành phố", ""],
        ["", "0935000006", "", ""],
        ["D" * 121, "0935000007", "", ""],
        ["=1+1", "0935000008", "Volunteer", ""],
        ["Ngân ở phường khác", "0905000011", "", ""],
    )  # fmt: skip
    assert told(page) == {
        "Mới": "Sẽ được mời.",
        "Không Số": "Sẽ được mời; số điện thoại người đó tự ghi khi vào.",
        "Lê Thị Hoài": "Đã có tài khoản, không mời lại.",
        "Đã Mời": "Đã được mời và thẻ còn hạn, không mời lại.",
        "Sai Số": "Số điện thoại không đọc được.",
        "Trùng": "Trùng với dòng 2 của chính danh sách này.",
        "Sai Tổ": "Phường, xã không có tổ này.",
        "Lạ Vai": "Không rõ vai trò này.",
        "Ngang Vai": "Vai trò này không thấp hơn vai trò của người mời.",
        "Cao Vai": "Vai trò này không thuộc phường, xã.",
        "—": "Chưa có họ tên, hoặc dài hơn 120 ký tự.",
        "D" * 121: "Chưa có họ tên, hoặc dài hơn 120 ký tự.",
        "=1+1": "Sẽ được mời.",
        # who is known elsewhere is not told: it would tell whose number that is
        "Ngân ở phường khác": "Sẽ được mời.",
    }
    take(thu, page)
    assert len(invitations(city)) == 1 + 4
    with city.database.reading() as db:
        assert sorted(kept.left_out for kept in db.exec(select(PeopleImport))) == [0, 10]


def test_headings_stand_in_any_order_and_language(city: City, as_person: AsPerson) -> None:
    """Under a title, in English, with columns that nobody asked for."""
    rows = [
        ["Danh sách tổ 5"],
        [],
        ["STT", "Phone number", "Ghi chú", "FULL NAME"],
        ["1", "0935000001", "x", "Lê Văn An"],
    ]
    page = Page(send(as_person("Thu"), city, workbook(rows)))
    assert told(page) == {"Lê Văn An": "Sẽ được mời."}
    assert "Không đọc các cột: STT, Ghi chú" in page.text
    text = "\ufeffHọ và tên,SĐT\r\nLê Văn An,935000001\r\n"
    assert told(Page(send(as_person("Thu"), city, text.encode(), "a.csv"))) == {"Lê Văn An": "Sẽ được mời."}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["Tên", "Địa chỉ"], ["An", "x"]], "Không thấy dòng tiêu đề"),
        ([HEAD], "không có tên nào"),
        ([HEAD, *([f"Tên {n}", f"0935{n:06d}"] for n in range(501))], "hơn 500 tên"),
    ],
    ids=["no headings", "no names", "too many"],
)
def test_a_sheet_that_is_none_is_said_to_be(
    city: City, as_person: AsPerson, rows: list[list[str]], said: str
) -> None:
    answer = send(as_person("Thu"), city, workbook(rows))
    assert answer.status_code == 422
    assert said in answer.text


@pytest.mark.parametrize("hostile", [each for each in SHEETS if each.code], ids=lambda each: each.name)
def test_a_hostile_file_stores_nothing(city: City, as_person: AsPerson, hostile: Any) -> None:
    """422 with a sentence beside the file, the page still there, every table as it was."""
    thu = as_person("Thu")
    before = stored(city.database)
    answer = send(thu, city, hostile.make(), hostile.file_name)
    if hostile.name == "a line of ten megabytes":
        assert answer.status_code == 413
    else:
        assert answer.status_code == 422
        assert Page(answer).one("p", id="f-file-e").text == Unreadable(hostile.code).sentence
    assert stored(city.database) == before


def test_a_file_larger_than_the_others_may_be_is_sent_only_there(city: City, as_person: AsPerson) -> None:
    """Six megabytes to the one route, one to every other."""
    thu = as_person("Thu")
    assert "lớn hơn 5 MB" in send(thu, city, b"x" * (5 * 1024 * 1024 + 1), "a.csv").text
    assert thu.post("/admin/people/imports", {"seen": "x" * (2 * 1024 * 1024)}).status_code == 413
    assert thu.post(PAGE, {"area": str(city.wards["Hải Châu"].id)}).status_code == 422


def test_a_preview_is_for_whoever_looked_for_an_hour_and_as_it_was(
    city: City, as_person: AsPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    thu = as_person("Thu")
    [seen] = looked_at(thu, city, ["Lê Văn An", "0935000001", "", ""]).form("/admin/people/imports")["seen"]
    for other in (seen[:-4] + "AAA=", "", "x", seen[4:], "é" * 50):
        answer = thu.post("/admin/people/imports", {"seen": other})
        assert answer.status_code == 422
        assert "Chọn lại tệp" in answer.text
    assert as_person("Khánh").post("/admin/people/imports", {"seen": seen}).status_code == 422
    later = clock.now() + timedelta(minutes=61)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: later)
        again = as_person("Thu")  # who has just proven anew that it is she
        assert again.post("/admin/people/imports", {"seen": seen}).status_code == 422
    assert invitations(city) == []
    assert thu.post("/admin/people/imports", {"seen": seen}).status_code == 303


def test_sent_twice_it_is_taken_once(city: City, as_person: AsPerson) -> None:
    thu = as_person("Thu")
    page = looked_at(thu, city, ["Lê Văn An", "0935000001", "", ""])
    assert take(thu, page) == take(thu, page)
    assert len(invitations(city)) == 1


def test_who_sends_no_sheets(city: City, as_person: AsPerson) -> None:
    """Only ward leads and administrators; and a ward lead into no other ward, nor sees what was sent there."""
    data = workbook([HEAD, ["Lê Văn An", "0935000001"]])
    for name in ("Hoài", "Lộc", "Tâm", "Yến", "Lạ"):
        assert as_person(name).get(PAGE).status_code == 403, name
        assert send(as_person(name), city, data).status_code == 403, name
    phuc = as_person("Phúc")
    assert send(phuc, city, data).status_code == 404
    thu = as_person("Thu")
    address = take(thu, looked_at(thu, city, ["Lê Văn An", "0935000001"]))
    assert phuc.get(address).status_code == 404
    assert phuc.post(address + "/undo").status_code == 404
    assert as_person("Khánh").get(address).status_code == 200
    assert Page(send(as_person("Khánh"), city, data, ward="An Hải")).one("h1").text == "Xem trước danh sách"


def test_it_is_undone_as_a_whole_and_who_came_in_stays(city: City, as_person: AsPerson) -> None:
    thu = as_person("Thu")
    rows = [["Lê Văn An", "0935000001"], ["Trần Bình", "0935000002"], ["Đỗ Chi", "0935000003"]]
    address = take(thu, looked_at(thu, city, *rows))
    with city.database.writing() as db:
        one = db.exec(select(Invitation).where(col(Invitation.phone) == "+84935000002")).one()
        one.used_at, one.used_by = clock.now(), city.people["Bảo"].id
        db.add(one)
    page = thu.page(address)
    assert "2 thẻ chưa dùng hết hiệu lực ngay" in page.text
    assert "1 người đã vào thì ở lại" in page.text
    assert thu.post(address + "/undo").status_code == 303
    done = thu.page(address)
    assert "1 người đã vào từ trước nên vẫn ở lại" in done.text
    assert {each.phone: each.revoked_at is not None for each in invitations(city)} == {
        "+84935000001": True, "+84935000002": False, "+84935000003": True,
    }  # fmt: skip
    assert not [e for e in done.all("form") if "undo" in e.attrs["action"] or "cards" in e.attrs["action"]]
    again = stored(city.database)
    assert thu.post(address + "/undo").status_code == 303
    assert stored(city.database) == again


def test_from_the_sheet_to_a_volunteer_at_work(city: City, as_person: AsPerson, stranger: Client) -> None:
    """Cards out of the sheet, one is used, then the sheet is undone: who came in stays and is listed, the other card is over."""
    thu = as_person("Thu")
    page = looked_at(thu, city, ["Lê Văn An", "0935000001", "", "5"], ["Trần Bình", "0935000002", "", "5"])
    address = take(thu, page)
    cards = Page(thu.submit(thu.page(address), "/invitations/cards"))
    letters = [e.text.rpartition("/")[2].replace("-", "") for e in cards.all("p", class_="letters")]
    assert len(letters) == 2
    assert come_in(stranger, letters[0]).headers["location"] == "/"
    assert "Hàng Dừa" in stranger.page("/").text
    thu.post(address + "/undo")
    assert "1 người đã vào từ trước nên vẫn ở lại" in thu.page(address).text
    assert len([name for name in ("Lê Văn An", "Trần Bình") if name in thu.page("/admin/people").text]) == 1
    assert stranger.page("/").h1
    assert Client(stranger.app).get(f"/join/{letters[1]}").status_code == 410


def test_an_error_half_way_stores_nothing(
    city: City, as_person: AsPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One transaction: five hundred or none."""
    thu = as_person("Thu")
    page = looked_at(thu, city, ["Lê Văn An", "0935000001"], ["Trần Bình", "0935000002"])
    before = stored(city.database)

    def fails(*_given: object) -> None:
        raise RuntimeError("after the last of them")

    monkeypatch.setattr(trail, "write", fails)
    answer = thu.post("/admin/people/imports", dict(page.form("/admin/people/imports")))
    assert answer.status_code == 500
    assert stored(city.database) == before


def test_five_hundred_are_looked_at_in_three_seconds(city: City, as_person: AsPerson) -> None:
    """And taken in while others may wait for the lock."""
    thu = as_person("Thu")
    rows = [[f"Nguyễn Văn {n}", f"0935{n:06d}", "tình nguyện viên", "số 5"] for n in range(500)]
    data = workbook([HEAD, *rows])
    started = time.process_time()
    answer = send(thu, city, data)
    assert answer.status_code == 200
    assert time.process_time() - started < 3
    assert "500 người sẽ được mời" in answer.text
    take(thu, Page(answer))
    made = invitations(city)
    assert len(made) == 500
    with city.database.reading() as db:
        assert len(db.exec(select(PeopleImportInvitation)).all()) == 500
        assert len(db.exec(select(Person)).all()) == 11
        assert len(db.exec(select(Posting)).all()) == 10


def test_the_template_is_read_as_it_is_filled_in(city: City, as_person: AsPerson) -> None:
    """Every cell is text; its headings are those that are looked for, in both languages."""
    thu = as_person("Thu")
    answer = thu.get("/admin/people/sheet/template.xlsx")
    assert answer.headers["content-disposition"] == 'attachment; filename="danh-sach.xlsx"'
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert rows == [HEAD]
    english = thu.get("/admin/people/sheet/template.xlsx", headers={"Accept-Language": "en"})
    [head] = CalamineWorkbook.from_filelike(io.BytesIO(english.content)).get_sheet_by_index(0).to_python()
    page = Page(
        send(thu, city, workbook([[str(each) for each in head], ["Lê Văn An", "0935000001", "", "5"]]))
    )
    assert told(page) == {"Lê Văn An": "Sẽ được mời."}


def test_a_name_with_a_formula_stays_a_name(city: City, as_person: AsPerson) -> None:
    """In the preview, in the list, and stored as it was typed."""
    name = '=HYPERLINK("http://127.0.0.1","x")<script>alert(1)</script>'
    thu = as_person("Thu")
    page = looked_at(thu, city, [name, "0935000001", "<b>x</b>", ""], [name, "0935000002", "", ""])
    assert len(told(page)) == 1
    take(thu, page)
    assert [each.full_name for each in invitations(city)] == [name]
    assert name in thu.page("/admin/people?state=invited").text
