"""Bodies that are no form, at every address that takes one: files, JSON, archives, lies about length and letters, and much too much."""

import gzip
import io
import json
import zipfile
from collections.abc import Iterable, Iterator

import pytest

from skills.web.body_limit import LARGEST
from tests.hostile.corpus import CANARY, Hostile
from tests.hostile.enough import AT_LEAST
from tests.hostile.siege import Siege, who_may_open
from tests.hostile.wire import FORM, JSON

Body = tuple[str, bytes | Iterable[bytes], list[tuple[bytes, bytes]]]
FIELDS = b"item=x&base=1&reason=twice&tel=0905000001&pw=x&language=en&next=%2F&outcome=met&people=1&number=7&street=a"


def _type(text: str) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", text.encode())]


def _part(name: str, value: bytes, more: str = "") -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode()
    return head + value + b"\r\n"


def _bomb() -> bytes:
    """An archive of a few hundred bytes that holds ten megabytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", b"0" * 10_000_000)
    return packed.getvalue()


def bodies() -> Iterator[Body]:
    """Each with a name for the report and the headers it comes with."""
    multipart, bomb = _type("multipart/form-data; boundary=x"), _bomb()
    yield "nothing", b"", []
    yield "a form that does not say so", FIELDS, []
    yield "a form called text", FIELDS, _type("text/plain")
    yield "a form called nothing known", FIELDS, _type("x/y; z")
    yield "a content type that is none", FIELDS, _type(";;;=")
    yield "a content type twice", FIELDS, [FORM, *_type("multipart/form-data; boundary=x")]
    yield "JSON", json.dumps({"people": {"$ne": None}}).encode(), _type("application/json")
    yield "JSON without end", b"[" * 100_000, _type("application/json")
    yield "JSON that is called a form", b'{"people": 1}', [FORM]
    yield "XML", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', _type("application/xml")
    yield "percent signs", b"%=%&%z=%zz&%u0041=%u0041&%%%", [FORM]
    yield "separators alone", b"&&&&;;;;====&=&=;", [FORM]
    yield "NUL bytes", b"\x00=\x00&people=\x00\x00", [FORM]
    yield "bytes", bytes(range(256)) * 8, [FORM]
    yield "no text", b"people=\xff\xfe&\xc3=1", [FORM]
    yield "brackets", b"people" + b"[" * 5000 + b"=1&people[][][0]=2", [FORM]
    yield "hundreds of fields", b"&".join(b"f%d=1" % n for n in range(900)), [FORM]
    yield "thousands of fields", b"&".join(b"f%d=1" % n for n in range(5000)), [FORM]
    yield "marks without end", b"note=a" + "\u0301\u0316".encode() * 100_000, [FORM]
    yield "a long name", b"x" * 500_000 + b"=1", [FORM]
    for charset in ("utf-16", "utf-7", "idna", "unicode_escape", "rot13", "zlib", "\xe9", "x" * 4000, ""):
        yield (
            f"charset {charset[:20]}",
            FIELDS,
            _type(f"application/x-www-form-urlencoded; charset={charset}"),
        )
        yield (
            f"multipart, charset {charset[:20]}",
            _part("people", b"\xff\\ud800") + b"--x--",
            _type(f"multipart/form-data; boundary=x; charset={charset}"),
        )
    yield "multipart without a boundary", _part("people", b"1") + b"--x--", _type("multipart/form-data")
    yield "an empty boundary", _part("people", b"1") + b"--x--", _type("multipart/form-data; boundary=")
    yield "another boundary", _part("people", b"1") + b"--x--", _type("multipart/form-data; boundary=y")
    yield (
        "a long boundary",
        b"--" + b"y" * 5000 + b"\r\n",
        _type("multipart/form-data; boundary=" + "y" * 5000),
    )
    yield (
        "a boundary of no letters",
        b"--\xff\r\n",
        [(b"content-type", b"multipart/form-data; boundary=\xff")],
    )
    yield "multipart without an end", _part("people", b"1"), multipart
    yield "multipart in the middle of a head", b"--x\r\nContent-Disposi", multipart
    yield "a part without a name", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--", multipart
    yield "a part without a head", b"--x\r\n\r\n1\r\n--x--", multipart
    yield "a head without end", b"--x\r\nA: " + b"b" * 300_000 + b"\r\n\r\n1\r\n--x--", multipart
    yield "heads without end", b"--x\r\n" + b"A: b\r\n" * 20_000 + b"\r\n1\r\n--x--", multipart
    yield "thousands of parts", b"".join(_part(f"f{n}", b"1") for n in range(5000)) + b"--x--", multipart
    yield (
        "thousands of files",
        b"".join(_part("f", b"1", '; filename="a"') for _ in range(2000)) + b"--x--",
        multipart,
    )
    yield (
        "a form as parts",
        _part("people", b"1") + _part("note", f"<{CANARY}>".encode()) + b"--x--",
        multipart,
    )
    yield "a file", _part("note", b"1", '; filename="a.txt"') + b"--x--", multipart
    yield "an empty file", _part("note", b"", '; filename=""') + b"--x--", multipart
    yield "a file called a path", _part("note", b"1", '; filename="../../etc/passwd"') + b"--x--", multipart
    yield (
        "a file with a huge name",
        _part("note", b"1", f'; filename="{"x" * 200_000}"') + b"--x--",
        multipart,
    )
    yield (
        "a file with a name in parts",
        _part("note", b"1", "; filename*=UTF-8''%ff%00; filename*0=a") + b"--x--",
        multipart,
    )
    yield "a file of bytes", _part("note", bytes(range(256)) * 40, '; filename="a.bin"') + b"--x--", multipart
    yield "a zip bomb in a file", _part("note", bomb, '; filename="a.zip"') + b"--x--", multipart
    yield "a zip bomb", bomb, _type("application/zip")
    yield "a zip bomb as a form", bomb, [FORM]
    squeezed = [(b"content-encoding", b"gzip")]
    yield "squeezed", gzip.compress(FIELDS), [FORM, *squeezed]
    yield "squeezed bomb", gzip.compress(b"note=" + b"0" * 50_000_000), [FORM, *squeezed]
    yield "not squeezed, but said to be", FIELDS, [FORM, *squeezed]
    yield "squeezed by nobody knows what", FIELDS, [FORM, (b"content-encoding", b"x, br, gzip, \xff")]
    for length in (b"0", b"-1", b"1", b"9" * 18, b"9" * 5000, b"1e9", b"\xb2", "٣".encode(), b"5, 5", b""):
        yield f"said to be {length[:20]!r} long", FIELDS, [FORM, (b"content-length", length)]
    yield "a megabyte", b"note=" + b"x" * (LARGEST - 5), [FORM]
    yield "more than a megabyte", b"note=" + b"x" * LARGEST, [FORM]
    yield (
        "more than a megabyte, and said so",
        b"note=x",
        [FORM, (b"content-length", str(LARGEST + 1).encode())],
    )
    yield "megabytes in pieces", [b"x" * 65_536] * 40, [FORM]
    yield "a form in single bytes", [bytes([byte]) for byte in FIELDS], [FORM]
    yield "a megabyte of signs", b"%FF" * 300_000, [FORM]
    yield "a megabyte of a file", _part("note", b"x" * 900_000, '; filename="a"') + b"--x--", multipart


def test_no_body_breaks_anything_and_nothing_of_it_is_stored(besieged: Siege) -> None:
    """At every address that takes a body, for a page and for a program; what is no form is refused or has no fields."""
    besieged.explore("Hoài", "Thu")
    targets = [path for path, methods, _ in besieged.routes.declared if "POST" in methods]
    assert len(targets) >= 7
    ticket = (b"authorization", f"Bearer {besieged.ticket}".encode())  # what comes of a phone has no session
    for route in targets:
        target = route.format(**besieged.there)
        for name, body, headers in bodies():
            for more in ([], [JSON]) if not target.startswith("/api/v1/sync") else ([ticket], [ticket, JSON]):
                answer = besieged.attack_raw(
                    who_may_open(route), "POST", target, Hostile(name, ""), body, [*headers, *more]
                )
                expected = {200, 303, 400, 404, 413, 422, 429}
                if target.startswith("/sign-in/"):
                    expected.add(401)  # Hoài is not between password and code
                assert answer is None or answer.status_code in expected, (target, name)
    print(f"\n{besieged.sent} hostile bodies: {dict(besieged.answered.most_common())}")  # noqa: T201
    assert besieged.complaints == []
    assert besieged.sent >= AT_LEAST["bodies"]
    assert besieged.answered[413] >= 4 * len(targets)


@pytest.mark.parametrize("size", [LARGEST + 1, 3 * LARGEST])
def test_what_is_too_large_is_not_read_to_its_end(besieged: Siege, size: int) -> None:
    """The answer is there while most of it is still on its way."""
    read = 0

    def pieces() -> Iterator[bytes]:
        nonlocal read
        for _ in range(size // 4096 + 1):
            read += 4096
            yield b"x" * 4096

    answer = besieged.wires["Hoài"].send("POST", "/visits", pieces(), [FORM])
    assert answer.status_code == 413
    assert read <= LARGEST + 2 * 4096
