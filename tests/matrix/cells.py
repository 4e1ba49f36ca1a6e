"""Every cell of the table, asked; and the same routes asked in ways that no page of ours does."""

import re
from collections.abc import Iterable, Iterator

from tests.matrix.canary import Secret
from tests.matrix.requests import BODIES, filled, query_of
from tests.matrix.table import ON_A_CARD, Line, Table
from tests.matrix.walk import TAKEN, UNCONFIRMED, Walk
from tests.matrix.world import SUBJECTS, new_id

# Nothing of what is sent to these is read, or every field but a known one is left aside: there is nothing to refuse.
READS_NOTHING = {
    "POST /sign-out", "POST /visits/practice", "POST /language", "POST /confirm/typed", "POST /account/second-factor/recovery-codes",
    "POST /account/second-factor/removal", "POST /invitations/{invitation_id}/reissue", "POST /invitations/{invitation_id}/revocation",
    "POST /invitations/return/{person_id}", "POST /admin/people/{person_id}/dismissal", "POST /admin/people/{person_id}/reinstatement",
    "POST /admin/people/imports/{import_id}/undo",
}  # fmt: skip
# What a header may change besides nothing: the outbox says whose visit it brings, and whoever that is not is nobody.
_ALSO = {("x-person", ""): "s1", ("x-person", "POST /sign-out"): "0", ("authorization", ""): "s1"}
METHODS = ("HEAD", "OPTIONS", "TRACE", "GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND")
STRANGE = ("author_id", "role", "area_id", "state", "received_at")


def every_cell(walk: Walk, table: Table) -> list[str]:
    """What is wrong in any cell of the table."""
    wrong = [
        complaint
        for line in table.lines
        for subject in SUBJECTS
        for position in line.positions
        for complaint in walk.complaints(line, subject, position, table)
    ]
    return wrong + [f"changed unnoticed: {name}" for name in walk.state.differing()]


def unconfirmed(walk: Walk, lines: Iterable[Line]) -> Iterator[str]:
    """What is wrong with the answers to the administrator whose last proof is too old, where a gate asks for a new one."""
    for line in lines:
        if not line.gate.endswith(", confirmed"):
            continue
        address, body = walk.request(line, "C", line.positions[0])
        answer = walk.send(line.method, address, UNCONFIRMED, body)
        asked_again = answer.response.headers.get("location", "").startswith("/confirm")
        if answer.stored or not asked_again:
            yield f"{line.route} ({line.about}), without a new proof: {answer.letter}, changed {sorted(answer.stored)}"


def never_seen(walk: Walk, table: Table) -> set[tuple[str, Secret]]:
    """What the table says that somebody may see, and no answer showed: then the table says too much, or the search is blind."""
    may = {
        (subject, Secret(kind.removesuffix(ON_A_CARD), of))
        for kind, subjects in table.sees.items()
        for subject, owners in subjects.items()
        for of in owners
    }
    return may - walk.seen


def odd_requests(walk: Walk, table: Table) -> list[str]:
    """What is wrong with the answers to every route's odd requests: each is told what the plain request is told, or less."""
    wrong: list[str] = []
    for line in table.lines:
        for subject in ("N", "V", "W"):
            for position in ("own", "cluster") if len(line.positions) > 1 else ("",):
                wrong += _otherwise(walk, table, line, subject, position)
    return wrong + [f"changed unnoticed: {name}" for name in walk.state.differing()]


def _otherwise(walk: Walk, table: Table, line: Line, subject: str, position: str) -> Iterator[str]:
    where = f"{line.route} ({line.about}), {SUBJECTS[subject][1]}, {position or 'no object'}"
    address, body = walk.request(line, subject, position)
    plain = line.answer(subject, position)
    # the address may be that of another route too: "/admin/people/imports" reads as a person of that name
    declared = {other.method for other in table.lines if _fits(other.path, address.partition("?")[0])}

    def judged(told: str, meant: str, *request: object, **more: object) -> list[str]:
        answer = walk.send(*request, **more)  # type: ignore[arg-type]
        return walk.judge(answer, line, subject, meant, table, f"{where}, {told}")

    for method in METHODS:
        if method not in declared and position != "cluster" and subject != "N":
            yield from judged(method, "54", method, address, subject, None)
    for told, other in _spelled_otherwise(address):
        yield from judged(told, plain + "245", line.method, other, subject, body)
    if position == "cluster":
        return
    for name, value in _headers(walk):
        header = [(name.encode(), value.encode())]
        meant = plain + _ALSO.get((name, line.route), _ALSO.get((name, ""), ""))
        yield from judged(name, meant, line.method, address, subject, body, header)
    if position == "own":
        yield from _twice(walk, line, subject, judged)
    if isinstance(body, dict) and line.route not in READS_NOTHING and plain in TAKEN:
        for name in STRANGE:
            yield from judged(
                f"with {name}", "24", line.method, address, subject, body | {name: str(new_id())}
            )


def _fits(path: str, address: str) -> bool:
    return bool(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), address))


def _spelled_otherwise(address: str) -> list[tuple[str, str]]:
    path, mark, query = address.partition("?")
    last = path.rpartition("/")
    return [
        ("a slash behind it", f"{path}/{mark}{query}"),
        ("in capitals", f"{path.upper()}{mark}{query}"),
        ("a slash escaped", f"{last[0]}%2F{last[2]}{mark}{query}"),
        ("a slash doubled", f"/{path}{mark}{query}"),
        ("a step up and down", f"/x/..{path}{mark}{query}"),
        ("with parameters", f"{path};a=b{mark}{query}"),
        ("a byte of nothing", f"{path}%00{mark}{query}"),
        ("another method asked for", f"{address}{'&' if mark else '?'}_method=DELETE"),
    ]


def _headers(walk: Walk) -> list[tuple[str, str]]:
    foreign = walk.world.things["visit"]["cluster"]
    return [
        ("x-http-method-override", "DELETE"),
        ("x-original-url", f"/visits/{foreign.ward}/{foreign.id}"),
        ("x-forwarded-user", "Khánh"[:2]),
        ("x-forwarded-for", "127.0.0.1"),
        ("if-match", f'"{foreign.id}"'),
        ("x-person", str(walk.world.people["Khánh"])),
        ("authorization", "Basic QTpC"),
    ]


def _twice(walk: Walk, line: Line, subject: str, judged: object) -> Iterator[str]:
    """The same name given twice, with one's own object and with a foreign one, in the address and in the form."""
    assert callable(judged)
    own, foreign = (walk.thing(line, subject, position) for position in ("own", "cluster"))
    meant = line.answer(subject, "own") + line.answer(subject, "cluster") + "24"
    if line.query:
        for first, second in ((own, foreign), (foreign, own)):
            told = f"{filled(line.path, first)}?{filled(line.query, first)}&{filled(line.query, second)}"
            yield from judged("named twice", meant, line.method, told, subject, None)
    body = BODIES.get((line.route, line.about))
    if body is None:
        return
    address, _body = walk.request(line, subject, "own")
    mine, theirs = body(walk.world, subject, own), body(walk.world, subject, foreign)
    if not isinstance(mine, dict) or not isinstance(theirs, dict):
        return
    for earlier, later in ((mine, theirs), (theirs, mine)):
        both = query_of(earlier, later).encode()
        form = [(b"content-type", b"application/x-www-form-urlencoded")]
        yield from judged("sent twice", meant, line.method, address, subject, both, form)
