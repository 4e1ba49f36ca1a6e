"""The line between a phone and the server, over which things go wrong; and the memory of everything that the server said."""

import http.client
import json
import socket
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.faults.phone import Answer, NoAnswer, whole_answer

PATIENCE = 20.0  # seconds a phone waits for an answer
IMPATIENCE = 0.25  # … of fault 13; the server takes longer then (app.py)


@dataclass(frozen=True)
class Told:
    """One thing that the server said of one item, in an answer that came whole."""

    epoch: str
    item: str
    status: str
    code: str


@dataclass
class Wire:
    """Posts to a port of this machine. `told` is shared by all phones."""

    port: int
    told: list[Told] = field(default_factory=list)
    statuses: Counter[str] = field(
        default_factory=Counter
    )  # "503" as it came, "503 busy" when it was asked for

    @property
    def unforeseen(self) -> int:
        """How many answers of 500 nobody asked for."""
        return self.statuses["500"]

    def send(self, path: str, headers: dict[str, str], body: bytes, fault: str) -> Answer:
        """Posts, with one fault. Raises NoAnswer."""
        if fault == "refused":
            raise NoAnswer
        if fault in ("cut_request", "answer_lost"):
            self._close_early(
                path, headers, body[: len(body) // 2] if fault == "cut_request" else body, len(body)
            )
            raise NoAnswer
        if fault == "twice_at_once":
            twin = threading.Thread(target=self._once_more, args=(path, headers, body))
            twin.start()
            try:
                return self._post(path, headers, body)
            finally:
                twin.join()
        answer = self._post(
            path, headers | {"x-fault": fault}, body, IMPATIENCE if fault == "slow" else PATIENCE
        )
        if fault == "twice_later":
            self._once_more(path, headers, body)
        return answer

    def _post(self, path: str, headers: dict[str, str], body: bytes, patience: float = PATIENCE) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            whole = response.read()
        except (OSError, http.client.HTTPException):
            raise NoAnswer from None
        finally:
            connection.close()
        named = {name.lower(): value for name, value in response.getheaders()}
        if headers.get("x-fault") == "answer_cut":
            return Answer(response.status, named, whole[: len(whole) // 2])
        answer = Answer(response.status, named, whole)
        asked = headers.get("x-fault", "") if response.status != 200 else ""
        self.statuses[f"{response.status} {asked}".strip()] += 1
        if path == "/api/v1/sync":
            self._remember(answer)
        return answer

    def _once_more(self, path: str, headers: dict[str, str], body: bytes) -> None:
        try:
            self._post(path, headers, body)
        except NoAnswer:
            pass

    def _close_early(self, path: str, headers: dict[str, str], sent: bytes, length: int) -> None:
        lines = [f"POST {path} HTTP/1.1", "host: 127.0.0.1", f"content-length: {length}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as line:
                line.sendall("\r\n".join([*lines, "", ""]).encode() + sent)
        except OSError:
            pass

    def _remember(self, answer: Answer) -> None:
        self.told += [
            Told(told["epoch"], str(item), result["status"], str(result.get("code", "")))
            for told, item, result in _results(answer)
        ]


def _results(answer: Answer) -> list[tuple[dict[str, Any], object, dict[str, Any]]]:
    """Every result of an answer that is whole in itself, whatever was asked."""
    try:
        sent = [result["item"] for result in json.loads(answer.body)["results"]]
    except (ValueError, KeyError, TypeError):
        return []
    told = whole_answer(answer, sent)
    if told is None:
        return []
    both = [(result["item"], result) for result in told["results"]] + list(told["states"].items())
    return [(told, item, result) for item, result in both]
