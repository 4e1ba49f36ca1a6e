"""Unmistakable words in every seeded field, and the search for them in whatever is answered."""

import io
import re
import zipfile
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import unquote

_WORD = re.compile(r"zq\d{3}qz")
_COUNT = re.compile(
    r"(?<![\w.,-])(71)[.,\xa0]?(\d\d\d)(?![\w-]|[.,]\d)"
)  # no part of an id, no hundredths of a drawing, no four letters of a link
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PHONE = re.compile(r"905[ .\xa0-]?5(?:[ .\xa0-]?\d){5}")


@dataclass(frozen=True, order=True)
class Secret:
    """One seeded field: what kind of field it is, and of whom or what."""

    kind: str  # "note", "door", "full name" …
    of: str  # "mate", "sibling" …: an object position, or the letter of a subject


@dataclass
class Canaries:
    """The words that were given out, each once."""

    known: dict[str, Secret] = field(default_factory=dict)

    def word(self, kind: str, of: str) -> str:
        """A word to be put into a text field."""
        return self._keep(f"zq{len(self.known):03d}qz", kind, of)

    def number(self, kind: str, of: str) -> int:
        """A number from 71 000 to 71 999, as no other count of the world is."""
        return int(self._keep(str(71_000 + len(self.known)), kind, of))

    def phone(self, of: str, kind: str = "phone") -> str:
        """A telephone number in E.164; pages may write it in any way."""
        return "+84" + self._keep(f"9055{len(self.known):05d}", kind, of)

    def mark(self, id: object, kind: str, of: str) -> None:
        """The id of something is known too: whoever may not know that it is there must not read its id anywhere."""
        self._keep(str(id), kind, of)

    def found_in(self, *texts: str) -> set[Secret]:
        """What of all that stands in these texts, however it is escaped, capitalised or grouped."""
        found: set[Secret] = set()
        for text in texts:
            plain = unescape(unquote(text)).lower()
            counts = {"".join(parts) for parts in _COUNT.findall(plain)}
            phones = {re.sub(r"\D", "", written) for written in _PHONE.findall(plain)}
            for word in {*_WORD.findall(plain), *_ID.findall(plain), *counts, *phones}:
                if word in self.known:
                    found.add(self.known[word])
        return found

    def _keep(self, word: str, kind: str, of: str) -> str:
        self.known[word] = Secret(kind, of)
        return word


def readable(body: bytes) -> list[str]:
    """A body as texts: one, or file by file when it is a ZIP, as every XLSX is."""
    if body[:4] != b"PK\x03\x04":
        return [body.decode("utf-8", "replace")]
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return [f"{name}: {packed.read(name).decode('utf-8', 'replace')}" for name in packed.namelist()]
