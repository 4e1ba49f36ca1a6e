"""Every sentence is there in both languages: what templates and code say, and what en.po translates, are the same list."""

import ast
import io
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from skills.language import PO_FILE
from skills.web.render import TEMPLATES

ROOT = TEMPLATES.parent
KEYWORDS = ("_", "gettext", "ngettext", "N_")
MsgId = str | tuple[str, ...]


def said_in_templates(source: bytes) -> Iterator[MsgId]:
    """The msgids of one template."""
    for _line, _function, message, _comments in babel_extract(
        io.BytesIO(source), KEYWORDS, [], {"encoding": "utf-8"}
    ):
        yield from _ids(message)


def said_in_python(source: bytes) -> Iterator[MsgId]:
    """The msgids of one module: what a call is given as plain text. What it is given by name was marked where it is written."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
            texts = [
                arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            ]
            yield from _ids(tuple(texts[: 2 if node.func.id == "ngettext" else 1]))


def everything_said() -> dict[MsgId, Path]:
    """Each msgid of the program, with a file that says it."""
    said: dict[MsgId, Path] = {}
    for file in sorted(TEMPLATES.rglob("*.html")):
        said |= dict.fromkeys(said_in_templates(file.read_bytes()), file)
    for file in sorted((ROOT / "skills").rglob("*.py")):
        said |= dict.fromkeys(said_in_python(file.read_bytes()), file)
    return said


def wrongs(said: dict[MsgId, Path], po: str) -> list[str]:
    """What does not fit between the sentences said and a catalogue."""
    catalogue: Catalog = read_po(io.StringIO(po), locale="en", abort_invalid=True)
    known = {message.id: message for message in catalogue if message.id}
    wrong = [f"no English for {_plain(each)!r} ({said[each].name})" for each in said if each not in known]
    wrong += [f"nobody says {_plain(each)!r}" for each in known if each not in said]
    for message in known.values():
        translations = [message.string] if isinstance(message.string, str) else list(message.string or [])
        if message.fuzzy:
            wrong.append(f"fuzzy: {_plain(message.id)!r}")
        if not translations or not all(translations):
            wrong.append(f"empty: {_plain(message.id)!r}")
        if isinstance(message.id, tuple) and len(translations) != 2:
            wrong.append(f"one English form for a number: {_plain(message.id)!r}")
        for place, translation in enumerate(translations):
            given, wanted = _placeholders(translation), _placeholders(_plain(message.id))
            of_one = len(translations) > 1 and place == 0  # "once" needs no number
            if translation and not (given <= wanted if of_one else given == wanted):
                wrong.append(f"placeholders differ: {_plain(message.id)!r}, {translation!r}")
    wrong += [f"obsolete: {message.id!r}" for message in catalogue.obsolete.values()]
    # msgids may be wrapped over lines in the file; a second entry would silently win over the first
    entries = len(re.findall(r"^msgid ", po, re.MULTILINE)) - 1
    return wrong if entries == len(known) else [*wrong, f"{entries} entries for {len(known)} sentences"]


def _ids(message: object) -> Iterator[MsgId]:
    """A babel message is a string, or a tuple in which arguments that are no strings are None."""
    if isinstance(message, str):
        yield message
    elif isinstance(message, tuple):
        texts = tuple(part for part in message if isinstance(part, str))
        if texts:
            yield texts if len(texts) > 1 else texts[0]


def _plain(msgid: MsgId | list[str]) -> str:
    return msgid if isinstance(msgid, str) else msgid[0]


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)s|\{\w+\}", text))


HEAD = 'msgid ""\nmsgstr ""\n"Language: en\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'


@pytest.mark.parametrize(
    ("po", "told"),
    [
        ("", "no English for"),
        ('msgid "Lưu %(n)s"\nmsgstr ""\n', "empty"),
        ('msgid "Lưu %(n)s"\nmsgstr "Save"\n', "placeholders differ"),
        ('#, fuzzy\nmsgid "Lưu %(n)s"\nmsgstr "Save %(n)s"\n', "fuzzy"),
        ('msgid "Lưu %(n)s"\nmsgstr "Save %(n)s"\n\nmsgid "Bỏ"\nmsgstr "Leave"\n', "nobody says"),
        ('msgid "Lưu %(n)s"\nmsgstr "Save %(n)s"\n\n#~ msgid "Bỏ"\n#~ msgstr "Leave"\n', "obsolete"),
        (
            'msgid "Lưu %(n)s"\nmsgstr "Save %(n)s"\n\nmsgid "Lưu %(n)s"\nmsgstr "Keep %(n)s"\n',
            "2 entries for 1",
        ),
    ],
)
def test_the_check_sees_each_kind_of_mistake(po: str, told: str) -> None:
    """One at a time."""
    found = wrongs({"Lưu %(n)s": Path("a.html")}, HEAD + po)
    assert len(found) == 1
    assert found[0].startswith(told)


def test_the_check_reads_templates_and_code() -> None:
    """All four ways to say something, over several lines too."""
    template = b'{{ _("M\xe1\xbb\x99t") }}{{ kit.note(gettext("Hai")) }}{{ ngettext("Ba %(num)s", "Ba %(num)s", n) }}'
    assert list(said_in_templates(template)) == ["Một", "Hai", ("Ba %(num)s", "Ba %(num)s")]
    code = '_("Một" + x)\n_("Hai " \n "ba")\ngettext("Bốn")\nX = {1: N_("Năm")}\nngettext("a", "b", 2)\n'
    assert set(said_in_python(code.encode())) == {"Hai ba", "Bốn", "Năm", ("a", "b")}
    assert len(everything_said()) > 100


def test_every_sentence_has_its_english() -> None:
    """And en.po has no other."""
    wrong = wrongs(everything_said(), PO_FILE.read_text(encoding="utf-8"))
    assert not wrong, "\n".join(wrong)


def test_the_vietnamese_keeps_the_rules_of_the_house() -> None:
    """Composed letters, tone marks in the old places, nobody is shouted at or begged (DESIGN, words)."""
    new_style = re.compile(r"\b\w*(oà|oá|oả|oã|oạ|oè|oé|oẻ|oẽ|oẹ|uỳ|uý|uỷ|uỹ|uỵ)\b", re.IGNORECASE)
    wrong = []
    for each in everything_said():
        sentence = _plain(each)
        if sentence != unicodedata.normalize("NFC", sentence):
            wrong.append(f"not composed: {sentence!r}")
        if re.search(r"!|vui lòng|\bbạn\b|thao tác thành công", sentence, re.IGNORECASE):
            wrong.append(f"tone: {sentence!r}")
        if any(not match.group().lower().startswith("qu") for match in new_style.finditer(sentence)):
            wrong.append(f"tone mark: {sentence!r}")
    assert not wrong, "\n".join(wrong)
