"""The short code: read aloud, typed with a number within ten minutes, five tries, and worth nothing afterwards."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from skills import clock
from skills.invitations.tokens import ALPHABET, new_code, new_token
from tests.cast import City
from tests.client import Client, Page
from tests.conftest import AsPerson
from tests.invitations.story import PHONE, TYPED, come_in, invited_by, person_of, stored, trail

WRONG = "Số điện thoại hoặc mã chưa đúng, hoặc mã đã quá 10 phút. Xem lại, hoặc xin mã mới."


def shown(page: Page) -> str:
    """The code on the page of a card, as it is printed."""
    return page.one("p", class_="big-no").text


def opened(as_person: AsPerson, invitation_id: object) -> Page:
    """The card that the ward lead opens."""
    return Page(as_person("Thu").post(f"/invitations/{invitation_id}/reissue"))


def typed(client: Client, tel: str, code: str) -> Any:
    """Both, in the form."""
    return client.submit(client.page("/join"), "/join", tel=tel, code=code)


def test_what_they_are_made_of() -> None:
    """32 signs that nobody takes for one another: 140 bits in a link, 40 in a code."""
    assert len(set(ALPHABET)) == len(ALPHABET) == 32
    assert not set("01io") & set(ALPHABET)
    assert re.fullmatch(f"[{ALPHABET}]{{28}}", new_token())
    assert re.fullmatch(f"[{ALPHABET}]{{8}}", new_code())


@pytest.mark.parametrize("tel", ["0905777001", "+84 905 777 001"])
@pytest.mark.parametrize(
    "how", [str, str.upper, lambda code: code.replace("-", ""), lambda code: f" {code} "]
)
def test_from_the_code_to_the_first_page(
    city: City, as_person: AsPerson, stranger: Client, tel: str, how: Callable[[str], str]
) -> None:
    """However it is typed, it leads to a link of its own; the one on the card is worth nothing then."""
    invited = invited_by(city)
    card = opened(as_person, invited.invitation_id)
    assert TYPED in card.text
    answer = typed(stranger, tel, how(shown(card)))
    assert answer.status_code == 303
    token = answer.headers["location"].removeprefix("/join/")
    assert come_in(stranger, token).headers["location"] == "/"
    assert person_of(city) is not None
    assert trail(city)[1:3] == ["invitation.reissued", "invitation.code_used"]


def test_it_is_used_up(city: City, as_person: AsPerson, stranger: Client) -> None:
    """By whoever types it first."""
    invited = invited_by(city)
    code = shown(opened(as_person, invited.invitation_id))
    assert typed(stranger, PHONE, code).status_code == 303
    assert WRONG in Page(typed(stranger, PHONE, code)).text


def test_after_ten_minutes(city: City, as_person: AsPerson, stranger: Client) -> None:
    """It is over, and so is the count of tries."""
    invited = invited_by(city)
    code = shown(opened(as_person, invited.invitation_id))
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1)):
        answer = typed(stranger, PHONE, code)
        assert (answer.status_code, WRONG in Page(answer).text) == (422, True)


def test_known_and_unknown_numbers_are_told_the_same(
    city: City, as_person: AsPerson, stranger: Client
) -> None:
    """Status, words and length: who guesses learns nothing, to the sixth try and beyond."""
    opened(as_person, invited_by(city).invitation_id)
    for n in range(7):
        known, unknown = typed(stranger, "0905777001", "abcdefgh"), typed(stranger, "0905777002", "abcdefgh")
        assert known.status_code == unknown.status_code == (422 if n < 5 else 429)
        assert known.text.replace("0905777001", "0905777002") == unknown.text
        assert ("retry-after" in known.headers) is (n >= 5)


def test_a_new_code_opens_it_again(city: City, as_person: AsPerson, stranger: Client) -> None:
    """A stranger who guesses can't keep anybody out: the lead opens the card once more."""
    invited = invited_by(city)
    opened(as_person, invited.invitation_id)
    for _ in range(6):
        answer = typed(stranger, PHONE, "wrong")
    assert answer.status_code == 429
    assert "mã mới dùng được ngay" in Page(answer).text
    assert typed(stranger, PHONE, shown(opened(as_person, invited.invitation_id))).status_code == 303


@pytest.mark.parametrize("what", ["expired", "revoked"])
def test_of_a_card_that_is_over(city: City, as_person: AsPerson, stranger: Client, what: str) -> None:
    """No code opens it, or it says so on its page."""
    invited = invited_by(city)
    code = shown(opened(as_person, invited.invitation_id))
    if what == "revoked":
        as_person("Thu").post(f"/invitations/{invited.invitation_id}/revocation")
        assert typed(stranger, PHONE, code).status_code == 422
        return
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        assert typed(stranger, PHONE, code).status_code == 422


def test_without_a_number_there_is_no_code(city: City, as_person: AsPerson) -> None:
    """The QR code and the link are enough."""
    card = opened(as_person, invited_by(city, phone=None).invitation_id)
    assert not card.all("p", class_="big-no")


def test_neither_is_stored(city: City, as_person: AsPerson) -> None:
    """Only hashes are, and of the code a keyed one."""
    invited = invited_by(city)
    card = opened(as_person, invited.invitation_id)
    kept = str(stored(city, invited.invitation_id).model_dump())
    assert shown(card) not in kept
    assert shown(card).replace("-", "") not in kept


def test_what_is_typed_wrong(stranger: Client) -> None:
    """The number stays, the code is never sent back."""
    answer = typed(stranger, "0905777001", "<b>x</b>" * 10)
    assert answer.status_code == 422
    assert "Mã gồm 8 ký tự. Ghi lại mã." in Page(answer).text
    assert "&lt;b&gt;" not in answer.text
    assert Page(answer).form("/join")["tel"] == ["0905777001"]
    assert "Ghi mã 8 ký tự" in Page(typed(stranger, "0905777001", "")).text
