"""How somebody is refused who brings a person in, comes in, comes back, or opens a phone with a PIN: brought about through the pages."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import time_machine

from skills import clock
from skills.invitations.invite import A_DAY, invite
from skills.people.models import Role
from tests.admin.teams.story import TWO, day
from tests.client import Client
from tests.invitations.story import NAME, PIN, come_in, invited_by
from tests.invitations.test_return import card_for
from tests.web.refusals import SIGN_IN, Desk, Refusal

INVITE, CARDS, JOIN, RETURN = "Mời một người", "Thẻ mời", "Vào Từng Nhà", "Trở lại Từng Nhà"
NEW_PIN = "Đặt mã PIN"


# Who invites


def invited(desk: Desk, who: str = "Thu", **typed: str | None) -> Any:
    """The form for one person."""
    client = desk.browser(who)
    return client.submit(client.page("/invitations/new"), "/invitations", **({"full_name": NAME} | typed))


def invited_too_many(desk: Desk) -> Any:
    """One more than a day has room for."""
    ward = desk.city.wards["An Hải"].id
    viewer = desk.city.viewer("Phúc")
    with desk.city.database.writing() as db:
        for n in range(A_DAY):
            invite(db, viewer, full_name=f"Người {n}", phone=None, role=Role.VOLUNTEER, area_id=ward)
    return invited(desk, "Phúc")


def no_cards(desk: Desk) -> Any:
    """The list, with nobody ticked."""
    invited_by(desk.city)
    client = desk.browser("Thu")
    return client.submit(client.page("/invitations"), "/invitations/cards", which=None)


# Who comes in


def code(desk: Desk, times: int = 1, **typed: str) -> Any:
    """Where a short code is typed, so many times."""
    client, usual = desk.stranger(), {"tel": "0905777009", "code": "abcdefgh"}
    return [client.submit(client.page("/join"), "/join", **(usual | typed)) for _ in range(times)][-1]


def join(desk: Desk, **typed: Any) -> Any:
    """The page of a card that knows the number of whoever comes in."""
    return come_in(desk.stranger(), invited_by(desk.city).token, **typed)


def join_with_a_number(desk: Desk, **typed: Any) -> Any:
    """The page of a card on which the number is to be written."""
    return come_in(desk.stranger(), invited_by(desk.city, phone=None).token, **typed)


def join_an_office(desk: Desk, **typed: Any) -> Any:
    """The page of a card for somebody who works in an office."""
    city = desk.city
    made = invited_by(city, "Khánh", phone=None, role=Role.OFFICER, area_id=city.district.id, team=None)
    return come_in(desk.stranger(), made.token, **({"pin": None, "tel": "0905777008"} | typed))


def come_back(desk: Desk, who: str = "Bảo", by: str = "Thu", **typed: Any) -> Any:
    """The page of a card for coming back."""
    return come_in(desk.stranger(), card_for(desk.city, desk.browser(by), who), **typed)


def closed(desk: Desk, what: str) -> Any:
    """A card with which nobody comes in."""
    made, thu = invited_by(desk.city, phone=None), desk.browser("Thu")
    if what == "revoked":
        thu.post(f"/invitations/{made.invitation_id}/revocation")
    if what == "used":
        come_in(desk.stranger(), made.token, tel="0905777007")
    if what == "for another":
        return thu.get(f"/join/{made.token}")
    with time_machine.travel(clock.now() + timedelta(hours=25 if what == "expired" else 0)):
        return desk.stranger().get(f"/join/{made.token}")


def void(desk: Desk) -> Any:
    """The card of somebody whose team was dissolved since."""
    thu = desk.browser("Thu")
    ward = str(desk.city.wards["Hải Châu"].id)
    team = thu.post("/admin/teams", {"ward": ward, "name": "Tổ thôi ngay"}).headers["location"]
    with desk.city.database.writing() as db:
        made = invite(
            db, desk.city.viewer("Thu"), full_name=NAME, phone=None, role=Role.VOLUNTEER, area_id=int(ward),
            team_id=uuid.UUID(team.rpartition("/")[2]),
        )  # fmt: skip
    thu.post(f"{team}/dissolution", {"since": day()})
    return desk.stranger().get(f"/join/{made.token}")


# Whoever has a PIN


def switch(desk: Desk, times: int = 1, **typed: str | None) -> Any:
    """The form of who takes the phone, sent so many times."""
    client = desk.on_her_phone()
    return [client.submit(client.page("/switch"), "/switch", **typed) for _ in range(times)][-1]


def pin(desk: Desk, **typed: str) -> Any:
    """The form of a new PIN."""
    return _pin(desk.on_her_phone(), typed)


def pin_later(desk: Desk, times: int = 1, **typed: str) -> Any:
    """The same half an hour after the last proof, sent so many times: the present PIN is asked for."""
    client = desk.on_her_phone()
    with time_machine.travel(clock.now() + timedelta(minutes=31)):
        return [_pin(client, {"present": "417905"} | typed) for _ in range(times)][-1]


def _pin(client: Client, typed: dict[str, str]) -> Any:
    usual = {"pin": "920417", "again": "920417"}
    return client.submit(client.page("/devices/pin"), "/devices/pin", **(usual | typed))


def _typed(
    where: str, bring_about: Callable[..., Any], why: str, named: str = "", /, shown: bool = True, **typed: Any
) -> Refusal:  # fmt: skip
    """A field typed wrongly; what was typed is there still, unless it can't be or must not (`shown`)."""
    return Refusal(where, why, partial(bring_about, **typed), named=named, typed=typed if shown else {})


COMING_IN: tuple[Refusal, ...] = (
    _typed(INVITE, invited, "chưa ghi tên", "full_name", full_name=""),
    _typed(INVITE, invited, "tên quá dài", "full_name", full_name="x" * 121),
    _typed(INVITE, invited, "tên chỉ có ký tự không thấy được", "full_name", False, full_name="\u200b"),
    _typed(INVITE, invited, "số không đúng", "tel", tel="0905"),
    _typed(INVITE, invited, "số quá dài", "tel", tel="0" * 41),
    _typed(INVITE, invited, "số đã có tài khoản", "tel", tel="0905000001"),
    _typed(INVITE, invited, "vai trò không có", "role", False, role="x"),
    _typed(INVITE, invited, "vai trò không thuộc cấp này", "role", False, role="officer"),
    _typed(INVITE, invited, "tổ không đọc được", "team", False, team="x"),
    Refusal(INVITE, "tổ của phường khác", lambda desk: invited(desk, team=str(desk.city.teams[TWO].id)), named="team", typed={"full_name": NAME}),
    _typed(INVITE, invited, "địa bàn không đọc được", "", False, area="x"),
    _typed(INVITE, invited, "có thêm mục lạ", "", False, issued_by="x"),
    Refusal(INVITE, "đã mời đủ của một ngày", invited_too_many, typed={"full_name": NAME}),
    Refusal(CARDS, "chưa chọn ai để in", no_cards, named="which"),
    _typed(SIGN_IN, code, "vào bằng mã, chưa ghi số", "tel", tel=""),
    _typed(SIGN_IN, code, "vào bằng mã, số quá dài", "tel", tel="0" * 41),
    Refusal(SIGN_IN, "vào bằng mã, chưa ghi mã", lambda desk: code(desk, code=""), named="code", typed={"tel": "0905777009"}),
    Refusal(SIGN_IN, "vào bằng mã, mã quá dài", lambda desk: code(desk, code="x" * 41), named="code", typed={"tel": "0905777009"}),
    _typed(SIGN_IN, code, "vào bằng mã, mã chưa đúng", "", tel="0905777006"),
    Refusal(SIGN_IN, "vào bằng mã, thử quá nhiều lần", lambda desk: code(desk, 6, tel="0905777005"), 429, typed={"tel": "0905777005"}),
    _typed(JOIN, join, "chưa ghi tên", "full_name", False, full_name=" "),
    _typed(JOIN, join, "tên quá dài", "full_name", full_name="x" * 121),
    _typed(JOIN, join_with_a_number, "chưa ghi số", "tel", tel=""),
    _typed(JOIN, join_with_a_number, "số không đúng", "tel", tel="0905"),
    _typed(JOIN, join_with_a_number, "số quá dài", "tel", tel="0" * 41),
    _typed(JOIN, join_with_a_number, "số đã có tài khoản", "tel", tel="0905000011"),
    _typed(JOIN, join, "chưa chọn mã PIN", "pin", pin=""),
    Refusal(JOIN, "mã PIN chưa đủ sáu số", lambda desk: join(desk, pin="12345", full_name="Phan Sương"), named="pin", typed={"full_name": "Phan Sương"}),
    _typed(JOIN, join, "mã PIN quá dài", "pin", False, pin="1" * 41),
    _typed(JOIN, join, "mã PIN nhiều người dùng", "pin", False, pin="123456"),
    _typed(JOIN, join, "mã PIN là ngày sinh", "pin", False, pin="280890"),
    _typed(JOIN, join, "mã PIN nằm trong số của mình", "pin", False, pin="577700"),
    _typed(JOIN, join, "mật khẩu ngắn", "pw", False, pw="ngắn"),
    _typed(JOIN, join, "mật khẩu quá dài", "pw", False, pw="x" * 201),
    _typed(JOIN, join, "có thêm mục lạ", "", False, role="city_admin"),
    Refusal(JOIN, "cán bộ, chưa ghi mật khẩu", lambda desk: join_an_office(desk, pw=""), named="pw", typed={"tel": "0905777008"}),
    Refusal(JOIN, "cán bộ, mật khẩu ngắn", lambda desk: join_an_office(desk, pw="ngắn"), named="pw", typed={"tel": "0905777008"}),
    _typed(RETURN, come_back, "chưa chọn mã PIN", "pin", pin=""),
    _typed(RETURN, come_back, "mã PIN chưa đủ sáu số", "pin", False, pin="12"),
    _typed(RETURN, come_back, "mật khẩu ngắn", "pw", False, pw="ngắn"),
    _typed(RETURN, come_back, "có thêm mục lạ", "", False, full_name="Tên khác"),
    Refusal(RETURN, "cán bộ, chưa ghi mật khẩu", lambda desk: come_back(desk, "Tâm", "Khánh", pin=None, pw=""), named="pw"),
    Refusal(JOIN, "không có thẻ này", lambda desk: desk.get("", "/join/x"), 404),
    Refusal(JOIN, "thẻ đã hết hạn", lambda desk: closed(desk, "expired"), 410),
    Refusal(JOIN, "thẻ đã thu hồi", lambda desk: closed(desk, "revoked"), 410),
    Refusal(JOIN, "thẻ đã dùng", lambda desk: closed(desk, "used"), 410),
    Refusal(JOIN, "thẻ không còn hiệu lực", void, 410),
    Refusal(JOIN, "máy đang mở bằng tên khác", lambda desk: closed(desk, "for another"), 409),
    Refusal(SIGN_IN, "PIN: chưa chọn ai", lambda desk: switch(desk, person=None, pin=PIN), named="person"),
    Refusal(SIGN_IN, "PIN: chưa ghi", lambda desk: switch(desk, pin=""), named="pin"),
    Refusal(SIGN_IN, "PIN: chưa đúng", lambda desk: switch(desk, pin="417905"), named="pin"),
    Refusal(SIGN_IN, "PIN: còn một lần", lambda desk: switch(desk, 4, pin="417905"), named="pin"),
    Refusal(SIGN_IN, "PIN: người khác của máy khác", lambda desk: switch(desk, person=str(desk.city.people["Ngân"].id), pin=PIN), named="pin"),
    Refusal(SIGN_IN, "PIN: đã tắt", lambda desk: switch(desk, 5, pin="417905")),
    _typed(NEW_PIN, pin, "chưa đủ sáu số", "pin", False, pin="5082", again="5082"),
    _typed(NEW_PIN, pin, "ngày sinh", "pin", False, pin="280890", again="280890"),
    _typed(NEW_PIN, pin, "hai lần khác nhau", "again", False, again="508275"),
    _typed(NEW_PIN, pin, "chưa ghi lại", "again", again=""),
    _typed(NEW_PIN, pin_later, "mã đang dùng, chưa ghi", "present", present=""),
    _typed(NEW_PIN, pin_later, "mã đang dùng, chưa đúng", "present", False, present="417905"),
    _typed(NEW_PIN, pin_later, "mã đang dùng, quá dài", "present", False, present="1" * 21),
    Refusal(NEW_PIN, "mã đang dùng, đã tắt", lambda desk: pin_later(desk, 5), named="present"),
)  # fmt: skip
