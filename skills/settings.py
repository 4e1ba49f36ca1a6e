"""Every setting of the program, read once from the environment (prefix TUNGNHA_), each with a sentence."""

import os
import sys
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url

_THIS_MACHINE = ("", "localhost", "127.0.0.1", "::1")
DEMO_SECRET = "only-for-the-demonstration-and-the-tests"  # noqa: S105 - production refuses to start with it


class Settings(BaseSettings):
    """The settings of one process. `docs/operations.md` lists them for whoever runs the server."""

    model_config = SettingsConfigDict(env_prefix="TUNGNHA_", extra="ignore", hide_input_in_errors=True)

    env: Literal["demo", "production", "test"] = Field(
        default="demo", description="demo (every page says so), production, or test"
    )
    database_url: str = Field(
        default="sqlite:///var/tungnha.db",
        description="SQLAlchemy address of the main database: a SQLite file, or postgresql+psycopg://…",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(DEMO_SECRET),
        description="at least 32 characters; salts and signatures depend on it",
    )
    base_url: str = Field(
        default="http://127.0.0.1:8000", description="the address people type; https in production"
    )
    trusted_proxy: str = Field(
        default="",
        description="address of the one proxy whose X-Forwarded-For is believed; empty: none is",
    )

    second_factor: Literal["", "offices", "who-wants"] = Field(
        default="",
        description="who gives a code besides the password: offices (and who wants), or only who wants. Empty: offices in production, "
        "who-wants in demo and test, whose passwords are printed; production takes nothing less than offices",
    )
    worker: Literal["on", "off"] = Field(
        default="on",
        description="off: phones drop the worker and the pages that they kept; nothing that waits on them is touched",
    )

    @model_validator(mode="after")
    def refuse_unsafe_production(self) -> "Settings":
        """In production whatever would give the data away stops the start, with the reason."""
        if self.env == "production":
            for look in (_weak_secret, _plain_http, _debugging, _passwords_alone, _open_file, _open_line):
                reason = look(self)
                if reason:
                    raise ValueError(reason)
        return self

    @property
    def database_file(self) -> Path | None:
        """The SQLite file, or None on another database or in memory."""
        prefix = "sqlite:///"
        if not self.database_url.startswith(prefix) or self.database_url in (prefix, prefix + ":memory:"):
            return None
        return Path(self.database_url.removeprefix(prefix))

    @property
    def second_factor_required(self) -> bool:
        """Whether officers, city administrators and auditors have to have a second factor."""
        return (self.second_factor or ("offices" if self.env == "production" else "who-wants")) == "offices"

    @property
    def secret(self) -> str:
        """The program's secret itself, for what is keyed with it."""
        return self.secret_key.get_secret_value()

    @property
    def https(self) -> bool:
        """Whether people reach the program over https: decides the name and the Secure flag of the cookie."""
        return self.base_url.startswith("https://")

    @property
    def demo(self) -> bool:
        """Whether every page has to say that this is a demonstration."""
        return self.env == "demo"


def _weak_secret(told: Settings) -> str:
    secret = told.secret
    if secret == DEMO_SECRET or len(secret) < 32 or len(set(secret)) < 10:
        return "TUNGNHA_SECRET_KEY must be set to at least 32 random characters of your own in production"
    return ""


def _plain_http(told: Settings) -> str:
    if told.https and urlsplit(told.base_url).hostname:
        return ""
    return "TUNGNHA_BASE_URL must begin with https:// and name your site in production"


def _debugging(told: Settings) -> str:  # noqa: ARG001
    """Whatever starts the program anew at every change, or makes it tell more than it should."""
    found = [word for word in sys.argv if word == "--reload"]
    found += [
        name for name in ("UVICORN_RELOAD", "PYTHONASYNCIODEBUG", "PYTHONDEVMODE") if os.environ.get(name)
    ]
    found += ["-X dev"] if sys.flags.dev_mode else []
    return f"{found[0]} is for programmers: start without it in production" if found else ""


def _passwords_alone(told: Settings) -> str:
    if told.second_factor_required:
        return ""
    return "TUNGNHA_SECOND_FACTOR must be offices in production: a password alone opens the names of a whole city"


def _open_file(told: Settings) -> str:
    """The file, what SQLite keeps beside it, and the folder, in which new ones are made with the rights of the day."""
    file = told.database_file
    if file is None:
        return ""
    beside = [file.with_name(file.name + tail) for tail in ("", "-wal", "-shm", "-journal")]
    for path in (*beside, file.absolute().parent):
        if path.exists() and path.stat().st_mode & 0o007:
            return f"{path} can be read by everybody on this machine: chmod o-rwx it first"
    return ""


def _open_line(told: Settings) -> str:
    """PostgreSQL over a network: libpq's own choice, `prefer`, goes on without TLS when somebody on the way says so."""
    if not told.database_url.startswith("postgresql"):
        return ""
    url = make_url(told.database_url)
    hosts = [url.host or "", *_listed(url.query.get("host", ""))]
    if all(host.startswith("/") or host in _THIS_MACHINE for host in hosts):
        return ""
    mode = _listed(url.query.get("sslmode", "")) or [os.environ.get("PGSSLMODE", "")]
    if mode[-1] in ("require", "verify-ca", "verify-full"):
        return ""
    return "TUNGNHA_DATABASE_URL must end in ?sslmode=verify-full (or require) in production: names and the password would travel in clear"


def _listed(value: str | tuple[str, ...]) -> list[str]:
    texts = [value] if isinstance(value, str) else list(value)
    return [each for text in texts for each in text.split(",") if each]


@cache
def settings() -> Settings:
    """The settings of this process, read from the environment at first use."""
    return Settings()
