"""The cable between a phone and the server: what a browser says of being offline does not hold for its worker, a cut cable does."""

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit


class Cable:
    """Carries every connection to `there`, an http address, as long as it is whole. `address` is where the phone finds it."""

    def __init__(self, there: str) -> None:
        self._there = (urlsplit(there).hostname, urlsplit(there).port)
        self._whole = True
        self._ends: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Nothing gets through, and what was on its way breaks off."""
        self._whole = False
        for end in list(self._ends):
            _drop(end)

    def mend(self) -> None:
        """Everything gets through again."""
        self._whole = True

    def close(self) -> None:
        """The end of the test."""
        self.cut()
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):  # until it is closed
            while True:
                here, _address = self._listening.accept()
                if self._whole:
                    threading.Thread(target=self._carry, args=(here,), daemon=True).start()
                else:
                    here.close()

    def _carry(self, here: socket.socket) -> None:
        with suppress(OSError):
            there = socket.create_connection(self._there)
            self._ends |= {here, there}
            if not self._whole:
                self.cut()
            threading.Thread(target=self._pour, args=(there, here), daemon=True).start()
            self._pour(here, there)

    def _pour(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while some := source.recv(65_536):
                sink.sendall(some)
        for end in (source, sink):
            _drop(end)
            self._ends.discard(end)


def _drop(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
