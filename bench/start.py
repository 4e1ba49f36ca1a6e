"""How soon the program answers, and what it holds in memory: at rest, and after it has worked."""

import http.client
import time
from collections.abc import Iterator

from bench import server
from bench.call import Ask
from bench.ground import Ground
from bench.rows import Bar, Limit, Row, Times
from bench.visits import exchange

SOON = Bar("≤ 3 s", 3_000)
SMALL = Bar("≤ 150 MB at rest", 150)


def measure_start(ground: Ground) -> Iterator[Row]:
    """From the launch of the process to the first answer, as `make run` launches it; and its memory then."""
    starts, memory, bare_starts, bare_memory = [], [], [], []
    for _ in range(ground.effort.starts):
        with server.bare() as bare:
            bare_starts.append(bare.started_s * 1000)
            time.sleep(ground.effort.rest)
            bare_memory.append(bare.memory)
        with server.program(ground.city.url) as program:
            starts.append(program.started_s * 1000)
            time.sleep(ground.effort.rest)
            memory.append(program.memory)
    times, least = Times.of(starts), Times.of(bare_starts)
    yield Row(
        "process", "start, until /healthz answers", "ms", times.p50, (Limit("start of a bare FastAPI", least.p50),),
        worst=times.worst, n=times.n, bar=SOON,
    )  # fmt: skip
    yield Row(
        "process", "memory at rest", "MiB", max(memory), (Limit("a bare FastAPI at rest", max(bare_memory)),), bar=SMALL
    )  # fmt: skip


def memory_after(program: server.Server, bare_mib: float) -> Row:
    """What the process holds when it has served everything that was asked over HTTP."""
    return Row(
        "process", "memory after the run", "MiB", program.memory, (Limit("a bare FastAPI at rest", bare_mib),),
        note="after the visits and the storm; not at rest any more",
    )  # fmt: skip


def empty_over_http(n: int) -> tuple[float, float]:
    """Milliseconds of an empty route over HTTP on one connection, and the MiB that the server of it holds."""
    with server.bare() as bare:
        connection = http.client.HTTPConnection("127.0.0.1", bare.port, timeout=10)
        taken = []
        for _ in range(n):
            begun = time.perf_counter()
            exchange(connection, Ask("/healthz"))
            taken.append((time.perf_counter() - begun) * 1000)
        connection.close()
        return Times.of(taken).p50, bare.memory
