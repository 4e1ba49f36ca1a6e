"""Visits written: one by one, twenty in a transaction, and over HTTP by several people at once, as the pages send them."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from random import Random
from urllib.parse import urlencode
from uuid import UUID, uuid4

from bench.call import Ask
from bench.ground import Ground
from bench.people import Goer
from bench.rows import Bar, Limit, Row, Times, timed_row
from bench.server import Server
from skills import clock
from skills.catalogue.find import audiences_on, skills_on
from skills.people.viewer import Viewer
from skills.visits.forms import VisitForm, read_visit
from skills.visits.receive import PLAINLY
from skills.visits.record import record_visit, record_visits

BATCH = 20
IN_LARGEST = "one visit through the verb, in the largest wards"
MANY = Bar("≥ 1 000 a second over the sync API", 1.0)  # milliseconds for each
_OUTCOMES = (("met", 70), ("absent", 17), ("declined", 4), ("come_back", 9))
_SKILLS = (1, 2, 3, 4, 5, 9, 12, 17, 21, 25)

Fields = tuple[tuple[str, str], ...]


def measure_verbs(ground: Ground) -> Iterator[Row]:
    """The verb alone, each visit in a transaction of its own, then twenty as a set."""
    n = ground.effort.repetitions
    largest = ground.cast.ward_leads[: max(ground.effort.wards // 2, 1)]
    for name, goers in (("one visit through the verb", ground.cast.volunteers), (IN_LARGEST, largest)):
        yield _singles(ground, name, goers, n * 3)
    batches: list[float] = []
    cpu: list[float] = []
    sets = [
        list(_forms(ground, [ground.cast.volunteers[place % len(ground.cast.volunteers)]], BATCH))
        for place in range(max(n // 3, 3))
    ]
    for told in sets:
        worked, begun = time.process_time(), time.perf_counter()
        with ground.database.writing() as db:
            record_visits(db, told[0][0], [form for _viewer, form in told], [PLAINLY] * BATCH)
        batches.append((time.perf_counter() - begun) * 1000)
        cpu.append((time.process_time() - worked) * 1000 / BATCH)
    yield timed_row(
        "visits", "batches of 20 through the verb, for each visit",
        Times.of([ms / BATCH for ms in batches], cpu),
        Limit("bare insert, 20 in a transaction", ground.limits.insert_20.p50 / BATCH),
        bar=MANY, note="a set of one person, as a phone hands it in", per_second=_per_second(batches, BATCH),
    )  # fmt: skip


def _singles(ground: Ground, name: str, goers: Sequence[Goer], n: int) -> Row:
    """Each visit in a transaction of its own, on the disk when it ends."""
    for viewer, form in _forms(ground, goers, 5):
        with ground.database.writing() as db:
            record_visit(db, viewer, form)
    taken: list[float] = []
    cpu: list[float] = []
    for viewer, form in _forms(ground, goers, n):
        worked, begun = time.process_time(), time.perf_counter()
        with ground.database.writing() as db:
            record_visit(db, viewer, form)
        taken.append((time.perf_counter() - begun) * 1000)
        cpu.append((time.process_time() - worked) * 1000)
    limit = Limit("bare insert, its own transaction", ground.limits.insert.p50)
    return timed_row("visits", name, Times.of(taken, cpu), limit, per_second=_per_second(taken, 1))


def measure_http(ground: Ground, server: Server, empty_ms: float) -> Iterator[Row]:
    """The whole way over HTTP: one client, then several at once."""
    for clients in sorted({1, ground.effort.clients}):
        goers = ground.cast.volunteers[:clients]
        each = max(ground.effort.repetitions * 2 // clients, 5)
        sent: list[list[float]] = [[] for _ in goers]
        answers: Counter[int] = Counter()
        posts = [[ask_to_save(ground, one) for _ in range(each)] for one in goers]
        begun = time.perf_counter()
        together([_poster(server, own, sent[place], answers) for place, own in enumerate(posts)])
        wall = (time.perf_counter() - begun) * 1000
        taken = [ms for own in sent for ms in own]
        who = "one client" if clients == 1 else f"{clients} clients at once"
        limits = (
            Limit("bare insert, its own transaction", ground.limits.insert.p50),
            Limit("empty route over HTTP", empty_ms),
        )
        yield timed_row(
            "visits", f"POST /visits over HTTP, {who}: until the receipt", Times.of(taken), *limits,
            accepted=answers[200], refused=answers.total() - answers[200], p99=round(Times.of(taken).p99, 2),
        )  # fmt: skip
        yield Row(
            "visits", f"POST /visits over HTTP, {who}: for each visit", "ms", wall / len(taken), limits, n=len(taken),
            more={"per_second": round(len(taken) / wall * 1000)},
        )  # fmt: skip


def together(works: Sequence[Callable[[], None]]) -> None:
    """Does several things at the same time and waits for all of them; the first error of any is raised."""
    failed: list[BaseException] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        try:
            start.wait()
            work()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def ask_to_save(ground: Ground, goer: Goer, outcome: str = "") -> Ask:
    """A visit as the outbox posts it."""
    ward, door = ground.chance.choice(goer.doors)
    return Ask("/visits", goer.cookie, fields=fields_of(ground.chance, ward, door, outcome))


def fields_of(chance: Random, ward: int, door: UUID, outcome: str = "") -> Fields:
    """The fields of a visit, mostly met unless it is said; when met, with a skill or three."""
    outcome = (
        outcome or chance.choices([name for name, _ in _OUTCOMES], [weight for _, weight in _OUTCOMES])[0]
    )
    fields = [
        ("ward", str(ward)), ("household", str(door)), ("item", str(uuid4())), ("id", str(uuid4())), ("base", "0"),
        ("outcome", outcome), ("saved_at", clock.now().isoformat()),
    ]  # fmt: skip
    if outcome == "met":
        fields += [("people", str(chance.randrange(1, 4))), ("people_new", "0"), ("audience-1", "1")]
        for skill in chance.sample(_SKILLS, chance.randrange(1, 4)):
            fields += [("skill", str(skill)), (f"level-{skill}", str(chance.randrange(1, 4)))]
    if outcome == "come_back":
        fields.append(("come_back_in", "7"))
    return tuple(fields)


def _poster(server: Server, asks: list[Ask], taken: list[float], answers: Counter[int]) -> Callable[[], None]:
    """One client with one connection: the next visit when the receipt of the last is there."""

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        for ask in asks:
            begun = time.perf_counter()
            status, body = exchange(connection, ask)
            taken.append((time.perf_counter() - begun) * 1000)
            answers[status] += 1
            if status == 200 and json.loads(body)["status"] != "accepted":
                raise RuntimeError("a new visit was taken for one that came before")
        connection.close()

    return work


def exchange(connection: http.client.HTTPConnection, ask: Ask) -> tuple[int, bytes]:
    """Sends a request over an open connection; the status and what came back."""
    body = urlencode(ask.fields) if ask.fields else None
    connection.request("POST" if ask.fields else "GET", ask.path, body, ask.headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def _forms(ground: Ground, goers: Sequence[Goer], n: int) -> Iterator[tuple[Viewer, VisitForm]]:
    """So many visits, read as the route reads them, by all of these people in turn."""
    with ground.database.reading() as db:
        skills = {skill.id: skill for skill in skills_on(db, ground.city.day)}
        audiences = {group.id: group for group in audiences_on(db, ground.city.day)}
    for place in range(n):
        goer = goers[place % len(goers)]
        typed: dict[str, list[str]] = {}
        for name, value in fields_of(ground.chance, *ground.chance.choice(goer.doors)):
            typed.setdefault(name, []).append(value)
        form = read_visit(typed, skills, audiences, ground.city.day)
        if not isinstance(form, VisitForm):
            raise ValueError(f"a visit of the bench can't be read: {form.errors}")
        yield goer.viewer, form


def _per_second(taken: list[float], each: int) -> int:
    return round(len(taken) * each / sum(taken) * 1000)
