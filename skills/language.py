"""The language of the request: Vietnamese is written in the source, English comes from `skills/web/locale/en.po`.

Anything that makes a sentence for a person calls `gettext` here; the web kit only decides which language is current.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

Language = Literal["vi", "en"]
LANGUAGES: tuple[Language, ...] = ("vi", "en")
PO_FILE = Path(__file__).parent / "web" / "locale" / "en.po"

_current: ContextVar[Language] = ContextVar("language", default="vi")


def current() -> Language:
    """The language of this request, or Vietnamese outside one."""
    return _current.get()


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Everything said inside the block is said in this language."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def gettext(message: str) -> str:
    """A Vietnamese sentence of the source in the current language."""
    return _translations(current()).gettext(message)


def ngettext(one: str, many: str, n: int) -> str:
    """The same with a number: Vietnamese has no plural forms, English has two."""
    return _translations(current()).ngettext(one, many, n)


@cache
def _translations(language: Language) -> NullTranslations:
    """The catalogue of a language, compiled in memory at first use, so that no compiled file has to be kept."""
    if language == "vi":
        return _Vietnamese()
    with PO_FILE.open("rb") as source:
        catalogue = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


class _Vietnamese(NullTranslations):
    """The source language: what is written is what is said, and one form serves every number."""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:  # noqa: ARG002
        return msgid1
