"""What somebody may type, paste or send who means no good, or whose machine is broken: each value has a name for the report.

A value is text, or bytes that are no text. What is made to become markup carries the canary in the name of a tag or of an
attribute: wherever a page has such a tag or attribute, something was not escaped. Elsewhere the canary is plain text.
"""

import unicodedata
from typing import NamedTuple

CANARY = "hostile7f"
LONG = 100_000  # characters; with a body limit of a megabyte this still arrives


class Hostile(NamedTuple):
    """One value of the corpus."""

    name: str
    value: str | bytes

    @property
    def sent(self) -> bytes:
        """As UTF-8, lone surrogates too, as broken programs send them."""
        return self.value if isinstance(self.value, bytes) else self.value.encode("utf-8", "surrogatepass")

    @property
    def text(self) -> str:
        """What a person would read of it; replacement characters for what is no text."""
        return self.sent.decode("utf-8", "replace")


_MARKUP = (
    f"<script {CANARY}>{CANARY}()</script>",
    f'"><script {CANARY}>{CANARY}()</script>',
    f"'><img {CANARY} src=x onerror={CANARY}()>",
    f"<svg {CANARY} onload={CANARY}()>",
    f"<svg><script {CANARY}>{CANARY}()</script>",
    f'" {CANARY} onfocus={CANARY}() autofocus x="',
    f"' {CANARY} onmouseover='{CANARY}()",
    f"</textarea><{CANARY}>",
    f"</title><{CANARY}>",
    f"</select><{CANARY}>",
    f"</script><{CANARY}>",
    f"</template><{CANARY}>",
    f"--><{CANARY}>",
    f"]]><{CANARY}>",
    f"<!--<{CANARY}>",
    f"<{CANARY}",
    f"<\x00{CANARY}>",
    f"<\u200b{CANARY}>",
    f"<\n{CANARY}>",
    f"javascript:{CANARY}()",
    f" \x01javascript:{CANARY}()",
    f"data:text/html,<{CANARY}>",
    f'<a {CANARY} href="javascript:{CANARY}()">x</a>',
    f'<iframe {CANARY} srcdoc="<script>{CANARY}()</script>">',
    f"<style {CANARY}>@import '//{CANARY}.example'</style>",
    f"<base {CANARY} href=//{CANARY}.example>",
    f"<form {CANARY} action=//{CANARY}.example><button>",
    f"<meta {CANARY} http-equiv=refresh content=0;url=//{CANARY}.example>",
    f"<b {CANARY} hx-get=/sign-out hx-trigger=load>",
    f"&lt;{CANARY}&gt;",
    f"&#60;{CANARY}&#62;",
    f"\uff1c{CANARY}\uff1e",  # fullwidth
    f"{CANARY}{{{{7*7}}}}",
    f"{{% raw %}}{CANARY}",
    f"${{7*7}}{CANARY}",
    f"%({CANARY})s",
    f"{{{CANARY}}}",
)

_TEXTS = (
    ("empty", ""),
    ("a space", " "),
    ("spaces of all kinds", "\u00a0\u2003\u3000\t"),
    ("very long", "x" * LONG),
    ("very long, accents", "ặ" * (LONG // 3)),
    ("NUL", "a\x00b"),
    ("NUL alone", "\x00"),
    ("control characters", "".join(map(chr, range(1, 32))) + "\x7f\x85"),
    ("a lone surrogate", "\ud800"),
    ("surrogates in disorder", "\udc00\ud800"),
    ("no UTF-8", b"\xff\xfe"),
    ("half a letter", b"\xc3"),
    ("overlong slash", b"\xc0\xaf"),
    ("beyond Unicode", b"\xf4\x90\x80\x80"),
    ("a non-character", "\uffff\ufdd0"),
    ("private use", "\ue000\U0010fffd"),
    ("a byte order mark", "\ufeff7"),
    ("written from the right", "\u202e7/21K\u202c"),
    ("Arabic", "مرحبا 12"),
    ("nothing to see", "\u200b\u200d\u2060" * 100),
    ("marks without end", "a" + "\u0301\u0316" * 200),
    ("marks alone", "\u0301" * 300),
    ("emoji", "👨‍👩‍👧‍👦🏳️‍🌈"),
    ("letters and marks apart", unicodedata.normalize("NFD", "Nguyễn Thị Hường, Kiệt 45 Hàng Dừa")),
    ("letters that grow", "ﷺßİŉ" * 8),
    ("line separators", "một\u2028hai\u2029ba\x0bbốn\x0cnăm"),
    ("many lines", "a\r\n" * 200),
    ("SQL", "'; DROP TABLE visit; --"),
    ("SQL that is true", "' OR '1'='1"),
    ("SQL in double quotes", '" OR ""="'),
    ("LIKE everything", "%"),
    ("LIKE anything", "____"),
    ("LIKE escaped", "\\%\\"),
    ("GLOB", "[a-z]*?"),
    ("a regular expression", "(a+)+$" + "a" * 40),
    ("a path upwards", "../../../../etc/passwd"),
    ("a path upwards, escaped", "..%2f..%2f%00"),
    ("a header", f"x\r\nSet-Cookie: {CANARY}=1"),
    ("a header, escaped", f"%0d%0aSet-Cookie:%20{CANARY}=1"),
    ("another site", f"//{CANARY}.example/"),
    ("another site, slashes mixed", f"/\\{CANARY}.example"),
    ("another site, whole", f"https://{CANARY}.example/"),
    ("a path with accents", "/households?q=Hòa Cường"),
    ("a formula", f'=HYPERLINK("//{CANARY}.example","x")'),
    ("a formula that adds", "+1+1"),
    ("a formula that calls", "-2+3+cmd|' /C calc'!A0"),
    ("a formula that sums", "@SUM(1+1)"),
    ("a formula after a tab", "\t=1+1"),
    ("a formula, fullwidth", "＝1+1"),
    ("nothing, in words", "null"),
    ("undefined", "undefined"),
    ("None", "None"),
    ("true", "true"),
    ("on", "on"),
    ("JSON", '{"$ne": null}'),
    ("a prototype", "__proto__"),
    ("lanes without end", "K45/" + "12/" * 9),
    ("a long number of a door", "9" * 29 + "A"),
    ("an identity number", "048190001234"),
)

_NUMBERS = (
    "0", "-0", "-1", "+1", "1.5", "1,5", "1.0", "1e3", "1e309", "-1e309", "NaN", "Infinity", "-Infinity", "0x10", "0b1", "010",
    "1_000", "_1", "٣", "３", "²", "½", "一", " 1 ", "1 000", "999999", "1000000", "1000001", "2147483647", "2147483648",
    "-2147483649", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "9" * 400, "9" * 5000,
)  # fmt: skip

_DATES = (
    "0000-00-00", "0001-01-01", "1999-12-31", "2000-01-01", "2199-12-31", "2200-01-01", "9999-12-31", "10000-01-01",
    "-0001-01-01", "2026-02-30", "2026-02-29", "29/02/2026", "29/02", "2/29/2026", "32/13/2026", "1/1/1", "1/1/0", "1//1",
    "-1/-1/2026", "1/1/2026/1", "1/1/99999999999999999999", "2026-W54", "2026-W00", "2026-W53", "2199-W52", "2000-W01",
    "2026-13", "2026-00", "2000-01", "2199-12", "2000", "2199", "1999", "2026-Q5", "2026-Q0", "2026-H3", "2000-H1", "2026-366",
    "2026-08-28T00:00:00Z", "2026-08-28T24:00:00+99:99", "٢٠٢٦-٠٨-٢٨", "２０２６-08-28", "2026-08-28..2026-08-29",
)  # fmt: skip

_IDS = (
    "not-a-uuid",
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "DDDDDDDD-0000-7000-8000-000000000000",
    "{dddddddd-0000-7000-8000-000000000000}",
    "urn:uuid:dddddddd-0000-7000-8000-000000000000",
    "dddddddd000070008000000000000000",
    "dddddddd-0000-7000-8000-00000000000",
    "dddddddd-0000-7000-8000-0000000000000",
    "dddddddd-0000-7000-8000-000000000000\n",
    "dddddddd_0000_7000_8000_000000000000",
)

CORPUS: tuple[Hostile, ...] = (
    *(Hostile(f"markup {value}", value) for value in _MARKUP),
    *(Hostile(name, value) for name, value in _TEXTS),
    *(
        Hostile(f"number {value}" if len(value) < 30 else f"number of {len(value)} digits", value)
        for value in _NUMBERS
    ),
    *(Hostile(f"day {value}", value) for value in _DATES),
    *(Hostile(f"id {value!r}", value) for value in _IDS),
)

# Names that a form does not have, and spellings of one that it has ("%" stands for the name of a field).
NAMES: tuple[Hostile, ...] = (
    *(
        Hostile(f"name {name!r}", name)
        for name in (
            "", " ", "%[]", "%[0]", "%[$ne]", "%.x", "%%00", "__proto__", "constructor", "self", "request", "db", "viewer",
            "ward_id", "version", "author_id", "team_id", "received_at", "skills", "audiences", "model_config", "_method", "level-", "audience-",
            "level-99999999999999999999", "audience-٣", "audience--1", "level-x", "x" * 10_000, f"<{CANARY}>",
            f'" {CANARY} x="', "\ud800", "a\x00b",
        )
    ),
    Hostile("name of no UTF-8", b"\xff"),
)  # fmt: skip

# What a header may carry that our pages read. Bytes, as they come over the wire.
HEADERS: tuple[Hostile, ...] = (
    Hostile("empty", b""),
    Hostile("long", b"x" * 8000),
    Hostile("no UTF-8", b"\xff\xfe\x80"),
    Hostile("UTF-8", "Hòa".encode()),
    Hostile("a lone surrogate", "\ud800".encode("utf-8", "surrogatepass")),
    Hostile("a quote", b'"'),
    Hostile("commas", b"," * 3000),
    Hostile("weights", b"en;q=NaN,vi;q=1e309,en;q=-1,*;q=Infinity,;q=,q=1"),
    Hostile("markup", f'"><script {CANARY}>'.encode()),
    Hostile("a number that is too large", b"9" * 400),
    Hostile("a negative number", b"-1"),
    Hostile("a superscript", "²".encode("latin-1")),
    Hostile("Arabic digits", "٣".encode()),
    Hostile("a token", b"Bearer \xff"),
    Hostile("a token of nothing", b"Bearer "),
    Hostile("a token twice", b"Bearer a b"),
    Hostile("basic", b"Basic OjpA"),
    Hostile("a path", b"../../etc/passwd"),
    Hostile("another site", f"https://{CANARY}.example".encode()),
    Hostile("a language", b"en-" + b"a" * 500),
)
