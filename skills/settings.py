"""Every setting of the program, read once from the environment (prefix TUNGNHA_), each with a sentence."""

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEMO_SECRET = "only-for-the-demonstration-and-the-tests"  # noqa: S105 - production refuses to start with it


class Settings(BaseSettings):
    """The settings of one process. `docs/operations.md` lists them for whoever runs the server."""

    model_config = SettingsConfigDict(env_prefix="TUNGNHA_", extra="ignore")

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
        """In production a default secret, plain http or a world-readable database stops the start, with the reason."""
        if self.env != "production":
            return self
        if self.secret == DEMO_SECRET or len(self.secret) < 32:
            raise ValueError(
                "TUNGNHA_SECRET_KEY must be set to at least 32 characters of your own in production"
            )
        if not self.base_url.startswith("https://"):
            raise ValueError("TUNGNHA_BASE_URL must begin with https:// in production")
        file = self.database_file
        if file is not None and file.exists() and file.stat().st_mode & 0o007:
            raise ValueError(f"{file} can be read by everybody on this machine: chmod o-rwx it first")
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


@cache
def settings() -> Settings:
    """The settings of this process, read from the environment at first use."""
    return Settings()
