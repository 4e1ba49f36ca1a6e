"""How an office is refused: in the teams, the catalogue, the map, people and the trail; brought about through the pages."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import time_machine
from sqlmodel import col, select

from skills import clock
from skills.catalogue.models import Skill
from tests.admin.catalogue.test_catalogue import NEW
from tests.admin.people.hostile_sheets import workbook
from tests.admin.teams.story import FIVE, NINE, address, day, person
from tests.cast import SINCE
from tests.visits.pages import log
from tests.web.refusals import Desk, Refusal

POSTING, SHEET, TRAIL = "Đổi phân công", "Mời cả danh sách", "Nhật ký"
TEAM, MEMBER, GROUPS = "Tổ công nghệ số", "Thành viên của tổ", "Tổ dân phố của tổ"
DISSOLUTION, HAND_OVER = "Giải thể tổ", "Bàn giao"
SKILL, AUDIENCE, WORDS, DAYS, MAP = "Thêm kỹ năng", "Thêm nhóm", "Sửa câu chữ", "Đổi ngày", "Địa bàn"
BORN = f"{SINCE:%d/%m/%Y}"  # since when everybody of the cast is in their team


# Teams


def sent(desk: Desk, page: str, action: str, who: str = "Thu", /, **typed: Any) -> Any:
    """The form of a page, posted with something else in it."""
    client = desk.browser(who)
    return client.submit(client.page(page), action, **typed)


def team(desk: Desk, **typed: str) -> Any:
    """The form of a new team."""
    return sent(desk, "/admin/teams/new", "/admin/teams", **({"name": "Tổ số 14"} | typed))


def correction(desk: Desk, **typed: str) -> Any:
    """The form with the name and the decision of a team."""
    here = address(desk.city, FIVE, "/correction")
    return sent(desk, here, here, **typed)


def joined(desk: Desk, name: str = "Mai", at: str = "", **typed: str) -> Any:
    """The form of who joins a team."""
    here = at or address(desk.city)
    usual = {"person": person(desk.city, name)} if name else {}
    return sent(desk, f"{here}/members/new", f"{here}/members", **(usual | typed))


def member(desk: Desk, what: str, at: str = "", name: str = "Bảo", **typed: str) -> Any:
    """A form of the page of a member; `what`: "place" or "end"."""
    here = f"{at or address(desk.city)}/members/{person(desk.city, name)}"
    return sent(desk, here, f"{here}/{what}", **typed)


def groups(desk: Desk, *names: str, **typed: Any) -> Any:
    """The form with the residential groups that a team may be given."""
    here, ticked = address(desk.city), [str(desk.city.groups[name].id) for name in names]
    return sent(desk, f"{here}/groups/new", f"{here}/groups", **({"group": ticked} | typed))


def group_ends(desk: Desk, **typed: str) -> Any:
    """The form that ends going to a residential group."""
    here = address(desk.city, FIVE, f"/groups/{desk.city.groups['Tổ 12'].id}")
    return sent(desk, here, f"{here}/end", **typed)


def dissolution(desk: Desk, at: str = "", **typed: str) -> Any:
    """The form that ends a team."""
    here = f"{at or address(desk.city)}/dissolution"
    return sent(desk, here, here, **typed)


def hand_over(desk: Desk, at: str = "", of: str = "Lộc", **typed: Any) -> Any:
    """The form with which somebody's agreed days go to others."""
    here = f"{at or address(desk.city)}/hand-over"
    return sent(desk, f"{here}?person={person(desk.city, of)}", here, **typed)


def another_team(desk: Desk) -> str:
    """The address of a team that was set up just now."""
    location: str = team(desk, name=f"Tổ {uuid.uuid4().hex}").headers["location"]
    return location


def goes_to(desk: Desk, team_at: str, group: str, since: str) -> None:
    """From that day on a team goes to that residential group."""
    fields = {"group": str(desk.city.groups[group].id), "since": since}
    assert desk.browser("Thu").post(f"{team_at}/groups", fields).status_code == 303


def joins_one_that_ends(desk: Desk, **typed: str) -> Any:
    """A team that is to be dissolved in a month."""
    here = another_team(desk)
    assert dissolution(desk, here, since=day(30)).status_code == 303
    return joined(desk, at=here, **typed)


def member_with_plans(desk: Desk, what: str, **typed: str) -> Any:
    """Mai, who joins next week, is deputy from the week after, and leaves in a month."""
    here = another_team(desk)
    assert joined(desk, at=here, since=day(7)).status_code == 303
    assert member(desk, "place", here, "Mai", role="deputy", since=day(14)).status_code == 303
    assert member(desk, "end", here, "Mai", since=day(30)).status_code == 303
    return member(desk, what, here, "Mai", **typed)


def dissolved_into_one_with_plans(desk: Desk) -> Any:
    """The team that is to take the residential group goes there in a month anyway."""
    here, other = another_team(desk), another_team(desk)
    goes_to(desk, here, "Tổ 12", day())
    goes_to(desk, other, "Tổ 12", day(30))
    return dissolution(desk, here, to=other.rpartition("/")[2], since=day())


def handed_to_one_with_plans(desk: Desk) -> Any:
    """The same, when somebody's groups are handed over."""
    other = another_team(desk)
    goes_to(desk, other, "Tổ 13", day(30))
    group = str(desk.city.groups["Tổ 13"].id)
    return hand_over(desk, to=f"team:{other.rpartition('/')[2]}", group=[group])


def handed_over_after_leaving(desk: Desk) -> Any:
    """Bảo keeps a day at a door of a team to which he does not belong; a page of yesterday still offers that he leaves it."""
    log(desk.browser("Bảo"), desk.city.doors["K61/1"], "come_back", come_back_on=day(3))
    here = another_team(desk)
    goes_to(desk, here, "Tổ 13", day())
    return hand_over(desk, here, "Bảo", to=f"team:{desk.city.teams[FIVE].id}", leaves="yes")


# The catalogue


def skill(desk: Desk, **typed: str) -> Any:
    """The form of a new skill."""
    return sent(desk, "/admin/catalogue/skills/new", "/admin/catalogue/skills", "Khánh", **(NEW | typed))


def audience(desk: Desk, **typed: str) -> Any:
    """The form of a new audience group."""
    usual = {"code": "MN01", "name_vi": "Nhóm", "short_vi": "Nhóm", "sort": "200", "valid_from": day()}
    page, to = "/admin/catalogue/audiences/new", "/admin/catalogue/audiences"
    return sent(desk, page, to, "Khánh", **(usual | typed))


def wording(desk: Desk, **typed: str) -> Any:
    """The form with the words of a skill."""
    here = "/admin/catalogue/skills/1/wording"
    return sent(desk, here, here, "Khánh", **typed)


def dates(desk: Desk, skill_id: int = 2, **typed: str) -> Any:
    """The form with the days of a skill."""
    here = f"/admin/catalogue/skills/{skill_id}/dates"
    return sent(desk, here, here, "Khánh", **typed)


def dates_of_a_plan(desk: Desk, **typed: str) -> Any:
    """The same, of a skill that begins in ten days."""
    plan = {"code": "DP77", "name_vi": "Sắp dạy", "short_vi": "Sắp dạy", "name_en": "", "short_en": ""}
    made = skill(desk, **plan, valid_from=day(10))
    return dates(desk, int(made.headers["location"].rpartition("/")[2]), **typed)


def dates_of_what_is_over(desk: Desk) -> Any:
    """The day after tomorrow, of a skill that ends today."""
    assert dates(desk, 30, valid_to=day()).status_code == 303
    with time_machine.travel(clock.now() + timedelta(days=2)):
        return dates(desk, 30, valid_to="")


def last_of_its_core(desk: Desk, **typed: str) -> Any:
    """The only skill of online shopping that is taught after tomorrow."""
    with desk.city.database.reading() as db:
        shopping = db.exec(select(Skill.id).where(Skill.core == "M").order_by(col(Skill.id))).all()
    for each in shopping[:-1]:
        assert dates(desk, each, valid_to=day(1)).status_code == 303
    return dates(desk, shopping[-1], **typed)


# People


def posting(desk: Desk, **typed: str) -> Any:
    """Another role for Hoài, by the city administrator."""
    client, here = desk.browser("Khánh"), f"/admin/people/{desk.city.people['Hoài'].id}"
    [link] = [e.attrs["href"] for e in client.page(here).all("a") if "?posting=" in e.attrs["href"]]
    usual = {"area": str(desk.city.wards["Hải Châu"].id), "role": "volunteer"}
    return client.post(here + "/posting", {"posting": link.partition("=")[2]} | usual | typed)


def sheet(desk: Desk, data: bytes, name: str = "a.xlsx", **typed: str) -> Any:
    """A file with names, sent by the ward lead."""
    area = {"area": str(desk.city.wards["Hải Châu"].id)} | typed
    return desk.browser("Thu").post("/admin/people/sheet", area, files={"file": (name, data)})


def _typed(
    where: str, bring_about: Callable[..., Any], why: str, named: str = "", /, shown: bool = True, **typed: Any
) -> Refusal:  # fmt: skip
    """A field typed wrongly; what was typed is there still, unless it is nothing that the page could show (`shown`)."""
    return Refusal(where, why, partial(bring_about, **typed), named=named, typed=typed if shown else {})


def _looked_up(where: str, why: str, query: str, named: str = "", **typed: Any) -> Refusal:
    path = {TRAIL: "/admin/audit", MAP: "/admin/areas"}[where]
    return Refusal(where, why, lambda desk: desk.get("Thu", f"{path}?{query}"), named=named, typed=typed)


def _handed(why: str, named: str, to: str, *group: str) -> Refusal:
    """`to`: the name of a member or a team."""

    def bring_about(desk: Desk) -> Any:
        city = desk.city
        receiver = f"team:{city.teams[to].id}" if to in city.teams else f"member:{person(city, to)}"
        return hand_over(desk, to=receiver, group=[str(city.groups[name].id) for name in group])

    return Refusal(HAND_OVER, why, bring_about, named=named)


OFFICE: tuple[Refusal, ...] = (
    _typed(TEAM, team, "phường không đọc được", "ward", False, ward="x"),
    _typed(TEAM, team, "phường của người khác", "ward", False, ward="1"),
    _typed(TEAM, team, "chưa ghi tên", "name", name=""),
    _typed(TEAM, team, "tên quá dài", "name", name="x" * 121),
    _typed(TEAM, team, "tên đã có", "name", name=NINE.upper()),
    _typed(TEAM, team, "số quyết định quá dài", "decision_no", decision_no="x" * 61),
    _typed(TEAM, team, "ngày quyết định không có", "decision_date", decision_date="30/02/2026", decision_no="7/QĐ"),
    _typed(TEAM, team, "ngày quyết định chưa tới", "decision_date", decision_date=day(1)),
    _typed(TEAM, team, "ngày quyết định quá sớm", "decision_date", decision_date="1/1/2019"),
    _typed(TEAM, team, "có thêm mục lạ", "", False, area_id="1"),
    _typed(TEAM, correction, "sửa, có người từ trước", "decision_date", decision_date=day(-1)),
    _typed(TEAM, correction, "sửa, thêm phường", "", False, ward="x"),
    _typed(MEMBER, joined, "chưa chọn người", "person", name="", since=day(2)),
    _typed(MEMBER, joined, "người của phường khác", "person", False, name="Ngân"),
    _typed(MEMBER, joined, "vị trí không có", "role", False, role="x"),
    _typed(MEMBER, joined, "tổ trưởng chưa có vai trò", "role", role="leader", since=day()),
    _typed(MEMBER, joined, "chưa ghi ngày", "since", since="", role="deputy"),
    _typed(MEMBER, joined, "ngày không có", "since", since="32/1/2026"),
    _typed(MEMBER, joined, "ngày quá sớm", "since", since="31/12/2019"),
    _typed(MEMBER, joined, "ngày quá xa", "since", since=day(400)),
    _typed(MEMBER, joins_one_that_ends, "tổ đã giải thể vào ngày đó", "since", since=day(40)),
    Refusal(MEMBER, "đã ở tổ vào ngày đó", lambda desk: joined(desk, "Bảo", since=day(-20)), named="since", typed={"since": day(-20)}),
    Refusal(MEMBER, "đổi vị trí, chưa có vai trò", lambda desk: member(desk, "place", role="leader"), named="role", typed={"role": "leader"}),
    Refusal(MEMBER, "đổi vị trí, chưa ở tổ", lambda desk: member(desk, "place", role="deputy", since="1/1/2025"), named="since", typed={"since": "1/1/2025", "role": "deputy"}),
    Refusal(MEMBER, "đổi vị trí, đã có thay đổi định sẵn", lambda desk: member_with_plans(desk, "place", role="deputy", since=day(8)), named="since", typed={"since": day(8)}),
    Refusal(MEMBER, "thôi, ngày trước khi vào", lambda desk: member(desk, "end", since=BORN), named="since", typed={"since": BORN}),
    Refusal(MEMBER, "thôi, đã thôi trước ngày đó", lambda desk: member_with_plans(desk, "end", since=day(60)), named="since", typed={"since": day(60)}),
    Refusal(GROUPS, "chưa chọn tổ dân phố", lambda desk: groups(desk, since=day(5)), named="group", typed={"since": day(5)}),
    Refusal(GROUPS, "tổ dân phố của phường khác", lambda desk: groups(desk, "Tổ 40", "Tổ 3"), named="group"),
    Refusal(GROUPS, "đã được giao", lambda desk: groups(desk, "Tổ 40", "Tổ 13"), named="group"),
    Refusal(GROUPS, "ngày không có", lambda desk: groups(desk, "Tổ 40", since="x"), named="since", typed={"since": "x"}),
    _typed(GROUPS, group_ends, "thôi, ngày trước khi giao", "since", since=BORN),
    _typed(DISSOLUTION, dissolution, "tổ nhận không có", "to", False, to=str(uuid.UUID(int=7))),
    _typed(DISSOLUTION, dissolution, "có người vào sau ngày đó", "since", since=BORN),
    Refusal(DISSOLUTION, "tổ nhận sẽ đến đó", dissolved_into_one_with_plans, named="to"),
    _typed(HAND_OVER, hand_over, "chưa chọn ai nhận", "to", to=""),
    _handed("người nhận của phường khác", "to", "Ngân"),
    _handed("tổ dân phố giao cho người", "group", "Bảo", "Tổ 13"),
    _handed("tổ dân phố của tổ khác", "group", NINE, "Tổ 40"),
    _handed("không có gì để giao", "to", NINE),
    Refusal(HAND_OVER, "tổ nhận sẽ đến đó", handed_to_one_with_plans, named="group"),
    Refusal(HAND_OVER, "đã thôi từ trước", handed_over_after_leaving),
    _typed(HAND_OVER, hand_over, "không rõ của ai", "", False, person="x", to=""),
    _typed(SKILL, skill, "mã không đúng dạng", "code", code="1"),
    _typed(SKILL, skill, "mã đã có", "code", code="NT01"),
    _typed(SKILL, skill, "chưa ghi tên", "name_vi", name_vi="", name_en="Book a ride"),
    _typed(SKILL, skill, "tên có dấu chấm than", "name_vi", name_vi="Gọi xe ngay!"),
    _typed(SKILL, skill, "tên ngắn quá dài", "short_vi", short_vi="x" * 23),
    _typed(SKILL, skill, "tên ngắn đã dùng", "short_vi", short_vi="dien thoai CO BAN"),
    _typed(SKILL, skill, "hai câu", "check_vi", check_vi="Tự đặt được. Tự hủy được."),
    _typed(SKILL, skill, "thứ tự có dấu chấm", "sort", sort="1.000"),
    _typed(SKILL, skill, "thứ tự quá lớn", "sort", sort="10000"),
    _typed(SKILL, skill, "trụ cột không có", "pillar", False, pillar="x"),
    _typed(SKILL, skill, "lĩnh vực không có", "digcomp", False, digcomp="6"),
    _typed(SKILL, skill, "nhóm cốt lõi không có", "core", False, core="Z"),
    _typed(SKILL, skill, "ngày đã qua", "valid_from", valid_from=day(-1)),
    _typed(SKILL, skill, "ngày quá xa", "valid_from", valid_from=day(2000)),
    _typed(SKILL, skill, "ngày không có", "valid_from", valid_from="1/13/2026"),
    _typed(SKILL, skill, "thay, bắt đầu hôm nay", "valid_from", instead_of="9", valid_from=day()),
    _typed(SKILL, skill, "thay, kỹ năng không có", "", False, instead_of="999"),
    _typed(SKILL, skill, "thay, không đọc được", "", False, instead_of="x"),
    _typed(SKILL, skill, "có thêm mục lạ", "", False, id="31"),
    _typed(AUDIENCE, audience, "nhóm nhạy cảm", "name_vi", name_vi="Người khuyết tật nặng"),
    _typed(AUDIENCE, audience, "chưa ghi tên ngắn", "short_vi", short_vi="", name_en="Group"),
    _typed(WORDS, wording, "chưa ghi", "check_vi", check_vi="", check_en="Made a call."),
    _typed(WORDS, wording, "tên đã dùng", "short_en", short_en="wi-fi, data, storage", name_en="Other words"),
    _typed(WORDS, wording, "có thêm mục lạ", "", False, code="NT02"),
    _typed(DAYS, dates, "ngày cuối đã qua", "valid_to", valid_to=day(-1)),
    _typed(DAYS, dates, "ngày cuối không có", "valid_to", valid_to="1/13/2026"),
    _typed(DAYS, dates, "đã bắt đầu", "valid_from", valid_from=day(3)),
    _typed(DAYS, dates_of_a_plan, "ngược ngày", "valid_to", valid_from=day(9), valid_to=day(8)),
    _typed(DAYS, last_of_its_core, "kỹ năng cuối của nhóm cốt lõi", "valid_to", valid_to=day(1)),
    Refusal(DAYS, "đã thôi", dates_of_what_is_over),
    _looked_up(MAP, "ngày không có", "day=31/2/2026&q=Liên Chiểu", "day", day="31/2/2026", q="Liên Chiểu"),
    _looked_up(MAP, "tên quá dài", f"q={'x' * 81}&day=1/2/2025", "q", q="x" * 81, day="1/2/2025"),
    _looked_up(MAP, "địa chỉ có phần lạ", "page=2"),
    _typed(POSTING, posting, "vai trò không có", "role", False, role="x"),
    _typed(POSTING, posting, "vai trò không thuộc cấp này", "role", False, role="officer"),
    _typed(POSTING, posting, "địa bàn không đọc được", "", False, area="x"),
    _typed(POSTING, posting, "tổ không đọc được", "team", False, team="x"),
    _typed(POSTING, posting, "tổ không có", "team", False, team=str(uuid.UUID(int=7))),
    Refusal(SHEET, "không chọn tệp", lambda desk: sheet(desk, b""), named="file"),
    Refusal(SHEET, "không phải bảng tính", lambda desk: sheet(desk, b"x"), named="file"),
    Refusal(SHEET, "bảng không có tiêu đề", lambda desk: sheet(desk, workbook([["x"]])), named="file"),
    Refusal(SHEET, "bảng không có tên", lambda desk: sheet(desk, workbook([["Họ tên", "SĐT"]])), named="file"),
    Refusal(SHEET, "CSV không phải UTF-8", lambda desk: sheet(desk, b"\xff\xfex", "a.csv"), named="file"),
    Refusal(SHEET, "địa bàn không đọc được", lambda desk: sheet(desk, b"x", area="x"), named="area"),
    Refusal(SHEET, "bản xem trước đã cũ", lambda desk: desk.browser("Thu").post("/admin/people/imports", {"seen": "x"}), named="file"),
    _looked_up(TRAIL, "ngày không có", "day=31/2/2026", "day", day="31/2/2026"),
    _looked_up(TRAIL, "mã có dấu cách", "subject=a b", "subject", subject="a b"),
    _looked_up(TRAIL, "việc không có", "action=X", "action"),
    _looked_up(TRAIL, "người không có", "actor=x"),
    _looked_up(TRAIL, "trang không đọc được", "before=x"),
    _looked_up(TRAIL, "danh sách không có", "what=x"),
    _looked_up(TRAIL, "địa chỉ có phần lạ", "page=2"),
)  # fmt: skip
