"""Every way in which a form or an address of ours can be refused, brought about through the pages themselves.

Here: signing in, the work at the doors, reports, and what is refused anywhere. `refusals_of_coming_in.py` has invitations and PINs,
`refusals_of_the_office.py` what offices send. `test_refusals.py` reads all of them in both languages and writes them onto one page.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import time_machine

from skills import clock
from skills.people.enrolments import remember
from skills.people.models import Person
from tests.accounts.second_factor import give_second_factor
from tests.cast import PASSWORD, City
from tests.client import Client, Page
from tests.coverage.story import hold, page_of, visit_fields
from tests.visits.pages import form_of, log, open_door

Typed = dict[str, Any]


@dataclass(frozen=True)
class Refusal:
    """One refusal. `where`: the page, in words; `why`: what was wrong with what was sent; `named`: the field whose sentence it is, "" for the
    page as a whole; `typed`: what has to be there still."""

    where: str
    why: str
    bring_about: Callable[["Desk"], Any]
    status: int = 422
    named: str = ""
    typed: Typed = field(default_factory=dict)


@dataclass
class Desk:
    """Where refusals are brought about: the city, and a browser for each person, in one language."""

    city: City
    browser: Callable[[str], Client]
    stranger: Callable[[], Client]

    def sign_in(self, **typed: str) -> Any:
        """The form of the sign-in page."""
        client = self.stranger()
        return client.submit(client.page("/sign-in"), "/sign-in", **typed)

    def on_her_phone(self) -> Client:
        """The browser of somebody who has just given her password there, and has a PIN."""
        client = self.stranger()
        client.submit(client.page("/sign-in"), "/sign-in", tel="0905000001", pw=PASSWORD)
        client.submit(client.page("/devices/pin"), "/devices/pin", pin="508274", again="508274")
        return client

    def too_many_tries(self) -> Any:
        """The eleventh within five minutes."""
        return [self.sign_in(tel="0905000013", pw="x") for _ in range(11)][-1]

    def door(self, **typed: str | None) -> Any:
        """The form for a door that nobody has written down."""
        client = self.browser("Hoài")
        usual: dict[str, str | None] = {
            "group": str(self.city.groups["Tổ 12"].id), "street": "Hàng Dừa", "number": "K45/14"
        }  # fmt: skip
        return client.submit(client.page("/households/new"), "/households", **(usual | typed))

    def door_used_again(self) -> Any:
        """The back button after a door was added, and another number."""
        client = self.browser("Hoài")
        page = client.page("/households/new")
        usual = {"group": str(self.city.groups["Tổ 12"].id), "street": "Lê Lợi", "room": uuid.uuid4().hex[:8]}
        client.submit(page, "/households", **usual, number="90")
        return client.submit(page, "/households", **usual, number="92")

    def visit(self, outcome: str = "met", **typed: Any) -> Any:
        """The form of a visit at K45/12."""
        client = self.browser("Hoài")
        sent = form_of(open_door(client, self.city.doors["K45/12"]), outcome) | typed
        return client.post("/visits", {name: value for name, value in sent.items() if value is not None})

    def visit_sent_again(self, **typed: str) -> Any:
        """A visit that was stored, sent once more with something else in it."""
        client = self.browser("Hoài")
        sent = form_of(open_door(client, self.city.doors["6"]), "met")
        client.post("/visits", sent)
        return client.post("/visits", sent | {"people": "4"} | typed)

    def correction(self, meanwhile: str = "", **typed: Any) -> Any:
        """The form of a stored visit; `meanwhile` somebody corrects or voids it."""
        client = self.browser("Hoài")
        address = log(client, self.city.doors["7"])
        page = client.page(f"{address}/correction")
        if meanwhile == "corrected":
            client.submit(client.page(f"{address}/correction"), f"{address}/correction", people="7")
        if meanwhile == "voided":
            client.submit(client.page(f"{address}/void"), f"{address}/void", reason="twice")
        return client.submit(page, f"{address}/correction", **typed)

    def void(self, meanwhile: bool = False, **typed: Any) -> Any:
        """The form that asks why a visit should not count; `meanwhile` it was corrected."""
        client = self.browser("Hoài")
        address = log(client, self.city.doors["7"])
        page = client.page(f"{address}/void")
        if meanwhile:
            client.submit(client.page(f"{address}/correction"), f"{address}/correction", people="7")
        return client.submit(page, f"{address}/void", **typed)

    def answer(self, verb: str, code: str = "no_place", state: str = "held", **typed: str) -> Any:
        """An answer of the ward lead to something in her tray that can't be taken as it is."""
        ward, nowhere = self.city.wards["Hải Châu"].id, uuid.uuid4()
        op = "door" if code == "new_door" else "visit"
        fields = visit_fields((ward, nowhere))
        if op == "door":
            fields = {"group": str(self.city.groups["Tổ 40"].id), "street": "Lý Thường Kiệt", "number": "31"}
        held = hold(
            self.city,
            "Hoài",
            fields,
            "no_place" if op == "door" else code,
            op,
            fact=nowhere,
            ward=ward,
            state=state,
        )
        return self.browser("Thu").post(f"{page_of(held)}/{verb}", typed)

    def answer_with_another_door(self) -> Any:
        """The id of a door that was sent twice, with another address each time."""
        ward = self.city.wards["Hải Châu"].id
        fields = {"group": str(self.city.groups["Tổ 40"].id), "street": "Lý Thường Kiệt", "number": "97"}
        held = hold(self.city, "Hoài", fields, "no_place", "door", fact=self.city.doors["31"].id, ward=ward)
        return self.browser("Thu").post(f"{page_of(held)}/acceptance", {})

    def counts(self, **typed: str | None) -> Any:
        """The monthly counts of a group."""
        client = self.browser("Hoài")
        return client.submit(client.page("/group-counts/new"), "/group-counts", **typed)

    def counts_sent_again(self) -> Any:
        """Counts that were stored, sent once more with another number."""
        client = self.browser("Hoài")
        sent = client.page("/group-counts/new").form("/group-counts") | {"poor": ["1"]}
        client.post("/group-counts", sent)
        return client.post("/group-counts", sent | {"poor": ["2"]})

    def code(self, **typed: str) -> Any:
        """The page of the code, of somebody who has set one up."""
        give_second_factor(self.city, "Yến")
        client = self.stranger()
        client.post("/sign-in", {"tel": "0905000006", "pw": PASSWORD})
        return client.submit(client.page("/sign-in/code"), "/sign-in/code", **typed)

    def set_up(self, **typed: str) -> Any:
        """The page with the square."""
        client = self.browser("Thu")
        page = client.page("/account/second-factor")
        return client.submit(page, "/account/second-factor", **typed)

    def confirm(self, who: str = "Thu", **typed: str) -> Any:
        """The page that asks who sits there."""
        if who == "Yến":
            give_second_factor(self.city, who)
        client = self.browser(who)
        return client.submit(client.page("/confirm"), "/confirm", **typed)

    def confirm_by_pin(self, **typed: str) -> Any:
        """The same, for somebody who has a PIN on this phone and no password."""
        with self.city.database.writing() as db:
            person = db.get_one(Person, self.city.people["Mai"].id)
            person.password_hash = None
            db.add(person)
            device = remember(db, None, person.id, "508274", "")
        client = self.browser("Mai")
        client.cookies.set("device", device)
        return client.submit(client.page("/confirm"), "/confirm", **typed)

    def not_confirmed(self) -> Any:
        """A program that sends what a person has to confirm first."""
        client = self.browser("Thu")
        with time_machine.travel(clock.now() + timedelta(minutes=31)):
            return client.get("/account/second-factor", headers={"Accept": "application/json"})

    def get(self, who: str, address: str, **options: Any) -> Any:
        """An address as somebody types it."""
        return (self.browser(who) if who else self.stranger()).get(address, **options)

    def send(self, method: str, address: str, **options: Any) -> Any:
        """A request by hand, as Hoài."""
        return self.browser("Hoài").request(method, address, **options)


_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
FUTURE = f"{clock.today() + timedelta(days=400):%d/%m/%Y}"
SET_UP = "Cài xác nhận hai bước"
SIGN_IN, DOOR, VISIT = "Đăng nhập", "Hộ mới", "Ghi lượt thăm"
CORRECTION, VOID, REPORT = "Sửa lượt thăm", "Hủy lượt thăm", "Báo cáo"
TRAY, COUNTS = "Chờ xếp chỗ", "Số theo nhóm của tổ"


def _typed(where: str, do: str, why: str, named: str, /, shown: bool = True, **typed: Any) -> Refusal:
    """A field typed wrongly; what was typed is there still, unless it is no text (`shown`)."""
    return Refusal(
        where, why, lambda desk: getattr(desk, do)(**typed), named=named, typed=typed if shown else {}
    )


def _asked(why: str, query: str, named: str = "", path: str = "/reports", **typed: Any) -> Refusal:
    return Refusal(REPORT, why, lambda desk: desk.get("Thu", f"{path}?{query}"), named=named, typed=typed)


REFUSALS: tuple[Refusal, ...] = (
    Refusal(SIGN_IN, "chưa ghi số điện thoại", lambda desk: desk.sign_in(tel="", pw="x"), named="tel"),
    Refusal(SIGN_IN, "chưa ghi mật khẩu", lambda desk: desk.sign_in(tel="0905000001", pw=""), named="pw", typed={"tel": "0905000001"}),
    Refusal(SIGN_IN, "số quá dài", lambda desk: desk.sign_in(tel="0" * 41, pw="x"), named="tel", typed={"tel": "0" * 41}),
    Refusal(SIGN_IN, "mật khẩu quá dài", lambda desk: desk.sign_in(tel="0905000001", pw="x" * 201), named="pw"),
    Refusal(SIGN_IN, "sai mật khẩu", lambda desk: desk.sign_in(tel="0905000001", pw="x"), typed={"tel": "0905000001"}),
    Refusal(SIGN_IN, "số không có ai", lambda desk: desk.sign_in(tel="0999", pw="x"), typed={"tel": "0999"}),
    Refusal(SIGN_IN, "trang đã cũ", lambda desk: desk.sign_in(tel="0905000001", pw="x", remember="1"), typed={"tel": "0905000001"}),
    Refusal(SIGN_IN, "thử quá nhiều lần", lambda desk: desk.too_many_tries(), 429, typed={"tel": "0905000013"}),
    Refusal(SIGN_IN, "chưa ghi mã", lambda desk: desk.code(code=""), named="code"),
    Refusal(SIGN_IN, "mã sai", lambda desk: desk.code(code="000 00"), named="code"),
    Refusal(SIGN_IN, "mã, trang đã cũ", lambda desk: desk.code(code="000000", remember="1")),
    _typed(SET_UP, "set_up", "chưa ghi mã", "code", code="", shown=False),
    _typed(SET_UP, "set_up", "mã sai", "code", code="12", shown=False),
    _typed(SET_UP, "set_up", "trang đã cũ", "", sealed="x" * 300, code="123456", shown=False),
    Refusal(SIGN_IN, "xác nhận lại, mật khẩu quá dài", lambda desk: desk.confirm(pw="x" * 201), named="pw"),
    Refusal(SIGN_IN, "xác nhận lại, sai mật khẩu", lambda desk: desk.confirm(pw="x")),
    Refusal(SIGN_IN, "xác nhận lại, mã quá dài", lambda desk: desk.confirm("Yến", code="1" * 41), named="code"),
    Refusal(SIGN_IN, "xác nhận lại, PIN quá dài", lambda desk: desk.confirm_by_pin(pin="1234567"), named="pin"),
    Refusal(SIGN_IN, "chương trình khác chưa xác nhận lại", lambda desk: desk.not_confirmed(), 403),
    _typed(DOOR, "door", "chưa chọn tổ", "group", group=""),
    _typed(DOOR, "door", "tổ không phải là số", "group", shown=False, group="x"),
    _typed(DOOR, "door", "chưa ghi đường", "street", street=""),
    _typed(DOOR, "door", "đường chỉ có dấu", "street", street="..."),
    _typed(DOOR, "door", "tên đường quá dài", "street", street="x" * 81),
    _typed(DOOR, "door", "chưa ghi số nhà", "number", number=""),
    _typed(DOOR, "door", "số nhà chỉ có dấu", "number", number="///"),
    _typed(DOOR, "door", "số nhà quá dài", "number", number="1" * 31),
    _typed(DOOR, "door", "phòng quá dài", "room", room="x" * 31),
    _typed(DOOR, "door", "hộ kinh doanh không đọc được", "is_business", shown=False, is_business="x"),
    _typed(DOOR, "door", "trang đã cũ", "", shown=False, id="x"),
    _typed(DOOR, "door", "có thêm mục lạ", "", shown=False, ward_id="1"),
    _typed(DOOR, "door", "hộ giống hộ đã có", "", number="K45/12"),
    Refusal(DOOR, "biểu mẫu đã dùng cho hộ khác", lambda desk: desk.door_used_again(), 409, typed={"number": "92", "street": "Lê Lợi"}),
    _typed(VISIT, "visit", "chưa ghi số người", "people", people=""),
    _typed(VISIT, "visit", "số người bằng chữ", "people", people="hai"),
    _typed(VISIT, "visit", "số người có dấu chấm", "people", people="1.000"),
    _typed(VISIT, "visit", "số người âm", "people", people="-1"),
    _typed(VISIT, "visit", "số người quá lớn", "people", people="1000000"),
    _typed(VISIT, "visit", "số người dài năm nghìn chữ số", "people", people="9" * 5000),
    _typed(VISIT, "visit", "lần đầu nhiều hơn tổng", "people_new", people="2", people_new="3"),
    _typed(VISIT, "visit", "nhóm nhiều hơn tổng", "audience-2", True, **{"audience-2": "42"}),
    _typed(VISIT, "visit", "nhóm bằng chữ", "audience-2", True, **{"audience-2": "hai"}),
    _typed(VISIT, "visit", "nhóm không có trong danh sách", "", shown=False, **{"audience-99": "1"}),
    _typed(VISIT, "visit", "kỹ năng không có trong danh sách", "skill", shown=False, skill=["99"]),
    _typed(VISIT, "visit", "mức không có", "skill", shown=False, skill=["7"], **{"level-7": "4"}),
    _typed(VISIT, "visit", "ngày không có", "visited_on", visited_on="31/2/2026"),
    _typed(VISIT, "visit", "ngày chưa tới", "visited_on", visited_on=FUTURE),
    _typed(VISIT, "visit", "ngày hẹn không có", "come_back_on", come_back_on="31/2/2026"),
    _typed(VISIT, "visit", "ngày hẹn trước ngày thăm", "come_back_on", come_back_on="1/1/2020"),
    _typed(VISIT, "visit", "hẹn sau bao lâu không đọc được", "come_back_in", shown=False, come_back_in="x"),
    _typed(VISIT, "visit", "hẹn lại mà không có ngày", "come_back_on", shown=False, outcome="come_back"),
    _typed(VISIT, "visit", "ghi chú quá dài", "note", note="x" * 501),
    Refusal(VISIT, "kết quả không có", lambda desk: _outcome(desk, "x"), named="outcome", typed={"note": "gọi cửa sau"}),
    Refusal(VISIT, "không có kết quả", lambda desk: _outcome(desk, ""), named="outcome", typed={"note": "gọi cửa sau"}),
    _typed(VISIT, "visit", "trang đã cũ", "", shown=False, item="x"),
    Refusal(VISIT, "đã lưu với nội dung khác", lambda desk: desk.visit_sent_again(), 409, typed={"people": "4"}),
    Refusal(VISIT, "đã lưu, gửi lại từ trang cũ", lambda desk: desk.visit_sent_again(item=str(uuid.uuid4())), 409, typed={"people": "4"}),
    _typed(CORRECTION, "correction", "kết quả không có", "outcome", shown=False, outcome="x"),
    _typed(CORRECTION, "correction", "số người bằng chữ", "people", people="hai"),
    _typed(CORRECTION, "correction", "trang đã cũ", "", shown=False, base="x"),
    Refusal(CORRECTION, "vừa được sửa ở nơi khác", lambda desk: desk.correction("corrected", people="9"), 409, typed={"people": "9"}),
    Refusal(CORRECTION, "vừa được hủy", lambda desk: desk.correction("voided", people="9"), 409, typed={"people": "9"}),
    _typed(VOID, "void", "chưa chọn lý do", "reason", shown=False),
    _typed(VOID, "void", "lý do không có", "reason", shown=False, reason="x"),
    _typed(VOID, "void", "trang đã cũ", "", shown=False, reason="twice", item="x"),
    Refusal(VOID, "vừa được sửa ở nơi khác", lambda desk: desk.void(meanwhile=True, reason="twice"), 409),
    Refusal(TRAY, "nhà không ở trong phường", lambda desk: desk.answer("acceptance")),
    Refusal(TRAY, "nhà không đọc được", lambda desk: desk.answer("acceptance", door="x")),
    Refusal(TRAY, "hai bản, chưa chọn bản nào", lambda desk: desk.answer("choice")),
    Refusal(TRAY, "chưa chọn phường", lambda desk: desk.answer("move"), named="ward"),
    Refusal(TRAY, "đang ở phường đó", lambda desk: desk.answer("move", ward=str(desk.city.wards["Hải Châu"].id)), named="ward"),
    Refusal(TRAY, "chưa chọn lý do", lambda desk: desk.answer("return"), named="reason"),
    Refusal(TRAY, "có chỗ không đọc được", lambda desk: desk.answer("acceptance", "invalid", visited_on="31/2/2026")),
    Refusal(TRAY, "nhà mới có thể đã có", lambda desk: desk.answer("acceptance", "new_door")),
    Refusal(TRAY, "mã của nhà khác", lambda desk: desk.answer_with_another_door()),
    _typed(COUNTS, "counts", "chưa ghi số nào", "disabled"),
    _typed(COUNTS, "counts", "số bằng chữ", "poor", poor="hai"),
    _typed(COUNTS, "counts", "tháng không có", "month", shown=False, month="x", poor="1"),
    _typed(COUNTS, "counts", "tháng chưa tới", "month", shown=False, month="2190-01", poor="1"),
    _typed(COUNTS, "counts", "tổ không đọc được", "", shown=False, group="x", poor="1"),
    Refusal(COUNTS, "đã lưu với nội dung khác", lambda desk: desk.counts_sent_again(), 409, typed={"poor": "2"}),
    _asked("không có kỳ này", "period=2026-13", "period", period="2026-13"),
    _asked("lịch Nghị định 09 không có tuần", "period=2026-W33&calendar=nd09", "period", period="2026-W33"),
    _asked("kỳ chưa tới", "period=2190", "period", period="2190"),
    _asked("ngày chưa tới", "from=1/1/2190&to=2/1/2190", "from", to="2/1/2190"),
    _asked("vừa kỳ vừa ngày", "period=2026-08&from=1/8/2026&to=2/8/2026", "period", period="2026-08", to="2/8/2026"),
    _asked("thiếu đến ngày", "from=1/8/2026", "to", **{"from": "1/8/2026"}),
    _asked("thiếu từ ngày", "to=1/8/2026", "from", to="1/8/2026"),
    _asked("ngược ngày", "from=2/8/2026&to=1/8/2026", "to", to="1/8/2026"),
    _asked("quá dài", "from=1/1/2024&to=1/2/2026", "to", to="1/2/2026"),
    _asked("ngày không có", "from=31/2/2026&to=1/3/2026", "from", **{"from": "31/2/2026"}),
    _asked("địa bàn không đọc được", "area=x&period=2026-08", period="2026-08"),
    _asked("địa giới không có", "lens=x"),
    _asked("lịch không có", "calendar=x"),
    _asked("cột không có", "sort=x"),
    _asked("thứ tự không có", "desc=x"),
    _asked("địa chỉ có phần lạ", "page=2"),
    _asked("tệp theo gì không đọc được", "by=x", path="/reports/download.csv"),
    _asked("chương trình khác hỏi sai", "by=x", path="/api/v1/totals"),
    _asked("chương trình khác hỏi từng ngày quá lâu", "period=2025&by=day", path="/api/v1/totals"),
    Refusal("Trang lỗi", "không có trang", lambda desk: desk.get("Hoài", "/no-such-page"), 404),
    Refusal("Trang lỗi", "ngoài vai trò", lambda desk: desk.get("Tâm", "/households"), 403),
    Refusal("Trang lỗi", "địa chỉ không đọc được", lambda desk: desk.get("Hoài", "/households?start=x"), 422),
    Refusal("Trang lỗi", "cách mở không có", lambda desk: desk.send("DELETE", "/households"), 405),
    Refusal("Trang lỗi", "gửi lên không đọc được", lambda desk: desk.send("POST", "/visits", content=b"note=%FF", headers=_FORM), 400),
    Refusal("Trang lỗi", "gửi lên quá lớn", lambda desk: desk.send("POST", "/visits", content=b"x" * 1_100_000, headers=_FORM), 413),
    Refusal("Trang lỗi", "từ trang khác", lambda desk: desk.send("POST", "/visits", headers={"Sec-Fetch-Site": "cross-site"}), 403),
    Refusal("Trang lỗi", "chương trình chưa đăng nhập", lambda desk: desk.get("", "/api/v1/totals"), 401),
    Refusal("Trang lỗi", "đã có bản ghi khác", lambda desk: desk.get("", "/raise/conflict"), 409),
    Refusal("Trang lỗi", "đã có bản ghi khác, ở một chỗ", lambda desk: desk.get("", "/raise/conflict-there"), 409),
    Refusal("Trang lỗi", "quá nhiều lần", lambda desk: desk.get("", "/raise/429"), 429),
    Refusal("Trang lỗi", "máy chủ gặp lỗi", lambda desk: desk.get("", "/raise/unforeseen"), 500),
    Refusal("Trang lỗi", "máy chủ bận", lambda desk: desk.get("", "/raise/busy"), 503),
    Refusal("Trang lỗi", "hết chỗ lưu", lambda desk: desk.get("", "/raise/full"), 503),
    Refusal("Trang lỗi", "lỗi khác", lambda desk: desk.get("", "/raise/418"), 418),
    Refusal("Biểu mẫu chưa có lời riêng", "chưa ghi", lambda desk: desk.get("", "/bare"), 422, "day"),
)  # fmt: skip


def _outcome(desk: Desk, outcome: str) -> Any:
    client = desk.browser("Hoài")
    sent = form_of(open_door(client, desk.city.doors["K45/12"]), "met") | {"note": "gọi cửa sau"}
    return client.post("/visits", sent | {"outcome": outcome})


def sentences_of(answer: Any) -> list[str]:
    """What a person reads of a refusal: the sentences at the fields, the notes, and what an error page or a problem says."""
    if answer.headers.get("content-type", "").startswith("application/problem+json"):
        told = answer.json()
        return [told["title"], told["detail"], *told.get("fields", {}).values()]
    page = Page(answer)
    texts = [e.text for e in page.all("p", class_="error")]
    texts += [e.text for e in page.elements if e.tag in ("p", "li", "h2") and _in_note(e)]
    if not any(texts) and len(page.all("h1")) == 1:
        main = page.one("main")
        texts += [e.text for e in main.children if not isinstance(e, str) and e.tag in ("h1", "p")]
    return list(dict.fromkeys(text for text in texts if text))


def _in_note(element: Any) -> bool:
    here = element.parent
    while here is not None:
        if "hidden" in here.attrs:  # what a script may say some day
            return False
        if "note" in here.attrs.get("class", "").split():
            return True
        here = here.parent
    return False
