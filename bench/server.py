"""Starts a server as a process of its own, waits until it answers, and asks the system how much memory it holds."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_PATIENCE = 60.0  # seconds


@dataclass(frozen=True)
class Server:
    """A server that answers: its process, its port, and the seconds from its launch to its first answer."""

    pid: int
    port: int
    started_s: float

    @property
    def memory(self) -> float:
        """What the process holds in memory now, in MiB."""
        return memory_of(self.pid)


@contextmanager
def program(url: str) -> Iterator[Server]:
    """The program exactly as `make run` starts it, over the database at `url`."""
    port = free_port()
    with _started([sys.executable, "-m", "skills", "serve"], port, url) as server:
        yield server


@contextmanager
def program_on(day: date, url: str) -> Iterator[Server]:
    """The program on the day of the city."""
    port = free_port()
    with _started([sys.executable, "-m", "bench.served", day.isoformat(), str(port)], port, url) as server:
        yield server


@contextmanager
def bare() -> Iterator[Server]:
    """The least that could answer (`bench/bare.py`)."""
    port = free_port()
    with _started([sys.executable, "-m", "bench.bare", str(port)], port, "") as server:
        yield server


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return int(asking.getsockname()[1])


def memory_of(pid: int) -> float:
    """The resident memory of a process in MiB: from /proc where there is one, else from ps."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text())
        return int(found.group(1)) / 1024 if found else 0.0
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)  # noqa: S607
    return int(told.stdout) / 1024


@contextmanager
def _started(command: Sequence[str], port: int, url: str) -> Iterator[Server]:
    environment = os.environ | {"PORT": str(port), "HOST": "127.0.0.1", "TUNGNHA_ENV": "demo"}
    if url:
        environment["TUNGNHA_DATABASE_URL"] = url
    begun = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > begun + _PATIENCE:
                raise RuntimeError(f"{' '.join(command)} did not start")
            time.sleep(0.002)
        yield Server(process.pid, port, time.monotonic() - begun)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
