"""For somebody who lost what they sign in with, and was given it anew by an office or on the server."""

import uuid

from sqlmodel import Session

from skills.accounts.limits import code_keys, forgive, keys
from skills.accounts.second_factor.set_up import forget
from skills.people.models import Person


def begin_anew(db: Session, actor_id: uuid.UUID | None, person: Person, key: str) -> None:
    """No second factor any more, and all tries given back. The new password, or the invitation for one, is the caller's part.
    `actor_id`: None for a command on the server; `key`: the program's secret."""
    own = [
        bucket
        for bucket in (*keys(key, person.phone, ""), *code_keys(key, person.id, ""))
        if not bucket.shared
    ]
    forgive(db, tuple(own))
    forget(db, actor_id, person.id)
