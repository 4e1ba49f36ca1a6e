"""The written house is true: every path, name, setting, link, table, command and make target that the documents give is there.

Each detector is shown a planted fault first: one that sees nothing proves nothing.
"""

import ast
import hashlib
import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from typer.main import get_command

from skills import cli, tables
from skills.areas import plan as plan_file
from skills.areas.reorganise import ReorganiseError
from skills.db import Row
from skills.demo.people import ACCOUNTS, PASSWORD
from skills.settings import DEMO_SECRET, Settings

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    [
        *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "NOTICE")),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "skills" / "areas" / "data" / "README.md",
    ]
)
MADE_LATER = ("static/dist/", "var/")  # by the build, and by the program
FOLDERS = "skills|templates|static|migrations|tests|docs|requirements|bench|var|\\.ci"
ROOT_FILES = "main\\.py|pyproject\\.toml|package(?:-lock)?\\.json|Makefile|LICENSE|NOTICE|[A-Z]+\\.md"
APACHE_2 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"  # the text as the foundation publishes it


def test_every_path_that_a_document_names_exists() -> None:
    assert missing_paths("see `skills/visits/record.py` and skills/visits/recrod.py.") == {
        "skills/visits/recrod.py"
    }
    assert missing_paths("`READYOU.md`, docs/wlak.md: and [x](docs/decisions/)") == {
        "READYOU.md",
        "docs/wlak.md",
    }
    assert len(named_paths(read("docs/walk.md"))) >= 8
    assert {path.name: found for path in DOCUMENTS if (found := missing_paths(path.read_text()))} == {}


def test_every_relative_link_leads_somewhere() -> None:
    assert broken_links("[a](walk.md) [b](wlak.md#one) [c](https://example.org/x)", ROOT / "docs") == {
        "wlak.md"
    }
    assert len(links(read("README.md"))) >= 8
    assert {
        path.name: found for path in DOCUMENTS if (found := broken_links(path.read_text(), path.parent))
    } == {}


def test_the_walk_opens_eight_files_once_and_every_name_in_it_is_there() -> None:
    walk = read("docs/walk.md")
    steps = re.findall(r"^## \d\. .*\]\(\.\./(.+)\)$", walk, re.MULTILINE)
    assert len(steps) == len(set(steps)) == 8
    planted = "`record.py: record_visit`, `record.py: record_vist`, `outbox.js: sned`, `new.html: data-inbox`"
    wrong = {"record.py: record_vist", "outbox.js: sned", "new.html: data-inbox"}
    assert missing_names(planted, steps) == wrong
    assert missing_names("`skills/visits/tally.py: amounts_for`, `gone.py: x`", steps) == {
        "skills/visits/tally.py: amounts_for", "gone.py: x"
    }  # fmt: skip
    assert len(re.findall(NAMED, walk)) >= 20
    assert missing_names(walk, steps) == set()


def test_the_decisions_name_functions_that_are_there() -> None:
    named = [path for path in DOCUMENTS if path.parent.name == "decisions"]
    assert missing_names("`skills/totals/ledger.py: diffrence`", []) == {"skills/totals/ledger.py: diffrence"}
    assert {path.name: found for path in named if (found := missing_names(path.read_text(), []))} == {}


def test_every_setting_stands_in_operations_with_its_default() -> None:
    operations = read("docs/operations.md")
    assert settings_not_in(operations.replace("TUNGNHA_BASE_URL", "TUNGNHA_URL")) == {"TUNGNHA_BASE_URL"}
    assert settings_not_in(operations.replace("| `demo` |", "| `test` |")) == {"TUNGNHA_ENV"}
    assert settings_not_in(operations) == set()
    unknown = set(re.findall(r"TUNGNHA_[A-Z_]+", "".join(path.read_text() for path in DOCUMENTS))) - set(
        variables()
    )
    assert unknown == set()


def test_every_table_has_its_word_in_the_glossary() -> None:
    glossary = read("docs/glossary.md")
    classes = {mapper.class_.__name__ for mapper in Row._sa_registry.mappers}
    assert len(classes) == len(tables.ALL) >= 20
    assert classes - words(glossary.replace("`VisitSkill`", "")) == {"VisitSkill"}
    assert classes - words(glossary) == set()


def test_every_make_target_that_a_document_names_is_in_the_makefile() -> None:
    makefile = read("Makefile")
    assert missing_targets(["`make run`, `make rnu`\n```\nmake tset     # all\n```"], makefile) == {
        "rnu",
        "tset",
    }
    assert missing_targets((path.read_text() for path in DOCUMENTS), makefile) == set()


def test_every_command_that_a_document_names_is_one() -> None:
    assert missing_commands("python -m skills totals chekc and python -m skills migrate") == {"totals chekc"}
    assert {path.name: found for path in DOCUMENTS if (found := missing_commands(path.read_text()))} == {}


def test_operations_lists_every_command() -> None:
    operations = read("docs/operations.md")
    assert commands() - listed_commands(operations.replace("| `totals check` |", "")) == {"totals check"}
    assert commands() == listed_commands(operations)


def test_the_plan_that_operations_shows_can_be_carried_out_step_by_step(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```\n(\[\{.+?)```", read("docs/operations.md"), re.DOTALL)
    plan = tmp_path / "plan.json"
    plan.write_text(shown.replace('"merge"', '"marge"'))
    with pytest.raises(ReorganiseError):
        plan_file.read_plan(plan)
    plan.write_text(shown)
    verbs = {verb for step in plan_file.read_plan(plan) for verb in step.model_fields_set}
    assert verbs == set(plan_file.Step.model_fields)


def test_the_readme_names_the_accounts_of_the_demonstration() -> None:
    readme = read("README.md")
    assert demo_accounts(readme.replace("0905000006", "0905000007")) != set(ACCOUNTS)
    assert demo_accounts(readme) == set(ACCOUNTS)
    assert f"`{PASSWORD}`" in readme


def test_every_dependency_has_its_reason() -> None:
    page = read("docs/decisions/0016-licence-and-dependencies.md")
    asked_for = dependencies()
    assert {"fastapi", "ruff", "htmx.org"} <= asked_for
    assert without_reason(asked_for, page.replace("| servestatic |", "|  |")) == {"servestatic"}
    assert without_reason(asked_for, page) == set()


def test_decisions_are_numbered_without_gaps_and_say_what_was_rejected() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    assert incomplete("# 1. A\n\n2026-11-24 · accepted\n\n## Context\n\n## Decision\n", 1) == {
        "Consequences",
        "Rejected",
    }
    assert incomplete("# 2. A\n\nsome day\n\n## Context\n## Decision\n## Consequences\n## Rejected\n", 1) == {
        "number",
        "date",
    }
    assert {
        page.name: found for page in pages if (found := incomplete(page.read_text(), int(page.name[:4])))
    } == {}


def test_the_decision_about_the_street_draws_the_street_that_is_checked() -> None:
    page = read("docs/decisions/0002-by-feature-one-street.md")
    assert drawn_street(page.replace("totals\nhouseholds", "households\ntotals")) != checked_street()
    assert drawn_street(page) == checked_street()


def test_the_readme_is_one_screen_with_a_picture_that_is_light() -> None:
    readme = read("README.md")
    assert len(readme.splitlines()) <= 50
    (picture,) = re.findall(r"!\[.+\]\((.+)\)", readme)
    content = (ROOT / picture).read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) <= 150 * 1024


def test_the_licence_is_the_whole_text_and_the_notice_names_the_sources() -> None:
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE_2
    notice = read("NOTICE")
    assert "Copyright (c) 2025 Tran Ngoc Minh Hieu" in notice
    assert "Copyright (c) 2024 HanChinhVN" in notice


# The detectors


def read(name: str) -> str:
    """The text of a file of the repository."""
    return (ROOT / name).read_text()


def named_paths(text: str) -> set[str]:
    """What looks like a path of the repository, in prose, links and code."""
    text = re.sub(r"https?://\S+", "", text)
    inside = re.findall(rf"(?<![\w./-])(?:\.\./)*((?:{FOLDERS})/[\w.{{}}/-]*)", text)
    outside = re.findall(rf"(?<![\w./-])((?:{ROOT_FILES}))(?![\w-])", text)
    return {path.rstrip(".") for path in [*inside, *outside]}


def missing_paths(text: str) -> set[str]:
    """The paths that are not there and are not made later."""
    return {
        path for path in named_paths(text) if not path.startswith(MADE_LATER) and not (ROOT / path).exists()
    }


def links(text: str) -> set[str]:
    """The targets of Markdown links to files beside this one, without their fragments."""
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    return {target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)}


def broken_links(text: str, folder: Path) -> set[str]:
    """The links that lead nowhere."""
    return {target for target in links(text) if not (folder / target).exists()}


NAMED = re.compile(r"`([\w./]+\.(?:py|js|html)): ([^`\n]+)`")


def missing_names(text: str, steps: Iterable[str]) -> set[str]:
    """The `file: name` pairs of which the file or the name in it is not there. A short file name means a step of the walk."""
    short = {Path(step).name: step for step in steps}
    return {
        f"{file}: {name}"
        for file, name in NAMED.findall(text)
        if not is_named(ROOT / (file if "/" in file else short.get(file, "-")), name)
    }


def is_named(path: Path, name: str) -> bool:
    """Whether a Python or JavaScript file defines that name, or a template has it in its text."""
    if not path.is_file():
        return False
    source = path.read_text()
    if path.suffix == ".py":
        defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        return name in {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, defined)}
    if path.suffix == ".js":
        return re.search(rf"\bfunction {re.escape(name)}\(", source) is not None
    return name in source


def variables() -> dict[str, str]:
    """The environment variable of every setting, with its default."""
    prefix = str(Settings.model_config["env_prefix"])
    return {prefix + name.upper(): str(field.default) for name, field in Settings.model_fields.items()}


def settings_not_in(text: str) -> set[str]:
    """The variables that have no line of the table, or one with another default. The demonstration's secret is told in words."""
    lines = dict(re.findall(r"^\| `(TUNGNHA_\w+)` \| (.+?) \|", text, re.MULTILINE))
    found = set()
    for name, default in variables().items():
        secret = "*" in default or default == DEMO_SECRET
        wanted = "one for the demonstration only" if secret else f"`{default}`" if default else "empty"
        if lines.get(name) != wanted:
            found.add(name)
    return found


def words(text: str) -> set[str]:
    """What stands between backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def missing_targets(texts: Iterable[str], makefile: str) -> set[str]:
    """What follows `make` in code and is no target."""
    there = set(re.findall(r"^([a-z][\w-]*)(?:\s+[a-z][\w-]*)*\s*:(?!=)", makefile, re.MULTILINE))
    named: set[str] = set()
    for text in texts:
        for code in re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL):
            named |= set(re.findall(r"(?:^|[`\s])make ([a-z][\w-]*)", code, re.MULTILINE))
    return named - there


def commands() -> set[str]:
    """Every command of `python -m skills`, with its group."""
    found: set[str] = set()
    for name, command in vars(get_command(cli.app))["commands"].items():
        inner: dict[str, object] = getattr(command, "commands", {})
        found |= {f"{name} {one}" for one in inner} or {name}
    return found


def missing_commands(text: str) -> set[str]:
    """What is written after `python -m skills` and is no command."""
    there = commands()
    groups = {name.split()[0] for name in there if " " in name}
    named = re.findall(r"python3? -m skills ([a-z]+)(?: ([a-z]+))?", text)
    said = {f"{first} {second}" if first in groups else first for first, second in named}
    return said - there


def demo_accounts(text: str) -> set[str]:
    """The telephone numbers in the first column of the table of accounts."""
    return set(re.findall(r"^\| (0\d{9}) \|", text, re.MULTILINE))


def listed_commands(text: str) -> set[str]:
    """The first column of the table of commands."""
    table = text.partition("## Commands")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([a-z ]+)` \|", table, re.MULTILINE))


def dependencies() -> set[str]:
    """What we ask for by name: Python packages and those of npm."""
    lines = [line for name in ("runtime", "dev") for line in read(f"requirements/{name}.in").splitlines()]
    python = {match.group() for line in lines if (match := re.match(r"[a-z][\w.-]*", line))}
    package: dict[str, dict[str, str]] = json.loads(read("package.json"))
    return python | set(package["dependencies"]) | set(package["devDependencies"])


def without_reason(names: set[str], page: str) -> set[str]:
    """The dependencies that no first column of a table names."""
    told = {
        name for cell in re.findall(r"^\| ([\w., -]+) \|", page, re.MULTILINE) for name in cell.split(", ")
    }
    return names - told


def drawn_street(page: str) -> list[str]:
    """The lines of the picture of the street."""
    return page.split("```")[1].strip().splitlines()


def checked_street() -> list[str]:
    """The layers that import-linter is given, spelled as on the page."""
    street = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"][0]
    return [line.replace("|", "·") for line in street["layers"]]


def incomplete(page: str, number: int) -> set[str]:
    """What a page about a decision lacks."""
    headings = re.findall(r"^## (\w+)", page, re.MULTILINE)
    lacks = {part for part in ("Context", "Decision", "Consequences", "Rejected") if part not in headings}
    if not page.startswith(f"# {number}. "):
        lacks.add("number")
    if not re.search(r"^20\d\d-\d\d-\d\d · ", page, re.MULTILINE):
        lacks.add("date")
    return lacks
