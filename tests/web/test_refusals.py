"""Every refusal says what is wrong, where, and how to put it right, in both languages; all of them stand on one page to be read.

The page is `screenshots/refusals.html`, which git does not keep.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

import pytest
from babel.messages.pofile import read_po
from fastapi import FastAPI, HTTPException, Request, Response
from pydantic import Field

from skills.errors import Busy, Conflict
from skills.forms import Form, FormErrors, TypedDate, read
from skills.language import PO_FILE, ngettext, speaking
from skills.web.answers import problem
from skills.web.gate import Anyone
from skills.web.render import TEMPLATES
from tests.cast import City
from tests.client import Client, Element, Page
from tests.conftest import AsPerson
from tests.test_words import ROOT, said_in_python
from tests.web import refusals
from tests.web.refusals import Desk, Refusal, sentences_of
from tests.web.refusals_of_coming_in import COMING_IN
from tests.web.refusals_of_the_office import OFFICE

REFUSALS = (*refusals.REFUSALS, *COMING_IN, *OFFICE)

PAGE = ROOT / "screenshots" / "refusals.html"

# What a program says to itself, and no person should read.
DEVELOPER = re.compile(
    r"\b(None|str|int|bool|dict|NaN|null|undefined|validation|pydantic|ValueError|Traceback|value_error|uuid)\b"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-|%\(|[a-z]+_[a-z]+|\{|\}"
)
# A sentence that puts something right names an act.
ACTS = {
    "vi": "ghi|chọn|sửa|viết|xóa|bỏ|thử lại|mở|đánh dấu|lưu|bấm|xem|chờ|kiểm tra|báo|đăng nhập|tách|dùng thẻ|dùng mật khẩu|xin|gặp|nhờ|đổi vai trò|thêm|tải|điền",
    "en": "write|choose|correct|make|clear|fill|give|take|try|open|press|save|log|wait|check|tell|told|goes|tick|sign in|look|start|repeat|cancel|enter|use a|ask|change the role|see your|add|download",
}
# The heading of the list above says on every page that something is to be corrected: it is no advice.
HEADING = re.compile(r"(Chưa lưu\. )?Cần sửa \d|Not saved\.|\d+ things? to correct$")
# What is never sent back: whoever looks over a shoulder, or has the phone next, would read it.
SECRETS = {"pin", "again", "present", "pw"}


class Bare(Form):
    """A form that has no words of its own: the common ones stand in."""

    day: TypedDate
    people: int
    kind: Literal["a", "b"] = "a"
    yes: bool = False
    when: date | None = None
    few: Annotated[int, Field(le=3)] = 0


@dataclass(frozen=True)
class Told:
    """A refusal as it was read in one language."""

    refusal: Refusal
    language: str
    answer: Any
    sentences: list[str]


@pytest.fixture(scope="module")
def told() -> dict[str, list[Told]]:
    """What was read, by language; filled by the tests below."""
    return {"vi": [], "en": []}


@pytest.fixture
def desk(app: FastAPI, city: City, as_person: AsPerson) -> Desk:
    """The city, with addresses at which the rarest errors happen."""
    raised: dict[str, Exception] = {
        "conflict": Conflict("x"),
        "conflict-there": Conflict("x", location="/visits"),
        "429": HTTPException(429),
        "418": HTTPException(418),
        "busy": Busy("locked"),
        "full": Busy("SQLITE_FULL"),
        "unforeseen": RuntimeError("x"),
    }

    @app.get("/raise/{what}")
    def raise_it(viewer: Anyone, what: str) -> None:
        raise raised[what]

    @app.get("/bare")
    def bare(request: Request, viewer: Anyone) -> Response:
        """All that can be wrong with a form of which nobody has thought yet."""
        found: dict[str, str] = {}
        for typed in (
            {"people": "x", "kind": "c", "yes": "z", "when": "x", "few": "4"},
            {"people": "9" * 5000, "day": "x", "z": "1"},
        ):
            errors = read(Bare, {name: [value] for name, value in typed.items()})
            assert isinstance(errors, FormErrors)
            found |= {f"{name} {len(found)}": sentence for name, sentence in errors.errors.items()}
        return problem(422, "x", "x", fields=found)

    return Desk(city, as_person, lambda: Client(app))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_refusal_is_told_where_it_was_typed(
    desk: Desk, told: dict[str, list[Told]], language: str
) -> None:
    """A sentence at the field and in the list above, what was typed still there, and no word that only a program understands."""
    person, stranger = desk.browser, desk.stranger
    desk.browser = lambda name: _speaking(person(name), language)
    desk.stranger = lambda: _speaking(stranger(), language)
    wrong = []
    for refusal in REFUSALS:
        name = f"{language}, {refusal.where}, {refusal.why}"
        answer = refusal.bring_about(desk)
        sentences = sentences_of(answer)
        told[language].append(Told(refusal, language, answer, sentences))
        found = [f"answered {answer.status_code}"] if answer.status_code != refusal.status else []
        found += [f"{text!r} is no word for a person" for text in sentences if DEVELOPER.search(_read(text))]
        if not advises(sentences, language):
            found.append(f"nobody learns what to do: {sentences}")
        if answer.headers.get("content-type", "").startswith("text/html"):
            found += at_its_field(Page(answer), refusal)
        wrong += [f"{name}: {each}" for each in found]
    assert not wrong, "\n".join(wrong)


def advises(sentences: list[str], language: str) -> bool:
    """Whether some sentence names an act by which to go on."""
    said = [text for text in sentences if not HEADING.match(text)]
    return any(re.search(ACTS[language], text, re.IGNORECASE) for text in said)


def at_its_field(page: Page, refusal: Refusal) -> list[str]:
    """The sentence stands at the control, tied to it; the list above leads there; what was typed is there."""
    found = []
    errors = {e.attrs["id"]: e.text for e in page.all("p", class_="error") if "id" in e.attrs}
    if refusal.named:
        own = [e for e in page.elements if _is_of(e, refusal.named)]
        tied = {id_ for e in own for id_ in e.attrs.get("aria-describedby", "").split()} & errors.keys()
        tied |= {
            id_ for id_ in errors if refusal.named in ("skill", "outcome") and id_ == f"f-{refusal.named}-e"
        }
        if not tied:
            found.append(f"nothing ties a sentence to {refusal.named}: {errors}")
        ids = {e.attrs.get("id") for e in own} | {f"f-{refusal.named}", "met"}
        links = {
            e.attrs.get("href", "")[1:] for e in page.all("a") if any(errors[each] in e.text for each in tied)
        }
        if page.all("div", role="alert", tabindex="-1") and not links & ids:
            found.append(f"the list above does not lead to {refusal.named}: {links}, {ids}")
        if refusal.where != "Đăng nhập" and not page.all("div", role="alert", tabindex="-1"):
            found.append("there is no list above")
    for name, value in refusal.typed.items():
        kept = [_holds(e) for e in page.elements if e.attrs.get("name") == name]
        if value and name not in SECRETS and value not in kept:
            found.append(f"{name}={value!r} was lost: {kept}")
    found += [f"{e.attrs['name']} was sent back" for e in page.all("input") if _is_secret(e) and _holds(e)]
    return found


def _holds(element: Element) -> str:
    """What a control sends as it stands; "" for a choice that is not made."""
    if element.tag == "select":
        return next((o.attrs["value"] for o in element.walk() if "selected" in o.attrs), "")
    if element.attrs.get("type") in ("radio", "checkbox") and "checked" not in element.attrs:
        return ""
    return element.attrs.get("value", element.text)


def _is_secret(element: Element) -> bool:
    one_time = element.attrs.get("autocomplete") == "one-time-code"
    return one_time or element.attrs.get("type") == "password" or element.attrs.get("name") in SECRETS


def _is_of(element: Element, name: str) -> bool:
    """The control of that name, or the group around its choices."""
    own = element.attrs.get("name") == name
    group = element.attrs.get("role") in ("radiogroup", "group") and any(
        e.attrs.get("name") == name for e in element.walk()
    )
    return own or group


def _read(text: str) -> str:
    """Without the words that an address is made of, which other programs and their authors do read."""
    return re.sub(r"\b(then|today|civil|nd09|area|skill|audience|ladder|day)\b|\(.*?\)|K45/12", "", text)


def _speaking(client: Client, language: str) -> Client:
    client.cookies.set("language", language)
    return client


# Sentences that no form class has: the verb or the route says them.
SAID_ELSEWHERE = (
    "web/errors.py", "invitations/invite.py", "invitations/routes.py", "devices/routes.py", "people/pins.py",
    "admin/people/routes.py",
)  # fmt: skip


def may_be_said() -> Iterator[str]:
    """Every sentence with which a form is refused: what the forms and the error pages say, and the notes of a clash."""
    files = [ROOT / "skills" / name for name in SAID_ELSEWHERE]
    for file in [*files, *sorted((ROOT / "skills").rglob("forms.py"))]:
        for each in said_in_python(file.read_bytes()):
            yield each if isinstance(each, str) else each[0]
    for file in sorted(TEMPLATES.rglob("*.html")):
        for block in re.findall(
            r"{% if (?:clash|alike) %}\n(.*?){% endif %}\n", file.read_text("utf-8"), re.DOTALL
        ):
            yield from re.findall(r'_\("([^"]+)"', block)


def never_said(told: list[str], sentences: dict[str, str]) -> list[str]:
    """The sentences, by their Vietnamese, that stand in none of the texts."""
    whole = "\n".join(told)
    return [vi for vi, said in sentences.items() if not re.search(_pattern(said), whole)]


def _pattern(sentence: str) -> str:
    return ".+".join(re.escape(part) for part in re.split(r"%\(\w+\)s", sentence))


# Said by no refusal, and why.
UNSAID = {
    "Hoàn tác ngay sau khi lưu": "a reason to choose, no refusal",
    "Ghi nhầm nhà": "a reason to choose, no refusal",
    "Ghi trùng lượt khác": "a reason to choose, no refusal",
    "Ghi nhầm ngày": "a reason to choose, no refusal",
    "Chỉ là ghi thử": "a reason to choose, no refusal",
    "Không phải việc của phường này": "a reason to choose, no refusal",
    "Trùng với lượt khác": "a reason to choose, no refusal",
    "Cần hỏi lại người ghi": "a reason to choose, no refusal",
    "Về trang đầu": "the way on, no refusal",
    "Mở bản mới nhất": "the way on, no refusal",
    "Xem lượt đã lưu": "the way on, no refusal",
    "Ghi lượt thăm": "the way on, no refusal",
}


def test_every_sentence_that_may_be_said_was_read(told: dict[str, list[Told]]) -> None:
    """In both languages; a new sentence has to be brought about, or it is missed here."""
    with PO_FILE.open("rb") as source:
        english = {message.id: message.string for message in read_po(source, locale="en") if message.id}
    plain = {
        (each if isinstance(each, str) else each[0]): (
            said if isinstance(said, str) else next(iter(said or [""]))
        )
        for each, said in english.items()
    }
    wanted = [each for each in dict.fromkeys(may_be_said()) if each not in UNSAID]
    assert len(wanted) >= 70
    for language, said in (
        ("vi", {each: each for each in wanted}),
        ("en", {each: plain[each] for each in wanted}),
    ):
        texts = [sentence for one in told[language] for sentence in one.sentences]
        assert never_said(texts, said) == [], language
    assert set(UNSAID) <= set(may_be_said()) | {"Xem lượt đã lưu", "Ghi lượt thăm"}


def test_a_sentence_that_nobody_brings_about_is_missed() -> None:
    """The detector, with one that is there and one that is not."""
    said = {"Ghi %(n)s.": "Ghi %(n)s.", "Không ai nói.": "Không ai nói."}
    assert never_said(["Ghi 3."], said) == ["Không ai nói."]
    assert "Chọn ngày hẹn." in set(may_be_said())
    assert len([each for each in may_be_said() if "còn nguyên bên dưới" in each]) >= 3


def test_a_refusal_without_its_sentence_or_its_words_is_seen() -> None:
    """What was typed is gone, nothing is tied, the list leads nowhere, and a PIN came back."""
    page = Page(
        '<div role="alert" tabindex="-1"><a href="#f-b">Ghi.</a></div><p class="error" id="f-a-e">Ghi.</p><input name="a" id="f-a">'
        '<input type="radio" name="b" value="2"><input name="pin" value="508274">'
    )
    refusal = Refusal("x", "x", lambda _desk: None, named="a", typed={"a": "1", "b": "2", "pin": "508274"})
    assert len(at_its_field(page, refusal)) == 5


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_heading_is_no_advice(language: Literal["vi", "en"]) -> None:
    """It stands above every refusal and says nothing of this one."""
    with speaking(language):
        saving = ngettext("Chưa lưu. Cần sửa %(num)s chỗ", "Chưa lưu. Cần sửa %(num)s chỗ", 1) % {"num": 1}
        asking = ngettext("Cần sửa %(num)s chỗ", "Cần sửa %(num)s chỗ", 2) % {"num": 2}
    for heading in (saving, asking):
        assert not advises([heading, "Ngày đó người này không ở tổ."], language)
        assert advises([heading, "Ghi ngày còn ở tổ. Write another day."], language)


@pytest.mark.parametrize(
    "address",
    ["/reports?period=x&lens=y", "/admin/audit?day=x&z=1", "/admin/areas?day=x", "/admin/areas?day=x&q=%00"],
)
def test_where_nothing_is_saved_nothing_is_said_of_saving(as_person: AsPerson, address: str) -> None:
    """A report, the trail, the map: an address that asks wrongly. The list leads only to what stands on the page."""
    answer = as_person("Khánh").get(address)
    assert answer.status_code == 422
    page = Page(answer)
    note = page.one("div", role="alert")
    assert re.match(r"Cần sửa \d chỗ", note.text)
    assert "Chưa lưu" not in page.text
    leads = [e.attrs["href"][1:] for e in note.walk() if e.tag == "a"]
    assert leads
    assert {*leads} <= {e.attrs.get("id") for e in page.elements}


def test_they_all_stand_on_one_page(told: dict[str, list[Told]]) -> None:
    """For somebody who wants to read them; the page is written anew at every run."""
    assert len(told["vi"]) == len(told["en"]) == len(REFUSALS)
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page_of(told), encoding="utf-8")
    assert page_of(told).count("<tr>") == len(REFUSALS) + 1


def page_of(told: dict[str, list[Told]]) -> str:
    """A row for each refusal, the two languages side by side."""
    rows = []
    for vietnamese, english in zip(told["vi"], told["en"], strict=True):
        refusal = vietnamese.refusal
        cells = [refusal.where, refusal.why, str(refusal.status), refusal.named or "(cả trang)"]
        texts = [
            "<br>".join(html.escape(each[:400]) for each in one.sentences) for one in (vietnamese, english)
        ]
        rows.append("".join(f"<td>{cell}</td>" for cell in [*map(html.escape, cells), *texts]))
    head = "".join(f"<th>{name}</th>" for name in ("Trang", "Vì sao", "Mã", "Mục", "Tiếng Việt", "English"))
    body = "".join(f"<tr>{row}</tr>" for row in [head, *rows])
    style = "table{border-collapse:collapse;font:15px sans-serif}td,th{border:1px solid #999;padding:6px;vertical-align:top;text-align:left}"
    return f'<!doctype html><html lang="vi"><meta charset="utf-8"><title>Lời từ chối</title><style>{style}</style><table>{body}</table></html>'
