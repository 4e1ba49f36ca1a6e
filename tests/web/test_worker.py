"""What a phone keeps of the program: the worker with its list, shells of nobody, and a name and a picture for a home screen."""

import json

import pytest
from fastapi import FastAPI

from skills.web.assets import DIST
from skills.web.headers import CONTENT_SECURITY_POLICY
from tests.cast import City
from tests.client import Client, Page
from tests.conftest import AsPerson


def kept(client: Client) -> dict[str, str | None]:
    """What the worker is told to keep: revision by address."""
    first = client.get("/sw.js").text.partition("\n")[0]
    return {
        entry["url"]: entry["revision"] for entry in json.loads(first.removeprefix("self.KEPT=").rstrip(";"))
    }


def test_the_worker_is_asked_for_anew_and_has_the_policy_of_a_page(stranger: Client) -> None:
    answer = stranger.get("/sw.js")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


def test_everything_that_it_keeps_is_there_and_is_nobodys(stranger: Client, as_person: AsPerson) -> None:
    listed = kept(stranger)
    assert listed == kept(as_person("Hoài"))
    assert {"/shell/vi", "/shell/en"} <= listed.keys()
    for url, revision in listed.items():
        answer = stranger.get(url)
        assert answer.status_code == 200, url
        assert (revision is None) == ("immutable" in answer.headers["cache-control"]), url


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_shell_is_the_same_for_everybody_in_its_own_language(
    stranger: Client, as_person: AsPerson, language: str
) -> None:
    other = "en" if language == "vi" else "vi"
    mine = as_person("Hoài").get(f"/shell/{language}", headers={"Accept-Language": other})
    page = Page(mine)
    assert mine.content == stranger.get(f"/shell/{language}").content
    assert page.one("html").attrs["lang"] == language
    assert "Hoài" not in mine.text
    assert "data-person" not in page.one("body").attrs
    assert [script.attrs["src"].startswith("/static/shell.") for script in page.all("script")] == [True]


def test_there_are_shells_in_no_other_language(stranger: Client) -> None:
    assert stranger.get("/shell/fr").status_code in (404, 422)


def test_another_page_makes_another_worker(app: FastAPI, stranger: Client, city: City) -> None:
    """So phones notice: what changed is in the list by its hash."""
    before = kept(stranger)
    app.state.settings.env = "demo"
    after = kept(stranger)
    assert before.keys() == after.keys()
    assert before["/shell/vi"] != after["/shell/vi"]


def test_called_back_it_takes_itself_away_and_pages_do_not_start_it(
    app: FastAPI, as_person: AsPerson
) -> None:
    client = as_person("Hoài")
    assert client.page("/").one("html").attrs["data-worker"] == "on"
    app.state.settings.worker = "off"
    script = client.get("/sw.js").text
    assert "unregister" in script
    assert "KEPT" not in script
    assert "indexedDB" not in script
    assert client.page("/").one("html").attrs["data-worker"] == "off"


def test_only_whoever_sees_doors_is_asked_to_take_them_along(as_person: AsPerson, stranger: Client) -> None:
    told = [
        as_person(name).page(path).one("html").attrs
        for name, path in (("Hoài", "/"), ("Thu", "/"), ("Tâm", "/reports"))
    ]
    assert ["data-takes-doors" in attrs for attrs in told] == [True, True, False]
    assert "data-takes-doors" not in stranger.page("/sign-in").one("html").attrs


def test_the_home_screen_has_name_and_pictures(stranger: Client) -> None:
    answer = stranger.get("/manifest.webmanifest")
    assert answer.headers["content-type"].startswith("application/manifest+json")
    told = answer.json()
    assert (told["name"], told["start_url"], told["display"], told["lang"]) == (
        "Từng Nhà",
        "/",
        "standalone",
        "vi",
    )
    assert [(icon["sizes"], icon["purpose"]) for icon in told["icons"]] == [
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    ]
    for icon in told["icons"]:
        picture = (DIST / icon["src"].removeprefix("/static/")).read_bytes()
        width, height = int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[20:24], "big")
        assert f"{width}x{height}" == icon["sizes"]


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        ("Mozilla/5.0 Zalo android/1", True),
        ("Mozilla/5.0 [FBAN/FBIOS;FBAV/400]", True),
        ("Instagram 300", True),
        ("Chrome/126", False),
    ],
)
def test_inside_a_chat_app_the_page_says_how_to_get_out(
    stranger: Client, as_person: AsPerson, agent: str, told: bool
) -> None:
    for client, path in ((stranger, "/sign-in"), (as_person("Hoài"), "/")):
        assert ("Mở bằng Chrome" in client.page(path, headers={"User-Agent": agent}).text) is told
