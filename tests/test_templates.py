"""Every template compiles, and every page that a route renders is there, with the block that it names."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import TemplateSyntaxError

from skills.web.render import TEMPLATES, environment

ROOT = TEMPLATES.parent
ALL = sorted(str(file.relative_to(TEMPLATES)) for file in TEMPLATES.rglob("*.html"))
UNSAFE = ("|safe", "| safe", "Markup(", "hx-on", "hx-boost", "hx-push-url", "javascript:")


def rendered(source: str) -> Iterator[tuple[str, str | None]]:
    """Template and block of each call that names a template in a module, however the call is wrapped."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        texts = [
            arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
        ]
        blocks = [
            word.value.value
            for word in node.keywords
            if word.arg == "block"
            and isinstance(word.value, ast.Constant)
            and isinstance(word.value.value, str)
        ]
        for text in texts:
            if text.endswith(".html"):
                yield text, blocks[0] if blocks else None


def missing(source: str) -> list[str]:
    """What a module renders and nobody wrote."""
    wrong = []
    for template, block in rendered(source):
        if template not in ALL:
            wrong.append(f"{template} is not there")
        elif block is not None and block not in environment().get_template(template).blocks:
            wrong.append(f"{template} has no block {block}")
    return wrong


def test_the_check_sees_a_page_that_is_not_there() -> None:
    """And a block that is not."""
    source = 'render(r, v, "no/page.html")\nrender(r, v, "layout.html", block="nothing")\nrender(r, v, "layout.html", block="title")'
    assert missing(source) == ["no/page.html is not there", "layout.html has no block nothing"]


@pytest.mark.parametrize("template", ALL)
def test_every_template_compiles(template: str) -> None:
    """As it stands, with our filters."""
    environment().get_template(template)


def test_a_mistake_in_a_template_would_be_seen() -> None:
    """The environment knows its filters when it compiles."""
    with pytest.raises(TemplateSyntaxError):
        environment().from_string("{{ 1|no_such_filter }}")


@pytest.mark.parametrize(
    "module", sorted(ROOT.glob("skills/**/*.py")), ids=lambda file: str(file.relative_to(ROOT))
)
def test_every_page_that_is_rendered_is_there(module: Path) -> None:
    """Before somebody asks for it."""
    assert missing(module.read_text(encoding="utf-8")) == []


def test_the_walk_sees_the_pages_there_are() -> None:
    """A walk that sees nothing would find nothing wrong."""
    seen = {
        page for file in ROOT.glob("skills/**/*.py") for page, _ in rendered(file.read_text(encoding="utf-8"))
    }
    assert len(seen) >= 10
    assert {"accounts/sign_in.html", "errors/error.html"} <= seen


@pytest.mark.parametrize("template", [name for name in ALL if name != "kit.html"])
def test_nothing_in_a_page_gets_around_escaping_or_the_policy(template: str) -> None:
    """The kit may print its own drawings; nobody else prints markup that was not escaped."""
    source = (TEMPLATES / template).read_text(encoding="utf-8")
    assert [word for word in UNSAFE if word in source] == []


def test_the_kit_prints_unescaped_only_its_own_drawings() -> None:
    """Once, out of a table of constants."""
    source = (TEMPLATES / "kit.html").read_text(encoding="utf-8")
    assert source.count("|safe") == source.count("PATHS[name]|safe") == 1
