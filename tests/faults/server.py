"""A server that comes back: a process that holds the listening socket and starts the program anew whenever it dies.

It forks what it has already imported, so that a death costs milliseconds and a run can have thousands. What serves is a real uvicorn over
the real program, and what ends it is a real end of a process.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn

from tests.faults.app import make, prepare


class Server:
    """The server of one run, at `port`, over the database at `url`."""

    def __init__(self, url: str, folder: Path, planted: str = "") -> None:
        self.url = url
        self.notes = folder / "server.pid"
        self.log = folder / "server.log"
        self._environment = {
            **os.environ, "TUNGNHA_ENV": "test", "TUNGNHA_DATABASE_URL": url, "TUNGNHA_BASE_URL": "http://127.0.0.1",
            "TUNGNHA_PLANTED": planted,
        }  # fmt: skip
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(256)
        self.port: int = self._socket.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._socket.close()

    def start(self) -> None:
        """Starts it and waits until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.server", str(self._socket.fileno()), str(self.notes)],
                env=self._environment, pass_fds=[self._socket.fileno()], stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self.wait_until_well()

    def stop(self) -> None:
        """Stops it at once, as a cut of the power would."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def kill(self) -> None:
        """The program dies and comes back."""
        self._signal(signal.SIGKILL)

    def restart(self) -> None:
        """The program is asked to end, ends when it has answered, and comes back: a deployment."""
        self._signal(signal.SIGTERM)

    @property
    def pid(self) -> int:
        """Of the process that serves now; it may be gone a moment later."""
        return int(self.notes.read_text().split()[-1])

    @property
    def starts(self) -> int:
        """How often it was started."""
        return len(self.notes.read_text().split()) if self.notes.exists() else 0

    def wait_until_well(self, seconds: float = 60) -> None:
        """Waits until /healthz answers 200."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self._process is not None and self._process.poll() is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    return
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
            finally:
                connection.close()
        raise TimeoutError(f"the server does not come back: {self.log.read_text()[-2000:]}")

    def _signal(self, what: signal.Signals) -> None:
        try:
            os.kill(self.pid, what)
        except (ProcessLookupError, FileNotFoundError, IndexError):
            pass


def main(descriptor: int, notes: Path) -> None:
    """Imports the program once; then forks it, waits for its end, and forks it again."""
    prepare()
    app = make()  # opens nothing yet: every process that is forked makes its own connections
    while True:
        child = os.fork()
        if child == 0:
            listening = socket.socket(fileno=descriptor)
            config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=5, proxy_headers=False)
            uvicorn.Server(config).run([listening])
            os._exit(0)
        with notes.open("a") as note:
            note.write(f"{child}\n")
        _child, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) == 1:
            raise SystemExit("the program does not start")


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
