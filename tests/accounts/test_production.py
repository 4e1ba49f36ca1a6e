"""In production the program does not start with what would give the data away, and says which of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from skills.settings import DEMO_SECRET, Settings

SECRET = "b7Qx-2mPz_8Kd4Vw6Rt1Yn3Hs5Jf9Lc0Ga"
REMOTE = "postgresql+psycopg://tungnha:secret@db.example/tungnha"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of an office that may start: over a closed folder with a closed database."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o750)
    for tail in ("", "-wal", "-shm"):
        (folder / f"tungnha.db{tail}").touch(mode=0o640)
    for name in [name for name in os.environ if name.startswith(("TUNGNHA_", "UVICORN_", "PGSSL"))]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "argv", ["skills", "serve"])
    return {
        "TUNGNHA_ENV": "production",
        "TUNGNHA_SECRET_KEY": SECRET,
        "TUNGNHA_BASE_URL": "https://tungnha.example",
        "TUNGNHA_DATABASE_URL": f"sqlite:///{folder}/tungnha.db",
    }


def refusal(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """The reason, or nothing."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    try:
        Settings()
    except ValidationError as error:
        return str(error.errors()[0]["msg"])
    return ""


def test_an_office_that_keeps_the_rules_starts(
    office: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a file, and with PostgreSQL here or behind TLS."""
    assert refusal(office, monkeypatch) == ""
    for url in (
        f"{REMOTE}?sslmode=verify-full",
        f"{REMOTE}?sslmode=require",
        "postgresql+psycopg://tungnha:secret@localhost/tungnha",
        "postgresql+psycopg://tungnha@/tungnha?host=/run/postgresql",
        "postgresql+psycopg:///tungnha",
    ):
        assert refusal(office | {"TUNGNHA_DATABASE_URL": url}, monkeypatch) == "", url
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert refusal(office | {"TUNGNHA_DATABASE_URL": REMOTE}, monkeypatch) == ""


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("TUNGNHA_SECRET_KEY", DEMO_SECRET, "TUNGNHA_SECRET_KEY"),
        ("TUNGNHA_SECRET_KEY", "", "TUNGNHA_SECRET_KEY"),
        ("TUNGNHA_SECRET_KEY", SECRET[:31], "at least 32"),
        ("TUNGNHA_SECRET_KEY", "abcabcabc" * 8, "random"),
        ("TUNGNHA_BASE_URL", "http://tungnha.example", "https://"),
        ("TUNGNHA_BASE_URL", "https://", "https://"),
        ("TUNGNHA_BASE_URL", "tungnha.example", "https://"),
        ("TUNGNHA_SECOND_FACTOR", "who-wants", "TUNGNHA_SECOND_FACTOR"),
        ("UVICORN_RELOAD", "1", "UVICORN_RELOAD"),
        ("PYTHONDEVMODE", "1", "PYTHONDEVMODE"),
        ("PYTHONASYNCIODEBUG", "1", "PYTHONASYNCIODEBUG"),
        ("TUNGNHA_DATABASE_URL", REMOTE, "sslmode"),
        ("TUNGNHA_DATABASE_URL", f"{REMOTE}?sslmode=prefer", "sslmode"),
        ("TUNGNHA_DATABASE_URL", f"{REMOTE}?sslmode=disable", "sslmode"),
        ("TUNGNHA_DATABASE_URL", "postgresql+psycopg://t:s@/t?host=localhost,db.example", "sslmode"),
    ],
)
def test_each_reason_is_named(
    office: dict[str, str], monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    """One thing wrong at a time."""
    assert reason in refusal(office | {name: value}, monkeypatch)
    monkeypatch.delenv("TUNGNHA_ENV")
    if not name.startswith(("UVICORN", "PYTHON")):
        monkeypatch.setenv("TUNGNHA_ENV", "demo")
        Settings()  # a demonstration may


def test_no_secret_stands_in_the_words_of_an_error(
    office: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever starts it otherwise than by the command reads the error itself, and it ends up in a log."""
    for name, value in (office | {"TUNGNHA_BASE_URL": "http://x", "TUNGNHA_DATABASE_URL": REMOTE}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert SECRET[:8] not in str(caught.value)
    assert "secret@" not in str(caught.value)


def test_starting_anew_at_every_change_is_for_programmers(
    office: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`uvicorn main:app --reload`: the process that it starts has the same words."""
    monkeypatch.setattr(sys, "argv", ["uvicorn", "main:app", "--reload"])
    assert "--reload" in refusal(office, monkeypatch)


@pytest.mark.parametrize("tail", ["", "-wal", "-shm", "-journal", "/"])
@pytest.mark.parametrize("mode", [0o604, 0o606, 0o601])
def test_a_database_that_others_can_open(
    office: dict[str, str], monkeypatch: pytest.MonkeyPatch, tail: str, mode: int
) -> None:
    """The file, what lies beside it, and the folder; it says which."""
    file = Path(office["TUNGNHA_DATABASE_URL"].removeprefix("sqlite:///"))
    path = file.parent if tail == "/" else file.with_name(file.name + tail)
    if not path.exists():
        path.touch()
    path.chmod(mode | 0o100 if tail == "/" else mode)
    told = refusal(office, monkeypatch)
    assert f"{path} can be read by everybody" in told
    path.chmod(0o750 if tail == "/" else 0o640)
    assert refusal(office, monkeypatch) == ""


def serve(environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """The real command, which never gets as far as to listen."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "skills", "serve", "--port", "1"],
        env=kept | environment, capture_output=True, text=True, timeout=60, check=False,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TUNGNHA_SECRET_KEY", DEMO_SECRET),
        ("TUNGNHA_BASE_URL", "http://tungnha.example"),
        ("PYTHONASYNCIODEBUG", "1"),
        ("TUNGNHA_DATABASE_URL", REMOTE),
    ],
)
def test_the_command_ends_with_that_one_sentence(office: dict[str, str], name: str, value: str) -> None:
    """Without a traceback, and without a word of having started."""
    ended = serve(office | {name: value})
    assert (ended.returncode, ended.stdout) == (1, "")
    (sentence,) = ended.stderr.strip().splitlines()
    assert name in sentence


def test_an_open_file_stops_the_command_too(office: dict[str, str]) -> None:
    """Named with its place."""
    file = Path(office["TUNGNHA_DATABASE_URL"].removeprefix("sqlite:///"))
    file.chmod(0o644)
    ended = serve(office)
    assert ended.returncode == 1
    assert f"{file} can be read by everybody on this machine: chmod o-rwx it first" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
