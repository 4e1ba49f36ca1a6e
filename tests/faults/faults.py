"""The list of faults: the number each has in the protocol's design, and how it is brought about.

`server`: asked for by a header, done by tests/faults/app.py. `wire`: done by tests/faults/wire.py between phone and server. `phone`: done
to the phone. `world`: done to people, map, disk and process while queues wait. `content`: in what is saved.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One way to fail. `title` is what the report of a run prints."""

    number: int
    name: str
    where: str
    title: str


ALL = (
    Fault(1, "refused", "wire", "no connection"),
    Fault(2, "cut_request", "wire", "request cut in the middle of its body"),
    Fault(3, "die_before_begin", "server", "process dies before BEGIN"),
    Fault(4, "die_before_commit", "server", "process dies after the inserts, before COMMIT"),
    Fault(5, "die_after_commit", "server", "process dies after COMMIT, before the answer"),
    Fault(6, "answer_lost", "wire", "answer lost: the line closes after sending"),
    Fault(7, "answer_cut", "wire", "answer cut in the middle"),
    Fault(8, "twice_at_once", "wire", "the same batch twice at once"),
    Fault(9, "twice_later", "wire", "the same batch later again"),
    Fault(10, "forgets", "phone", "phone killed between the answer and writing it down"),
    Fault(11, "error", "server", "500"),
    Fault(12, "busy", "server", "503 with Retry-After"),
    Fault(13, "slow", "wire", "phone gives up waiting while the server succeeds"),
    Fault(14, "portal", "server", "captive portal: 200 and a page"),
    Fault(15, "too_large", "server", "413 for more than three items"),
    Fault(16, "unknown_ticket", "server", "401 with a queue waiting"),
    Fault(17, "poison", "content", "an item that can't be taken, among others"),
    Fault(18, "foreign", "content", "a door outside the author's reach"),
    Fault(19, "other_user", "phone", "signing out with a queue (sealed); somebody else signs in"),
    Fault(19, "handed_over", "phone", "an item rescued to another phone, sent by another ticket too"),
    Fault(20, "old_schema", "content", "the oldest schema (1, the only one yet)"),
    Fault(21, "newer_schema", "content", "a newer schema (9)"),
    Fault(22, "same_base", "content", "edits of one version: other fields, the same field, a void"),
    Fault(23, "restore", "world", "an older copy of the database put back, with a new epoch"),
    Fault(24, "sync_fails", "world", "fdatasync fails with EIO"),
    Fault(25, "disk_full", "world", "no room on the disk: files may not grow"),
    Fault(25, "full", "server", "no room in the database: SQLITE_FULL"),
    Fault(25, "read_only", "server", "storage mounted read-only: SQLITE_READONLY"),
    Fault(27, "shuffled", "phone", "the queue in another order: a visit before its door"),
    Fault(28, "reused_item", "content", "an item id with other content"),
    Fault(29, "wrong_clock", "content", "saved by a clock 20 years off, or that jumped back"),
    Fault(32, "two_flushers", "phone", "two senders of one queue at once"),
    Fault(33, "role_removed", "world", "role removed while a queue waits"),
    Fault(33, "dismissed", "world", "dismissed while a queue waits"),
    Fault(33, "new_password", "world", "password reset while a queue waits"),
    Fault(33, "session_over", "world", "sessions expired while a queue waits"),
    Fault(33, "ward_merged", "world", "ward merged while queues wait"),
    Fault(34, "restart", "world", "process stopped and started during load"),
    Fault(34, "kill", "world", "process killed and started during load"),
    Fault(34, "failover", "world", "PostgreSQL stopped at once and started during load"),
    Fault(35, "unsigned", "content", "an item that nobody signed"),
    Fault(36, "seal_moved", "content", "a sealed item under the id of another"),
    Fault(37, "two_homes", "content", "one visit saved under two items"),
)  # fmt: skip

BY_NAME = {fault.name: fault for fault in ALL}

# What can hit any handing in, on any database; those of one file only; those that end the process or the connection for all phones.
AT_HANDING_IN = (
    "refused", "cut_request", "answer_lost", "answer_cut", "twice_at_once", "twice_later", "forgets", "error", "busy", "slow",
    "portal", "too_large", "unknown_ticket", "die_before_begin", "die_before_commit", "die_after_commit", "two_flushers",
    "shuffled", "other_user", "handed_over", "read_only",
)  # fmt: skip
ON_A_FILE = ("full",)
