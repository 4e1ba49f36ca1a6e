"""One run: people save and phones hand in while everything fails that can; then the faults end, everything is brought in, and the oracle
counts. A seed tells the same story again."""

import hashlib
import os
import random
import resource
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from skills.errors import Busy
from tests.faults import faults
from tests.faults.life import Known, Life, Saved, met, visit_fields
from tests.faults.phone import Phone, Record
from tests.faults.server import Server
from tests.faults.town import Town, settle
from tests.faults.wire import Wire

SETTLED_WITHIN = 60  # seconds after the last fault (I10)
SEES = ("role_removed", "dismissed", "new_password", "session_over")  # things that happen to people


@dataclass
class Run:
    """Everything that a run was, for the oracle. `restored`: an older copy was put back."""

    seed: int
    town: Town
    server: Server
    wire: Wire
    phones: list[Phone]
    ledger: list[Saved] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    injected: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    restored: bool = False
    settle_seconds: float = 0.0
    settle_rounds: int = 0
    story: str = ""
    failed: list[str] = field(default_factory=list)  # what broke in the harness itself


@dataclass(frozen=True)
class Wanted:
    """How large a run is. `world`: the things of faults.ALL that happen to people, disk and process, besides those of handing in."""

    seed: int = 1
    phones: int = 6
    items: int = 120
    faults: int = 100
    only: tuple[str, ...] = ()  # faults of handing in, when not all
    world: tuple[str, ...] = ("restart", "kill", "session_over", "new_password", "role_removed", "disk_full", "dismissed",
                              "ward_merged", "restore")  # fmt: skip
    planted: str = ""
    failover: Callable[[], None] | None = None


def run(wanted: Wanted, url: str, folder: Path, made: Path | None = None) -> Run:
    """Carries out a run over the empty database at `url` (for SQLite a file that is made). The server is stopped at the end."""
    town = settle(url, folder, max(6, wanted.phones), made)
    with Server(url, folder, wanted.planted) as server:
        wire = Wire(server.port)
        bugs = frozenset(
            [wanted.planted.removeprefix("phone: ")] if wanted.planted.startswith("phone: ") else []
        )
        phones = [
            Phone(f"phone {n}", wire.send, random.Random(f"{wanted.seed} phone {n}"), bugs=bugs)
            for n in range(wanted.phones)
        ]
        found = Run(wanted.seed, town, server, wire, phones)
        lives = _begin(found, wanted)
        _suffer(found, wanted, lives)
        _bring_in(found, lives)
    return found


def _begin(found: Run, wanted: Wanted) -> list[Life]:
    """The last good day: everybody enrols, and some visits are known to all."""
    lives = []
    town, workers = found.town, found.town.workers
    for n, phone in enumerate(found.phones):
        sharing = [
            workers[(n - 2) % len(workers)]
        ]  # the first two phones are the leader's and the ward lead's
        if n % 3 == 2:
            sharing.append(workers[(n + 1) % (len(workers) - 2)])
        chance = random.Random(f"{wanted.seed} life {n}")
        life = Life(town, phone, sharing, chance, found.ledger, found.known)
        assert phone.enrol(town.cookie(life.worker.id)), "nobody can enrol"
        lives.append(life)
    for life in lives:
        for door in life.chance.sample(life.worker.reach, min(2, len(life.worker.reach))):
            says, note = met(town, life.chance), "nói chuyện ở cổng"
            whole = says | {"household": door.id}
            saved = life.save(
                "visit", "visit", door.ward, life.phone.mint(), 0, visit_fields(door, says, note, []), frozenset({"accepted"}), whole, note
            )  # fmt: skip
            found.known.append(Known(life.worker.id, life.worker.name, door, saved.id, says, note))
        life.phone.hand_in()
    return lives


def _suffer(found: Run, wanted: Wanted, lives: list[Life]) -> None:
    """All phones at once, each with its own faults; the world with those of its own."""
    chance = random.Random(f"{wanted.seed} faults")
    names = list(
        wanted.only or faults.AT_HANDING_IN + (faults.ON_A_FILE if found.town.database.is_sqlite else ())
    )
    at_hand = max(0, wanted.faults - len(wanted.world))
    chosen = [names[n % len(names)] for n in range(at_hand)]
    chance.shuffle(chosen)
    own = [chosen[n :: len(lives)] for n in range(len(lives))]
    items = max(0, wanted.items - len(found.ledger))
    shares = [items // len(lives)] * len(lives)
    threads = [
        threading.Thread(target=_guard, args=(found, _live, found, life, lives, its, share))
        for life, its, share in zip(lives, own, shares, strict=True)
    ]
    world = threading.Thread(target=_guard, args=(found, _world, found, wanted, at_hand))
    found.story = hashlib.sha256(repr((own, wanted.world)).encode()).hexdigest()[:12]
    for thread in [*threads, world]:
        thread.start()
    for thread in [*threads, world]:
        thread.join()


def _guard(found: Run, act: Callable[..., None], *arguments: object) -> None:
    """A fault of the harness must not look like a good run."""
    try:
        act(*arguments)
    except Exception as error:  # told by the oracle
        found.failed.append(f"{act.__name__}: {type(error).__name__}: {error}")
        raise


def _live(found: Run, life: Life, lives: list[Life], its: list[str], items: int) -> None:
    """Saves and hands in, with a fault at each handing in. There is something to hand in whenever a fault is to hit it."""
    for n, fault in enumerate(its):
        first, last = n * items // len(its), (n + 1) * items // len(its)
        for _each in range(max(1, last - first)):
            found.kinds[life.save_something()] += 1
        life.phone.wait(700)
        if _HAPPENS.get(fault, _plainly)(found, life, lives, fault):
            found.injected[fault] += 1
        _sign_in_again(found, life)
        if life.chance.random() < 0.3:
            life.phone.wait(700)
            life.phone.hand_in()


def _plainly(found: Run, life: Life, lives: list[Life], fault: str) -> bool:
    return life.phone.hand_in(fault)


def _forgets(found: Run, life: Life, lives: list[Life], fault: str) -> bool:
    return life.phone.hand_in(forgets=True)


def _shuffled(found: Run, life: Life, lives: list[Life], fault: str) -> bool:
    life.phone.shuffle()
    return life.phone.hand_in()


def _two_flushers(found: Run, life: Life, lives: list[Life], fault: str) -> bool:
    other = threading.Thread(target=life.phone.hand_in)
    other.start()
    sent = life.phone.hand_in()
    other.join()
    return sent


def _other_user(found: Run, life: Life, lives: list[Life], fault: str) -> bool:
    """Who holds the phone signs out; the next one signs in, or the same one again. Both queues are handed in."""
    life.phone.sign_out()
    life.turn += 1
    _enrol(found, life)
    return life.phone.hand_in()


def _handed_over(found: Run, life: Life, lives: list[Life], fault: str) -> bool:
    """A plain visit of this phone is rescued to the next one, which sends it as well."""
    plain = {saved.seq for saved in found.ledger if saved.kind == "visit" and saved.phone == life.phone.name}
    mine = [record for record in life.phone.pending() if record.seq in plain]
    other = lives[(lives.index(life) + 1) % len(lives)].phone
    if mine and other.here is not None:
        other.take_over(Record(**vars(mine[-1])))
        other.wait(700)
        other.hand_in()  # sooner than the phone it was rescued from
    return life.phone.hand_in()


_HAPPENS: dict[str, Callable[[Run, Life, list[Life], str], bool]] = {
    "forgets": _forgets, "shuffled": _shuffled, "two_flushers": _two_flushers, "other_user": _other_user, "handed_over": _handed_over,
}  # fmt: skip


def _enrol(found: Run, life: Life) -> None:
    """Signs in who holds the phone, however often that takes. Who was dismissed can't: then the next one does."""
    for attempt in range(200):
        try:
            if life.phone.enrol(found.town.cookie(life.worker.id)):
                return
        except Busy:
            pass
        if attempt > 10 and life.worker.id in found.town.disturbed:
            life.workers = [w for w in found.town.workers if w.id not in found.town.disturbed][:1]
        time.sleep(0.05)
    raise TimeoutError(f"{life.worker.name} can't sign in")


def _sign_in_again(found: Run, life: Life) -> None:
    """Whom the phone asks to sign in does so; then who held it before takes it again."""
    asked = [seat.person for seat in life.phone.seats.values() if seat.asks_to_sign_in]
    if not asked:
        return
    for person in asked:
        if person in found.town.disturbed:
            continue  # may not sign in any more; but the ticket holds
        if life.phone.here is not None:
            life.phone.sign_out()
        worker = next(each for each in found.town.workers if each.id == person)
        life.workers = [worker, *(each for each in life.workers if each.id != person)]
        life.turn = 0
        _enrol(found, life)
    for seat in life.phone.seats.values():
        seat.asks_to_sign_in = False
    if life.phone.here is None:
        _enrol(found, life)


# The world


def _world(found: Run, wanted: Wanted, at_hand: int) -> None:
    """One thing after the other, each when so many handings in went wrong."""
    copied: Path | None = None
    for n, name in enumerate(wanted.world):
        due = at_hand * (n + 1) // (len(wanted.world) + 1)
        until = time.monotonic() + 120
        while found.injected.total() < due and not found.failed and time.monotonic() < until:
            time.sleep(0.01)
        if "restore" in wanted.world and copied is None and found.town.database.is_sqlite:
            copied = found.town.copy()
        _befall(found, wanted, name, copied)
        found.injected[name] += 1


def _befall(found: Run, wanted: Wanted, name: str, copied: Path | None) -> None:
    town, server = found.town, found.server
    victims = [worker for worker in town.workers[1:-2] if worker.id not in town.disturbed]
    if name == "restart":
        server.restart()
    elif name == "kill":
        server.kill()
    elif name == "disk_full":
        _no_room(server)
    elif name == "sync_fails":
        _sync_fails(server)
    elif name == "restore":
        assert copied is not None
        server.stop()
        town.put_back(copied)
        found.restored = True
        server.start()
    elif name == "failover":
        assert wanted.failover is not None
        wanted.failover()
    elif name == "session_over":
        _insist(town.session_over)
    elif name == "ward_merged":
        _insist(town.merge_ward)
    else:
        act = {
            "role_removed": town.role_removed,
            "dismissed": town.dismissed,
            "new_password": town.new_password,
        }[name]
        _insist(lambda: act(victims[0]))


def _insist(act: Callable[[], None]) -> None:
    """An office tries again when the database is busy."""
    for _attempt in range(20):
        try:
            act()
            return
        except Busy:
            time.sleep(0.1)
    raise TimeoutError("the database stays busy")


def _no_room(server: Server) -> None:
    """No file of the process may grow or be written to any more; a moment later the disk has room again."""
    pid = server.pid
    try:
        _soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
        time.sleep(0.7)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
    except ProcessLookupError:
        pass  # it died of another fault meanwhile, and what came in its place has room


def can_fail_to_sync() -> bool:
    """Whether strace is here and may look at a process."""
    return shutil.which("strace") is not None and os.geteuid() == 0


def _sync_fails(server: Server) -> None:
    tracing = subprocess.Popen(
        ["strace", "-f", "-qq", "-p", str(server.pid), "-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:error=EIO",
         "-o", "/dev/null"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    time.sleep(1.5)
    tracing.terminate()
    tracing.wait()


# The end


def _bring_in(found: Run, lives: list[Life]) -> None:
    """The faults have ended: everything is brought in, without anybody doing more than signing in when asked."""
    found.server.wait_until_well()
    began = time.monotonic()
    last: list[list[str]] = []
    still = 0  # rounds in which nothing moved
    while still < 12 and time.monotonic() - began < SETTLED_WITHIN:
        for life in lives:
            life.phone.wait(700)
            life.phone.hand_in()
            _sign_in_again(found, life)
        waiting = [sorted(record.item for record in life.phone.pending()) for life in lives]
        still = still + 1 if waiting == last else 0
        last = waiting
        found.settle_rounds += 1
    found.settle_seconds = time.monotonic() - began
