"""What a browser may post, and what becomes of it on the way in."""

import unicodedata

import pytest
from fastapi import FastAPI

from skills.forms import MOST_MARKS, Form, FormErrors, TypedDate, read
from skills.language import speaking
from skills.web.body_limit import LARGEST
from skills.web.forms import Fields
from skills.web.gate import Anyone
from tests.client import Client


@pytest.fixture
def browser(app: FastAPI) -> Client:
    """A browser on an application that says back what was posted."""

    @app.post("/echo")
    def echo(viewer: Anyone, fields: Fields) -> dict[str, list[str]]:
        return fields

    return Client(app)


def test_text_is_stored_composed(browser: Client) -> None:
    """Old keyboards and iOS send letters and marks apart."""
    apart = unicodedata.normalize("NFD", "Nguyễn Thị Thu ở Hòa Cường")
    assert browser.post("/echo", {"a": apart}).json() == {"a": ["Nguyễn Thị Thu ở Hòa Cường"]}


def test_control_characters_go_and_line_breaks_stay(browser: Client) -> None:
    """One kind of line break, whatever the browser sends."""
    assert browser.post("/echo", {"a": "một\r\nhai\x00\x07\tba\x7f"}).json() == {"a": ["một\nhai ba"]}


def test_marks_without_end_are_cut(browser: Client) -> None:
    """A letter bears thirty marks at most: composing a long pile would keep the server busy for a minute. Vietnamese stays whole."""
    piled = "Ho" + "\u0300\u0316" * 30_000 + "a"
    [kept] = browser.post("/echo", {"a": piled}).json()["a"]
    assert len(unicodedata.normalize("NFD", kept)) == len("Hoa") + MOST_MARKS
    assert (kept[:2], kept[-1]) == ("Hò", "a")


def test_repeated_names_keep_their_order(browser: Client) -> None:
    """Checkboxes of one question."""
    assert browser.post("/echo", {"skill": ["3", "1"], "b": "x"}).json() == {"skill": ["3", "1"], "b": ["x"]}


@pytest.mark.parametrize(
    "body",
    [b"a=%ED%A0%80", b"a=%FF%FE", b"a=%C3", b"%ED%A0%80=a"],
    ids=["lone surrogate", "no UTF-8", "half a letter", "in a name"],
)
def test_bytes_that_are_no_text_are_400(browser: Client, body: bytes) -> None:
    """Said, and never an error of ours."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert browser.request("POST", "/echo", content=body, headers=headers).status_code == 400


@pytest.mark.parametrize(
    "charset", ["utf-16", "idna", "punycode", "rot13", "unicode_escape", "utf-7", "no-such"]
)
def test_a_charset_of_the_senders_own_is_no_error_of_ours(browser: Client, charset: str) -> None:
    """Multipart may name any codec that Python happens to have."""
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\xd8 \\ud800 xn--\xe9\r\n--x--\r\n'
    headers = {"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"}
    assert browser.request("POST", "/echo", content=body, headers=headers).status_code in (200, 400)


@pytest.mark.parametrize(
    "body", [b"--x\r\n", b"--y\r\n\r\n", b"", b"--x\r\nContent-Disposition: form-data\r\n\r\nz\r\n--x--"]
)
def test_a_broken_multipart_is_400(browser: Client, body: bytes) -> None:
    """Or nothing at all, but never 500."""
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert browser.request("POST", "/echo", content=body, headers=headers).status_code in (200, 400)


def test_files_are_refused(browser: Client) -> None:
    """No page of ours has a file field."""
    answer = browser.request("POST", "/echo", files={"a": ("a.txt", b"x")})
    assert answer.status_code == 400


def test_a_thousand_fields_and_no_more(browser: Client) -> None:
    """A page of ours has some hundred at most."""
    assert browser.post("/echo", {f"f{n}": "1" for n in range(1000)}).status_code == 200
    assert browser.post("/echo", {f"f{n}": "1" for n in range(1001)}).status_code == 400


def test_a_megabyte_and_no_more(browser: Client) -> None:
    """413 with a page that says what to do, whether the size is declared or not."""
    assert browser.post("/echo", {"a": "x" * (LARGEST - 2)}).status_code == 200
    answer = browser.post("/echo", {"a": "x" * LARGEST})
    assert answer.status_code == 413
    assert "quá lớn" in answer.text
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    endless = headers | {"Content-Length": "9" * 5000}  # more digits than Python reads as a number
    assert browser.request("POST", "/echo", content=b"a=x", headers=endless).status_code == 413
    undeclared = (b"a" * 65536 for _ in range(17))
    assert browser.request("POST", "/echo", content=undeclared, headers=headers).status_code == 413


def test_json_where_a_form_is_expected_has_no_fields(browser: Client) -> None:
    """Not an error: the form then says what is missing."""
    assert browser.request("POST", "/echo", json={"a": 1}).json() == {}


class Visit(Form):
    """A form for the tests below."""

    people: int
    day: TypedDate
    note: str = ""


def test_every_error_is_a_sentence_beside_its_field() -> None:
    """In the language of the request, with what was typed kept."""
    found = read(Visit, {"people": ["hai"], "day": ["31/2/2026"], "note": ["  "], "x": ["1"]})
    assert isinstance(found, FormErrors)
    assert found.values["people"] == "hai"
    assert found.errors["people"] == "Chỉ ghi chữ số, không có dấu chấm hay phẩy, ví dụ 2."
    assert found.errors.keys() == {"people", "day", ""}
    with speaking("en"):
        told = read(Visit, {"people": ["hai"]})
    assert isinstance(told, FormErrors)
    assert told.errors["people"] == "Write digits alone, without points or commas, for example 2."
    assert told.errors["day"] == "This is empty. Fill it in and save again."
