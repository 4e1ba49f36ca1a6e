"""A class signs in at once behind one address, and somebody else goes on working meanwhile."""

import http.client
import time
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

from bench.call import Ask
from bench.ground import Ground
from bench.people import PASSWORD
from bench.rows import Limit, Row, Times, timed_row
from bench.server import Server
from bench.visits import exchange, together

_SENT = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}


def measure_storm(ground: Ground, server: Server, empty_ms: float) -> Iterator[Row]:
    """How long until all are in, how long each waits, and how long a volunteer waits for a form, before and meanwhile."""
    students = ground.cast.students
    hash_ms = ground.limits.hash.p50
    calm: list[float] = []
    _ask_for_forms(ground, server, calm, lambda: len(calm) < ground.effort.repetitions)
    waited: list[float] = []
    during: list[float] = []
    answers: Counter[int] = Counter()
    begun = time.perf_counter()
    together(
        [
            *(_signs_in(server, phone, waited, answers) for phone in students),
            lambda: _ask_for_forms(ground, server, during, lambda: len(waited) < len(students)),
        ]
    )
    everybody = time.perf_counter() - begun
    of_class = f"{len(students)} sign in at once"
    yield Row(
        "storm", f"{of_class}: until the last is in", "ms", max(waited),
        (Limit(f"{len(students)} argon2 hashes, one after another", hash_ms * len(students)),),
        more={
            "per_second": round(len(students) / everybody, 1), "let_in": answers[303], "told_to_try_again": answers[503],
        },
    )  # fmt: skip
    yield timed_row(
        "storm", f"{of_class}: each waits", Times.of(waited), Limit("one argon2 hash", hash_ms),
        Limit("empty route over HTTP", empty_ms),
    )  # fmt: skip
    yield timed_row(
        "storm", "the form of a visit, in the calm", Times.of(calm), Limit("empty route over HTTP", empty_ms)
    )
    if during:
        yield timed_row(
            "storm", "the form of a visit, during the storm", Times.of(during), Limit("empty route over HTTP", empty_ms),
            Limit("the same in the calm", Times.of(calm).p50),
        )  # fmt: skip


def _signs_in(server: Server, phone: str, waited: list[float], answers: Counter[int]) -> Callable[[], None]:
    """One student: once, whatever the answer. Who is told to try again (503) is counted, and not asked to."""

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        begun = time.perf_counter()
        connection.request("POST", "/sign-in", urlencode({"tel": phone, "pw": PASSWORD}), _SENT)
        status = connection.getresponse().status
        waited.append((time.perf_counter() - begun) * 1000)
        connection.close()
        answers[status] += 1
        if status not in (303, 503):
            raise RuntimeError(f"{phone} was answered {status}")

    return work


def _ask_for_forms(ground: Ground, server: Server, taken: list[float], goes_on: Callable[[], bool]) -> None:
    """One volunteer after another asks for the form of a visit, over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    place = 0
    while goes_on():
        goer = ground.cast.volunteers[place % len(ground.cast.volunteers)]
        ward, door = goer.doors[place % len(goer.doors)]
        place += 1
        begun = time.perf_counter()
        status, _body = exchange(connection, Ask(f"/visits/new?ward={ward}&household={door}", goer.cookie))
        taken.append((time.perf_counter() - begun) * 1000)
        if status not in (200, 503):
            raise RuntimeError(f"the form of a visit was answered {status}")
    connection.close()
