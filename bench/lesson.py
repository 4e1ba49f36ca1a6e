"""A class of sixty behind one address signs in as a class does: one after another within a minute, every third mistypes first,
each opens the first page; and somebody else goes on with the daily work meanwhile."""

import http.client
import time
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from bench.call import Ask
from bench.ground import Ground
from bench.people import PASSWORD
from bench.rows import Bar, Limit, Row, Times, timed_row
from bench.server import Server
from bench.visits import exchange, together

FORM = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
MISTYPES = 3  # every so many-th
ALL_IN = Bar("5 min", 300)
PAGE = Bar("500 ms", 500)


def measure_lesson(ground: Ground, server: Server, empty_ms: float) -> Iterator[Row]:
    """How long until the last is in, how many were refused, how long each sign-in took, and how long any page took meanwhile."""
    students = ground.cast.students
    pause = ground.effort.lesson / len(students)
    answers: Counter[int] = Counter()
    signing: list[float] = []
    pages: list[float] = []
    still_out = set(students)
    begun = time.perf_counter()

    def comes(place: int, phone: str) -> Callable[[], None]:
        def work() -> None:
            time.sleep(pause * place)
            try:
                _sign_in(server, phone, place % MISTYPES == 0, answers, signing, pages)
            finally:
                still_out.discard(phone)

        return work

    together(
        [
            *(comes(place, phone) for place, phone in enumerate(students)),
            lambda: _work_on(ground, server, pages, lambda: bool(still_out)),
        ]
    )
    seconds = time.perf_counter() - begun
    who = f"{len(students)} behind one address within {ground.effort.lesson:g} s"
    hash_ms = ground.limits.hash.p50
    hashed = Limit(f"{len(students)} argon2 hashes, one after another", hash_ms * len(students) / 1000)
    refused = sum(n for status, n in answers.items() if status not in (303, 422))
    yield Row(
        "lesson", f"{who}: until the last is in", "s", seconds, (hashed,), bar=ALL_IN,
        note=f"{refused} refused",
        more={"let_in": answers[303], "mistyped": answers[422], "refused": refused},
    )  # fmt: skip
    yield timed_row(
        "lesson", f"{who}: a sign-in takes", Times.of(signing), Limit("one argon2 hash", hash_ms), Limit("empty route over HTTP", empty_ms)
    )  # fmt: skip
    times = Times.of(pages)
    empty = Limit("empty route over HTTP", empty_ms)
    yield timed_row("lesson", "any page meanwhile", times, empty, bar=PAGE)
    yield Row("lesson", "any page meanwhile: the slowest", "ms", times.worst, (empty,), n=times.n, bar=PAGE)


def _sign_in(
    server: Server,
    phone: str,
    mistypes: bool,
    answers: Counter[int],
    signing: list[float],
    pages: list[float],
) -> None:
    """One student: the page, perhaps a wrong password, the right one, and where that leads."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)

    def ask(
        method: str, path: str, body: str | None, headers: dict[str, str], taken: list[float]
    ) -> http.client.HTTPResponse:
        begun = time.perf_counter()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        taken.append((time.perf_counter() - begun) * 1000)
        return answer

    ask("GET", "/sign-in", None, {}, pages)
    for password in ["mistyped"] * mistypes + [PASSWORD]:
        answer = ask("POST", "/sign-in", urlencode({"tel": phone, "pw": password}), FORM, signing)
        answers[answer.status] += 1
    if answer.status == 303:
        cookies = "; ".join(given.partition(";")[0] for given in answer.headers.get_all("Set-Cookie") or ())
        first = ask("GET", answer.getheader("Location") or "/", None, {"Cookie": cookies}, pages)
        if first.status != 200:
            raise RuntimeError(f"the first page of {phone} was answered {first.status}")
    connection.close()


def _work_on(ground: Ground, server: Server, taken: list[float], goes_on: Callable[[], bool]) -> None:
    """Volunteers ask for the list of doors and for the form of a visit, in turn, over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    place = 0
    while goes_on():
        goer = ground.cast.volunteers[place % len(ground.cast.volunteers)]
        ward, door = goer.doors[place % len(goer.doors)]
        path = f"/visits/new?ward={ward}&household={door}" if place % 2 else "/households"
        place += 1
        begun = time.perf_counter()
        status, _body = exchange(connection, Ask(path, goer.cookie))
        taken.append((time.perf_counter() - begun) * 1000)
        if status != 200:
            raise RuntimeError(f"{path} was answered {status} while a class signed in")
    connection.close()
