"""An administrator keeps the catalogue without a developer: add, word anew, begin and end. Old visits keep what they meant."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from skills import clock
from skills.audit.models import AuditEntry
from skills.catalogue.load import load
from skills.catalogue.models import Audience, FormerWording, Skill
from skills.households.find import skill_names
from skills.language import speaking
from skills.visits.models import VisitSkill
from tests.admin.teams.story import day
from tests.cast import City
from tests.client import Client, Page
from tests.conftest import AsPerson
from tests.phone import Phone
from tests.visits.pages import log, open_door

TODAY = clock.today()
NEW: dict[str, str] = {
    "code": "dp01", "name_vi": "Gọi xe trên điện thoại", "short_vi": "Gọi xe", "name_en": "Book a ride on the phone",
    "short_en": "Book a ride", "check_vi": "Tự gọi được một chuyến xe, không ai cầm máy hộ", "check_en": "", "sort": "305",
    "pillar": "soc", "digcomp": "2", "core": "", "valid_from": f"{TODAY:%d/%m/%Y}",
}  # fmt: skip


def skill(city: City, code: str) -> Skill:
    with city.database.reading() as db:
        return db.exec(select(Skill).where(Skill.code == code)).one()


def group(city: City, code: str) -> Audience:
    with city.database.reading() as db:
        return db.exec(select(Audience).where(Audience.code == code)).one()


def trail(city: City) -> list[tuple[int, str, str, str]]:
    with city.database.reading() as db:
        return [(e.ward_id, e.action, e.subject, e.fields) for e in db.exec(select(AuditEntry).order_by(col(AuditEntry.seq)))]  # fmt: skip


def words(row: Skill | Audience, **changed: str) -> dict[str, str]:
    """The fields of the wording form as they stand, some changed."""
    names = ("name_vi", "name_en", "short_vi", "short_en", "sort", *(("check_vi", "check_en") if isinstance(row, Skill) else ()))  # fmt: skip
    return {name: str(getattr(row, name)) for name in names} | changed


def in_package(client: Client, kind: str = "skills") -> dict[int, list[Any]]:
    """What the phone takes along, by id."""
    told: list[list[Any]] = client.get("/api/v1/package").json()[kind]
    return {line[0]: line[1:] for line in told}


def test_a_new_skill_is_on_the_form_and_on_the_phone_the_same_day(city: City, as_person: AsPerson) -> None:
    """Khánh adds it; Hoài's page and package have it, in both languages; a visit that names it counts."""
    khanh, hoai = as_person("Khánh"), as_person("Hoài")
    khanh.page("/admin/catalogue/skills/new")
    answer = khanh.post("/admin/catalogue/skills", NEW)
    assert answer.headers["location"] == "/admin/catalogue/skills/1001"
    made = skill(city, "DP01")
    assert made.check_vi == "Tự gọi được một chuyến xe, không ai cầm máy hộ."
    assert made.check_en == made.check_vi  # nothing was said in English
    assert "Gọi xe" in open_door(hoai, city.doors["4"]).text
    english = hoai.page(
        f"/visits/new?ward={city.doors['4'].ward_id}&household={city.doors['4'].id}",
        headers={"Accept-Language": "en"},
    )
    assert "Book a ride" in english.text
    assert in_package(hoai)[1001] == ["Gọi xe", "Book a ride", "", 1]
    phone = Phone(hoai)
    item = phone.visit(city, "4", skill=[1001], **{"level-1001": 3})
    assert [told["status"] for told in phone.hand_in(item)] == ["accepted"]
    assert trail(city) == [
        (0, "catalogue.skill_added", "DP01", "code,name_vi,name_en,short_vi,short_en,check_vi,check_en,valid_from"),
    ]  # fmt: skip


def test_other_words_are_the_same_skill_and_the_old_ones_are_kept(city: City, as_person: AsPerson) -> None:
    """The visit of yesterday is named anew everywhere; what "alone" meant then can still be read."""
    khanh, hoai = as_person("Khánh"), as_person("Hoài")
    log(hoai, city.doors["4"], "met", skill="1", **{"level-1": "3"})
    before = skill(city, "NT01")
    answer = khanh.post(
        "/admin/catalogue/skills/1/wording",
        words(before, short_vi="Dùng điện thoại", check_vi="Tự gọi được cho người nhà."),
    )
    assert answer.status_code == 303
    assert in_package(hoai)[1][:2] == ["Dùng điện thoại", "Phone basics"]
    with city.database.reading() as db, speaking("vi"):
        assert skill_names(db)[1] == "Dùng điện thoại"
        former = db.exec(select(FormerWording)).one()
        assert (former.of, former.of_id, former.check_vi) == ("skills", 1, before.check_vi)
        assert db.exec(select(VisitSkill.skill_id)).one() == 1
    shown = khanh.page("/admin/catalogue/skills/1")
    assert before.check_vi in shown.text
    assert trail(city)[-1][1:] == ("catalogue.skill_reworded", "NT01", "short_vi,check_vi")
    again = khanh.post("/admin/catalogue/skills/1/wording", words(skill(city, "NT01")))
    assert again.status_code == 303
    assert len(trail(city)) == 1  # nothing changed, nothing written


def test_another_meaning_is_another_skill_from_a_day_on(city: City, as_person: AsPerson) -> None:
    """The old one ends the day before; both stand in the package, and the old visit still names the old one."""
    khanh, hoai = as_person("Khánh"), as_person("Hoài")
    log(hoai, city.doors["4"], "met", skill="9")
    old = skill(city, "CQ03")
    assert old.id == 9
    form = khanh.page("/admin/catalogue/skills/new?instead_of=9")
    assert "Thay CQ03" in form.text
    sent = form.form("/admin/catalogue/skills")
    assert sent["core"] == [old.core or ""]
    told = NEW | {"core": old.core or "", "instead_of": "9", "valid_from": day(30)}
    assert khanh.post("/admin/catalogue/skills", told).status_code == 303
    assert skill(city, "CQ03").valid_to == TODAY + timedelta(days=29)
    assert in_package(hoai)[9][-1] == 1
    assert in_package(hoai)[1001][-1] == 0  # not taught yet
    assert [action for _, action, *_ in trail(city)] == ["catalogue.skill_ended", "catalogue.skill_added"]
    listed = khanh.page("/admin/catalogue").text
    assert "Sắp có" in listed


def test_a_skill_ends_today_and_what_was_saved_until_then_counts(city: City, as_person: AsPerson) -> None:
    """Its last day is today: the phone that saved it yesterday is not told off next week."""
    khanh, hoai = as_person("Khánh"), as_person("Hoài")
    phone = Phone(hoai)
    item = phone.visit(city, "4", skill=[30], **{"level-30": 2})
    code = next(s.code for s in (skill(city, c) for c in ("XH07",)) if s.id == 30)
    assert khanh.post("/admin/catalogue/skills/30/dates", {"valid_to": day()}).status_code == 303
    assert [told["status"] for told in phone.hand_in(item)] == ["accepted"]
    assert "đến " + day() in khanh.page("/admin/catalogue").text
    assert trail(city)[-1][1:3] == ("catalogue.skill_dated", code)
    assert khanh.post("/admin/catalogue/skills/30/dates", {"valid_to": ""}).status_code == 303
    assert skill(city, code).valid_to is None


def test_the_last_skill_of_a_core_group_does_not_end(city: City, as_person: AsPerson) -> None:
    """Nobody could manage all five any more."""
    khanh = as_person("Khánh")
    with city.database.reading() as db:
        shopping = [
            each.id for each in db.exec(select(Skill).where(Skill.core == "M").order_by(col(Skill.id)))
        ]
    for each in shopping[:-1]:
        assert khanh.post(f"/admin/catalogue/skills/{each}/dates", {"valid_to": day(1)}).status_code == 303
    refused = khanh.post(f"/admin/catalogue/skills/{shopping[-1]}/dates", {"valid_to": day(1)})
    assert refused.status_code == 422
    assert "Thêm kỹ năng thay trước" in Page(refused).text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"code": "NT01"}, "Mã này đã có"),
        ({"code": "1"}, "Ghi mã gồm 2 đến 5 chữ cái"),
        ({"code": "Đ1"}, "Ghi mã gồm 2 đến 5 chữ cái"),
        ({"name_vi": ""}, "Mục này còn trống"),
        ({"short_vi": "x" * 23}, "Viết ngắn lại"),
        ({"short_vi": "dien thoai CO BAN"}, "Tên này đang dùng cho mục khác"),
        ({"short_en": "Phone basics"}, "Tên này đang dùng cho mục khác"),
        ({"name_vi": "Gọi xe ngay!"}, "Bỏ dấu chấm than"),
        ({"check_vi": "Tự đặt được. Tự hủy được."}, "Ghi đúng một câu"),
        ({"pillar": "x"}, "Chọn một trong các mục"),
        ({"digcomp": "6"}, "Chọn một trong các mục"),
        ({"core": "Z"}, "Chọn một trong các mục"),
        ({"valid_from": day(-1)}, "Ngày này đã qua"),
        ({"valid_from": day(2000)}, "Ngày này quá xa"),
        ({"sort": "1.000"}, "Chỉ ghi chữ số"),
        ({"id": "31"}, "Biểu mẫu này đã cũ"),
        ({"instead_of": "999"}, "không còn trong danh mục"),
        ({"instead_of": "9"}, "Ghi sớm nhất là ngày mai"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(
    city: City, as_person: AsPerson, changed: dict[str, str], said: str
) -> None:
    """And what was typed is still there."""
    answer = as_person("Khánh").post("/admin/catalogue/skills", NEW | changed)
    assert answer.status_code == 422
    page = Page(answer)
    assert said in page.text
    if "name_en" not in changed:
        assert page.one("input", name="name_en").attrs["value"] == "Book a ride on the phone"
    assert trail(city) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"valid_to": day(-1)}, "Ngày này đã qua"),
        ({"valid_to": "1/13/2026"}, "không có hoặc không đọc được"),
        ({"valid_from": day(3), "valid_to": ""}, "ngày bắt đầu không đổi được"),
        ({"core": "D"}, "Biểu mẫu này đã cũ"),
    ],
)
def test_days_that_would_rewrite_history_are_refused(
    city: City, as_person: AsPerson, fields: dict[str, str], said: str
) -> None:
    answer = as_person("Khánh").post("/admin/catalogue/skills/2/dates", fields)
    assert answer.status_code == 422
    assert said in Page(answer).text
    assert trail(city) == []


def test_what_is_planned_may_begin_on_another_day_and_what_is_over_is_over(
    city: City, as_person: AsPerson
) -> None:
    khanh = as_person("Khánh")
    khanh.post("/admin/catalogue/skills", NEW | {"valid_from": day(10)})
    order = khanh.post("/admin/catalogue/skills/1001/dates", {"valid_from": day(9), "valid_to": day(8)})
    assert "Ngày cuối đang trước ngày bắt đầu" in Page(order).text
    assert khanh.post("/admin/catalogue/skills/1001/dates", {"valid_from": day(5)}).status_code == 303
    assert skill(city, "DP01").valid_from == TODAY + timedelta(days=5)
    with city.database.writing() as db:
        ended = db.get(Skill, 30)
        assert ended is not None
        ended.valid_to = TODAY - timedelta(days=1)
        db.add(ended)
    assert "Đã thôi" in khanh.page("/admin/catalogue").text
    over = khanh.post("/admin/catalogue/skills/30/dates", {"valid_to": ""})
    assert over.status_code == 422
    assert "thì thêm mục mới" in Page(over).text


def test_sensitive_groups_stay_off_the_door(city: City, as_person: AsPerson) -> None:
    """Neither a switch, nor other words, nor another name makes one that a visit may name."""
    khanh, hoai = as_person("Khánh"), as_person("Hoài")
    disabled = group(city, "NKT")
    assert disabled.sensitive
    here = f"/admin/catalogue/audiences/{disabled.id}"
    shown = khanh.page(here)
    assert "không bật được cho lượt thăm" in shown.text
    assert not [e for e in shown.all("form") if e.attrs["action"].startswith("/admin")]
    assert khanh.post(f"{here}/wording", words(disabled, name_vi="Người khác")).status_code == 403
    assert khanh.post(f"{here}/dates", {"valid_to": ""}).status_code == 403
    assert khanh.post(f"{here}/wording", {"sensitive": "no"}).status_code == 403
    assert [khanh.get(f"{here}/{form}").status_code for form in ("wording", "dates")] == [403, 403]
    older = group(city, "NCT")
    switched = khanh.post(
        f"/admin/catalogue/audiences/{older.id}/wording", words(older) | {"sensitive": "yes"}
    )
    assert switched.status_code == 422
    new = {"code": "M01", "name_vi": "Nhóm", "short_vi": "Nhóm", "sort": "200", "valid_from": day()}
    for name in (
        "Người khuyết tật nặng",
        "nguoi KHUYET TAT",
        "Hộ nghèo",
        "Đồng bào dân tộc Cơ Tu",
        "Người có HIV",
    ):
        refused = khanh.post("/admin/catalogue/audiences", new | {"name_vi": name})
        assert refused.status_code == 422
        assert "không hỏi ở cửa" in Page(refused).text
        renamed = khanh.post(f"/admin/catalogue/audiences/{older.id}/wording", words(older, name_vi=name))
        assert renamed.status_code == 422
    assert khanh.post("/admin/catalogue/audiences", new | {"sensitive": "no"}).status_code == 422
    assert disabled.id not in in_package(hoai, "audiences")
    assert trail(city) == []


def test_a_new_group_is_asked_at_the_door(city: City, as_person: AsPerson) -> None:
    khanh, hoai = as_person("Khánh"), as_person("Hoài")
    new = {
        "code": "XE",
        "name_vi": "Lái xe công nghệ",
        "short_vi": "Lái xe",
        "sort": "75",
        "valid_from": day(),
    }
    assert khanh.post("/admin/catalogue/audiences", new).status_code == 303
    made = group(city, "XE")
    assert (made.id, made.sensitive, made.name_en) == (1001, False, "Lái xe công nghệ")
    assert in_package(hoai, "audiences")[1001] == ["Lái xe", "Lái xe"]
    assert "Lái xe" in open_door(hoai, city.doors["4"]).text


@pytest.mark.parametrize(
    ("who", "reads", "changes"),
    [
        ("Hoài", 403, 403),
        ("Lộc", 403, 403),
        ("Thu", 200, 403),
        ("Tâm", 200, 403),
        ("Khánh", 200, 303),
        ("Yến", 200, 403),
    ],
)
def test_who_reads_and_who_changes(city: City, as_person: AsPerson, who: str, reads: int, changes: int) -> None:  # fmt: skip
    """What is refused leaves nothing behind; what is only read has nothing to press."""
    client = as_person(who)
    for address in ("/admin/catalogue", "/admin/catalogue/skills/1", "/admin/catalogue/audiences/1"):
        assert client.get(address).status_code == reads
    if reads == 200 and changes == 403:
        page = client.page("/admin/catalogue/skills/1")
        assert not [e for e in page.all("form") if e.attrs["action"].startswith("/admin")]
    for form in ("new", "1/wording", "1/dates"):
        assert client.get(f"/admin/catalogue/skills/{form}").status_code == (200 if changes == 303 else 403)
    assert client.post("/admin/catalogue/skills", NEW).status_code == changes
    assert client.post("/admin/catalogue/skills/1/wording", words(skill(city, "NT01"), sort="11")).status_code == changes  # fmt: skip
    assert client.post("/admin/catalogue/skills/1/dates", {"valid_to": day(9)}).status_code == changes
    assert len(trail(city)) == (3 if changes == 303 else 0)


def test_addresses_that_lead_nowhere(as_person: AsPerson) -> None:
    khanh = as_person("Khánh")
    for address in ("/admin/catalogue/skills/999", "/admin/catalogue/other/1", "/admin/catalogue/skills/new?instead_of=999"):  # fmt: skip
        assert khanh.get(address).status_code in (404, 422)
    assert khanh.post("/admin/catalogue/skills/999/wording", words_of_nothing()).status_code == 404


def words_of_nothing() -> dict[str, str]:
    """A form that can be read."""
    return {"name_vi": "a", "short_vi": "a", "check_vi": "a", "sort": "1"}


def test_an_upgrade_leaves_what_an_office_changed(city: City, as_person: AsPerson) -> None:
    """`migrate` loads the files of the release again: words, days and codes of the office stay, all else follows the files."""
    khanh = as_person("Khánh")
    khanh.post("/admin/catalogue/skills/1/wording", words(skill(city, "NT01"), name_vi="Tên của thành phố"))
    khanh.post("/admin/catalogue/skills/2/dates", {"valid_to": day(9)})
    khanh.post("/admin/catalogue/skills", NEW)
    with city.database.writing() as db:
        untouched = db.get(Skill, 3)
        assert untouched is not None
        untouched.name_vi = "Khác"
        taken = db.get(Skill, 30)
        assert taken is not None
        db.delete(taken)  # as if the file had a skill that this database has never seen …
        own = db.get(Skill, 1001)
        assert own is not None
        own.code = "XH07"  # … under a code that the office took first
        db.flush()
        assert load(db) == 1
    assert skill(city, "NT01").name_vi == "Tên của thành phố"
    assert skill(city, "NT02").valid_to == TODAY + timedelta(days=9)
    assert skill(city, "NT03").name_vi.startswith("Cài đặt")
    assert skill(city, "XH07").id == 1001
