"""The list of faults: the number each has in the protocol's design, and how it is brought about.

`server`: asked for by a header, done by tests/faults/app.py. `wire`: done by tests/faults/wire.py between phone and server. `phone`: done
to the phone. `world`: done to people, map, disk and process while queues wait. `content`: in what is saved.

The phone of the harness is written in Python. IN_A_BROWSER says which faults are tried on the phone's own scripts, in a Chromium, besides or
instead; LEFT_OUT which are tried nowhere, and why. Together they name every number of the design, 1 to 34, and what came after.
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

_QUEUE, _OUTBOX, _NEW_VERSION = (
    f"tests/browser/test_{name}.py" for name in ("queue", "outbox", "new_version")
)

# number, what fails, and the tests: file::function
IN_A_BROWSER = (
    (1, "no connection, from cold, a whole day", "tests/browser/test_whole_day.py::test_twenty_doors_in_a_day_without_a_network"),
    (6, "answer lost", f"{_OUTBOX}::test_an_answer_that_got_lost_loses_nothing_and_doubles_nothing"),
    (7, "answer cut, or with an item less", f"{_QUEUE}::test_only_an_answer_that_names_every_item_counts"),
    (12, "503 with Retry-After", f"{_QUEUE}::test_a_server_that_asks_for_patience_gets_it"),
    (14, "captive portal", f"{_QUEUE}::test_only_an_answer_that_names_every_item_counts"),
    (15, "413", f"{_QUEUE}::test_too_much_at_once_goes_in_halves"),
    (16, "401 with a queue waiting", f"{_QUEUE}::test_an_unknown_ticket_asks_to_sign_in_and_keeps_everything"),
    (17, "an item that can't be taken, among others", f"{_QUEUE}::test_one_that_nobody_can_read_does_not_hold_up_the_others"),
    (19, "somebody else signs in", f"{_OUTBOX}::test_on_a_shared_phone_what_she_saved_goes_out_under_her_name"),
    (19, "an item rescued to another phone", "tests/browser/test_scanned.py::test_two_codes_on_a_broken_phone_arrive_once_by_another"),
    (23, "a restored server", f"{_QUEUE}::test_what_was_sent_is_offered_again_to_a_server_that_was_restored"),
    (29, "the clock jumps back", f"{_QUEUE}::test_ids_go_up_even_when_the_clock_goes_back"),
    (30, "no room on the phone when Save is tapped", f"{_QUEUE}::test_a_full_phone_says_so_and_sends_straight_away"),
    (31, "browser killed the moment that saved is said", "tests/browser/test_killed.py::test_what_was_called_saved_is_there_after_a_kill"),
    (31, "the same, two hundred times", "tests/browser/test_killed.py::test_two_hundred_times"),
    (32, "two windows at once", f"{_QUEUE}::test_two_windows_send_once"),
    (32, "two windows and the worker at once", f"{_NEW_VERSION}::test_two_windows_and_the_worker_at_the_same_moment"),
    (32, "a new version while the page is sending", f"{_NEW_VERSION}::test_while_the_page_itself_is_sending"),
    (32, "a new version while another window is sending", f"{_NEW_VERSION}::test_while_another_window_is_sending"),
    (32, "a new version while the worker is sending", f"{_NEW_VERSION}::test_while_the_worker_is_sending"),
)  # fmt: skip

LEFT_OUT = {
    26: "the disk is lost and a copy that follows it (Litestream) takes its place: needs that tool and a place to copy to, which the program "
    "does not bring. Whatever such a copy lacks comes back as it does after an older copy, 23."
}

BY_NAME = {fault.name: fault for fault in ALL}

# What can hit any handing in, on any database; those of one file only; those that end the process or the connection for all phones.
AT_HANDING_IN = (
    "refused", "cut_request", "answer_lost", "answer_cut", "twice_at_once", "twice_later", "forgets", "error", "busy", "slow",
    "portal", "too_large", "unknown_ticket", "die_before_begin", "die_before_commit", "die_after_commit", "two_flushers",
    "shuffled", "other_user", "handed_over", "read_only",
)  # fmt: skip
ON_A_FILE = ("full",)
