"""Bugs, planted one at a time, to see that the oracle finds each: a proof that has never failed proves nothing.

Those of the server are patches to the real program, put in by tests/faults/app.py; those of the phone are named in tests/faults/phone.py.
"""

import importlib
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import replace as with_other
from typing import Annotated, Any


@dataclass(frozen=True)
class Bug:
    """A bug: what it does, by which invariants it is found (one of them must), what must happen in the run for it to show."""

    name: str
    found_by: tuple[str, ...]
    title: str
    plant: Callable[[], None] | None = None
    before_import: bool = False
    faults: tuple[str, ...] = ("twice_later", "answer_lost")
    world: tuple[str, ...] = ()


def plant_before_import(name: str) -> None:
    """Plants a bug that must be there before the routes are made."""
    bug = BY_NAME.get(name)
    if bug is not None and bug.plant is not None and bug.before_import:
        bug.plant()


def plant(name: str) -> None:
    """Plants any other bug of the server."""
    bug = BY_NAME.get(name)
    if bug is not None and bug.plant is not None and not bug.before_import:
        bug.plant()


def _module(name: str) -> Any:
    """A module to be patched: whatever is in it may be replaced by anything."""
    return importlib.import_module(name)


def _answers_before_commit() -> None:
    """What FastAPI itself would do: the session of a dependency ends after the answer was sent. And who stands in line is told at once."""
    from fastapi import Depends

    from skills.db import Session

    transaction = _module("skills.web.transaction")
    transaction.Db = Annotated[Session, Depends(transaction.writing, scope="request")]

    def hurried(self: Any, one: Any) -> None:
        try:
            with self._database.writing() as db:
                one.result = one.work(db)
                one.tell(done=True)
                time.sleep(0.05)  # the answer goes out
        except Exception as error:
            one.error = error

    _module("skills.web.in_line").Line._do_one = hurried


def _no_idempotency() -> None:
    take_in = _module("skills.sync.take_in")
    from skills.sync.wire import Item

    whole = take_in._take

    def take(handing: Any, item: Item) -> Any:
        if item.op == "visit" and handing.receipts.get((handing.key_ward(item), item.item)):
            other = uuid.uuid4()
            names = {"item": [str(other)], "id": [str(other)]}
            item = with_other(item, item=other, id=other, typed=item.typed | names)
        return whole(handing, item)

    take_in._take = take


def _upsert_overwrites() -> None:
    """The other content of a used id replaces what is there."""
    from sqlalchemy import text

    take_in = _module("skills.sync.take_in")

    def overwrite(handing: Any, item: Any, code: str, fields: Any = None) -> Any:
        if code != "item_id_reused" or item.sealed:
            return whole(handing, item, code, fields)
        known = handing.receipts[handing.key_ward(item), item.item]
        told = {"people": 99, "ward": known.to_ward_id, "id": known.visit_id.hex}
        handing.db.execute(text("UPDATE visit SET people = :people WHERE ward_id = :ward AND id = :id"), told)
        return {"status": "accepted", "version": 1, "location": ""}

    whole = take_in.reject
    take_in.reject = overwrite


def _last_write_wins() -> None:
    verbs = _module("skills.sync.verbs")

    def latest(_db: Any, visit: Any, form: Any) -> Any:
        return form.model_copy(update={"base": visit.version})

    verbs.merged = latest


def _author_is_the_bearer() -> None:
    def author(self: Any, _item: Any) -> Any:
        return self.bearer

    _module("skills.sync.handing").Handing.author = author


def _drops_held() -> None:
    answers = _module("skills.sync.answers")

    def hold(*_: Any, **__: Any) -> None:
        return None

    answers.hold = hold


def _one_error_undoes_the_batch() -> None:
    """The savepoint of one item is the whole transaction, and nobody notices."""
    take_in = _module("skills.sync.take_in")

    whole = take_in._take_all

    def take_all(handing: Any, items: Any) -> Any:
        results = whole(handing, items)
        if any(result["status"] == "rejected" for result in results):
            handing.db.connection().exec_driver_sql("ROLLBACK")
            handing.db.connection().exec_driver_sql("BEGIN IMMEDIATE")
            handing.db.expunge_all()
        return results

    take_in._take_all = take_all


def _opens_any_seal() -> None:
    """Decrypts without looking at the tag, so that a sealed item may be moved under another id."""
    import json

    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import CTR

    seal = _module("skills.sync.seal")
    take_in = _module("skills.sync.take_in")
    from skills.sync.models import SealingKey

    def open_sealed(db: Any, secret: str, sealed: Any) -> Any:
        key = db.get(SealingKey, sealed.key)
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sealed.point)
        shared = seal._private(key.wrapped, secret).exchange(ec.ECDH(), point)
        cipher = Cipher(AES(seal._derived(shared, sealed.point, seal.INFO)), CTR(sealed.iv + b"\0\0\0\2"))
        told = json.loads(cipher.decryptor().update(sealed.text[:-16]))
        return told | {"item": str(sealed.item)}

    take_in.open_sealed = open_sealed


def _rejected_is_called_accepted() -> None:
    answers = _module("skills.sync.answers")
    take_in = _module("skills.sync.take_in")
    verbs = _module("skills.sync.verbs")

    def accept(_handing: Any, _item: Any, _code: str, _fields: Any = None) -> Any:
        return {"status": "accepted", "version": 1, "location": ""}

    answers.reject = take_in.reject = verbs.reject = accept


def _says_nothing_of_what_must_wait() -> None:
    take_in = _module("skills.sync.take_in")

    whole = take_in._take_all

    def take_all(handing: Any, items: Any) -> Any:
        return [result for result in whole(handing, items) if result["status"] != "retry_later"]

    take_in._take_all = take_all


def _skips_totals() -> None:
    ledger = _module("skills.totals.ledger")

    @contextmanager
    def difference(*_: Any, **__: Any) -> Iterator[None]:
        yield

    ledger.difference = difference
    ledger.change = lambda *_: None


def _changes_what_it_stores() -> None:
    """A note is cut, as a column that is too short would."""
    record = _module("skills.visits.record")

    whole = record.columns

    def columns(*given: Any) -> Any:
        told = whole(*given)
        return told | {"note": told["note"][:5] if told["note"] else None}

    record.columns = columns


BUGS = (
    Bug("answers before commit", ("I1", "I4"), "the answer goes out before COMMIT", _answers_before_commit, True,
        ("die_before_commit", "answer_cut")),
    Bug("no idempotency", ("I2",), "what comes again is taken again", _no_idempotency, faults=("twice_later", "forgets")),
    Bug("upsert overwrites", ("I1", "I6"), "other content under a used id replaces the first", _upsert_overwrites),
    Bug("last write wins", ("I6",), "a correction made on an older version replaces what came in between", _last_write_wins),
    Bug("author is the bearer", ("I5",), "the author is who hands in, not who signed", _author_is_the_bearer,
        faults=("handed_over", "refused")),
    Bug("drops held", ("I1",), "what is held is answered and not stored", _drops_held),
    Bug("one error undoes the batch", ("I1",), "a bad item takes the others with it, and they are called accepted",
        _one_error_undoes_the_batch),
    Bug("opens any seal", ("I1", "I2"), "a sealed item is taken under another id", _opens_any_seal),
    Bug("rejected is accepted", ("I1",), "what is refused is called accepted", _rejected_is_called_accepted),
    Bug("silent about what must wait", ("I7", "I10"), "the answer leaves out what must wait", _says_nothing_of_what_must_wait),
    Bug("skips totals", ("I8",), "totals are not kept", _skips_totals),
    Bug("changes what it stores", ("I3",), "a note is cut", _changes_what_it_stores),
    Bug("phone: forgets_on_200", ("I1", "I4"), "the phone forgets on any 200", faults=("portal", "answer_cut")),
    Bug("phone: deletes_rejected", ("I4",), "the phone deletes what was refused"),
    Bug("phone: seq_by_clock", ("I4",), "the phone counts by its clock, which jumps"),
    Bug("phone: no_reoffer", ("I1", "I4"), "the phone does not see that the server lost its memory", world=("kill", "restore")),
    Bug("phone: drops_on_413", ("I4",), "the phone drops a batch that was too large", faults=("too_large_for_one",)),
)  # fmt: skip

BY_NAME = {bug.name: bug for bug in BUGS}
