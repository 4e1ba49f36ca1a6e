"""The siege finds what it is there to find: mistakes are planted in a small application, and each has to be reported."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from httpx2 import Headers
from markupsafe import escape
from sqlmodel import select

from skills.app import create_app
from skills.db import Database
from skills.people.models import Person
from skills.settings import Settings
from skills.web.forms import Fields
from skills.web.gate import Anyone
from skills.web.transaction import Db
from tests.client import Page
from tests.hostile.corpus import CANARY, CORPUS, Hostile
from tests.hostile.find import Found, FoundForm
from tests.hostile.judge import EXCUSED, Judge, markup, wrong_headers, wrong_status
from tests.hostile.siege import Siege
from tests.hostile.watch import Watch
from tests.hostile.wire import Wire

PAGE = """<!doctype html><html lang="vi"><head><title>Gài · Từng Nhà</title></head><body><h1>Gài</h1>
<form method="post" action="/planted"><label>A <input name="a" value="1"></label>
<label>B <select name="b"><option value="x">x</option><option value="y" selected>y</option></select></label>
<label>C <textarea name="c">\nhai</textarea></label>
<label>D <input type="radio" name="d" value="1"></label><label>D <input type="radio" name="d" value="2" checked></label>
<label>E <input type="checkbox" name="e" value="1"></label><input type="hidden" name="f" value="7">
<input type="submit" value="Gửi"></form>
<button type="submit" form="far" name="g" value="1">Gửi</button><form id="far" method="get" action="/planted/far"></form>
{said}</body></html>"""


@pytest.fixture
def planted(cast_file: Path, tmp_path: Path) -> Iterator[Siege]:
    """An application with a form behind which everything is wrong, besieged by a stranger."""
    file = tmp_path / "city.db"
    shutil.copy(cast_file, file)
    app = create_app(Settings(env="test", database_url=f"sqlite:///{file}", base_url="http://testserver"))
    router = APIRouter()

    @router.get("/planted")
    def show(viewer: Anyone) -> Response:
        return HTMLResponse(PAGE.format(said=""))

    @router.get("/planted/far")
    def far(viewer: Anyone, g: str = "", deep: int = 0) -> Response:
        return HTMLResponse(PAGE.format(said=escape(g)))

    @router.post("/planted")
    def take(request: Request, viewer: Anyone, db: Db, fields: Fields) -> Response:
        given = {name: values[-1] for name, values in fields.items()}
        if given.get("a") == "٣":
            raise RuntimeError("nobody foresaw three")
        if given.get("d") == "9999-12-31":
            person = db.exec(select(Person)).first()
            assert person is not None
            person.full_name = "stored although it was refused"
            db.add(person)
            return HTMLResponse(PAGE.format(said=""), 422)
        if given.get("b", "").startswith("//"):
            return Response(status_code=303, headers={"Location": given["b"]})
        return HTMLResponse(PAGE.format(said=given.get("c", "")), 422)

    app.include_router(router)
    loop = asyncio.new_event_loop()
    watch = Watch(app.state.database, file)
    siege = Siege(app, watch, {"a stranger": Wire(app, loop, "a stranger")}, loop, thorough=True)
    yield siege
    watch.close()
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    app.state.database.dispose()


def form_to(found: Found, method: str, route: str) -> FoundForm:
    return next(form for form in found.forms if (form.method, form.to) == (method, route))


def test_it_finds_a_form_with_every_kind_of_field(planted: Siege) -> None:
    """Those that are sent, those that could be, the buttons, and a button that stands outside of its form."""
    found = planted.explore()
    form = form_to(found, "POST", "/planted")
    assert [(each.name, each.kind, each.sent) for each in form.controls] == [
        ("a", "text", ("1",)),
        ("b", "select", ("y",)),
        ("c", "textarea", ("hai",)),
        ("d", "radio", ("2",)),
        ("e", "checkbox", ()),
        ("f", "hidden", ("7",)),
    ]
    assert [(each.name, each.kind) for each in form_to(found, "GET", "/planted/far").controls] == [
        ("g", "submit")
    ]


def test_it_finds_the_parameters_of_a_route(planted: Siege) -> None:
    """In its signature, in its path, in the document of a program, and in links."""
    declared = set(planted.routes.parameters())
    assert ("/planted/far", "GET", "query", "deep") in declared
    assert ("/visits/{ward_id}/{visit_id}/void", "POST", "path", "visit_id") in declared
    assert ("/api/v1/totals", "GET", "query", "by") in declared
    assert "next" in planted.explore().queries["/sign-in"]


def test_each_planted_mistake_is_reported(planted: Siege) -> None:
    """An error of ours, a refused value that was stored, an echo that was not escaped, a way off the site, words that are gone."""
    planted.attack_form(form_to(planted.explore(), "POST", "/planted"))
    told = "\n".join(planted.complaints)
    assert "'number ٣' as 'a' to /planted: answered 500" in told
    assert "'day 9999-12-31' as 'd' to /planted: refused with 422, and stored in person" in told
    assert f"as 'c' to /planted: the canary became markup: <{CANARY}" in told
    assert f"the canary became markup: <script {{'{CANARY}'" in told
    assert "'another site' as 'b' to /planted: location leads off the site" in told
    assert "as 'a' to /planted: a was refused and is no longer there" in told
    assert planted.sent > 6 * len(CORPUS)
    assert {name for _form, name in planted.fields} == set("abcdef")


def test_a_change_that_no_statement_tells_of_is_seen(planted: Siege, tmp_path: Path) -> None:
    """SQLite itself says that something was committed, and every row can be compared."""
    before = planted.watch.whole()
    assert planted.watch.stored() == frozenset()
    other = Database(f"sqlite:///{tmp_path / 'city.db'}")
    with other.writing() as db:
        person = db.exec(select(Person)).first()
        assert person is not None
        person.full_name = "written past the application"
        db.add(person)
    other.dispose()
    assert planted.watch.stored() == {"?"}
    after = planted.watch.whole()
    assert {table for table in after if after[table] != before[table]} == {"person"}


@pytest.mark.parametrize(
    "source",
    [
        f"<p><{CANARY}>",
        f"<p {CANARY}>",
        f"<script>{CANARY}()</script>",
        f"<a href='javascript:{CANARY}()'>x</a>",
        f"<a href='//{CANARY}.example'>x</a>",
        f"<p>{CANARY}49</p>",
    ],
)
def test_the_canary_is_seen_wherever_it_is_more_than_text(source: str) -> None:
    """In each of the places where it does harm."""
    assert len(markup(Page(source))) == 1


def test_the_canary_may_be_text() -> None:
    """That is what escaping is for."""
    assert (
        markup(
            Page(f"<p title='&lt;{CANARY}&gt;'>&lt;{CANARY}&gt; <a href='/households?q={CANARY}'>x</a></p>")
        )
        == []
    )


def test_only_counting_is_excused() -> None:
    """Whoever adds a table has to say so here too."""
    assert EXCUSED.keys() == {"sign_in_failure", "enrolment"}


def test_a_status_and_a_header_are_judged() -> None:
    """What is stored of an accepted request is no matter."""

    class Answer:
        status_code = 422
        headers = Headers({"location": "https://example.org/"})

    assert wrong_status(Answer, frozenset({"visit", "sign_in_failure"})) == [
        "refused with 422, and stored in visit"
    ]
    assert len(wrong_headers(Answer)) == 1
    Answer.status_code = 503
    assert "answered 503" in wrong_status(Answer, frozenset())
    Answer.status_code = 303
    assert wrong_status(Answer, frozenset({"visit"})) == []


def test_a_page_is_read_once(planted: Siege) -> None:
    """The same page under other ids is the same page; another one is not."""
    judge = Judge()
    answer = planted.wires["a stranger"].send("GET", "/sign-in")
    assert judge.wrong(answer, "", frozenset()) == []
    assert len(judge._good) == 1


def test_the_corpus_has_each_kind_of_hostile_value() -> None:
    """Under names of their own."""
    assert len({each.name for each in CORPUS}) == len(CORPUS) >= 140
    assert Hostile("x", "\ud800").sent == b"\xed\xa0\x80"
    assert sum(CANARY in each.text for each in CORPUS) >= 35
    assert max(len(each.sent) for each in CORPUS) >= 100_000
