"""The first page of the office leads to what one may do, and to nothing else."""

import pytest

from tests.cast import City
from tests.conftest import AsPerson

EVERYTHING = [
    "/invitations",
    "/admin/people",
    "/admin/teams",
    "/admin/areas",
    "/admin/catalogue",
    "/admin/audit",
]


@pytest.mark.parametrize(
    ("who", "leads_to"),
    [
        ("Lộc", [*EVERYTHING[:3], "/admin/audit"]),
        ("Thu", EVERYTHING),
        ("Tâm", EVERYTHING),
        ("Khánh", EVERYTHING),
        ("Yến", EVERYTHING[1:]),
    ],
)
def test_each_role_finds_its_own_lines(city: City, as_person: AsPerson, who: str, leads_to: list[str]) -> None:  # fmt: skip
    """In both languages; its tab stands at the foot and is the current one."""
    client = as_person(who)
    for language, title in (("vi", "Quản trị"), ("en", "Office")):
        page = client.page("/admin", headers={"Accept-Language": language})
        assert page.h1 == title
        lines = [a.attrs["href"] for ul in page.all("ul", class_="rows") for a in ul.walk() if a.tag == "a"]
        assert lines == leads_to
        assert page.one("a", aria_current="page").attrs["href"] == "/admin"


@pytest.mark.parametrize("who", ["Hoài", "Mai", "Lạ"])
def test_who_has_no_office_is_told_so(as_person: AsPerson, who: str) -> None:
    """And has no tab that leads there."""
    client = as_person(who)
    assert client.get("/admin").status_code == 403
    assert 'href="/admin"' not in client.get("/").text
