"""Between the password and the code: a cookie that opens the page of the code, and no other.

Not a session but a signed note, for ten minutes: nothing is stored for everybody who gives a password, and it can't be taken for
a session, because it is no token that the table of sessions knows. It is signed over the password's hash as well, so that a new
password ends it.
"""

import base64
import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from skills.people.models import Person

LIFE = timedelta(minutes=10)


@dataclass(frozen=True)
class Half:
    """Somebody whose password was right, and who may do nothing but give the code, or set it up."""

    person_id: uuid.UUID
    phone: str


def issue(person: Person, secret: str, now: datetime) -> str:
    """The note for the cookie."""
    told = person.id.bytes + int((now + LIFE).timestamp()).to_bytes(8, "big")
    return base64.urlsafe_b64encode(told + _mac(secret, told, person)).decode()


def read(db: Session, token: str, secret: str, now: datetime) -> Half | None:
    """Whose note this is; None when it is none, is too old, or its person was dismissed or has another password since."""
    try:
        whole = base64.urlsafe_b64decode(token.encode())
    except ValueError:
        return None
    told, mac = whole[:24], whole[24:]
    if len(whole) != 56 or int.from_bytes(told[16:], "big") <= now.timestamp():
        return None
    person = db.get(Person, uuid.UUID(bytes=told[:16]))
    if person is None or person.dismissed_at is not None:
        return None
    return Half(person.id, person.phone) if hmac.compare_digest(mac, _mac(secret, told, person)) else None


def _mac(secret: str, told: bytes, person: Person) -> bytes:
    knows = (person.password_hash or "").encode()
    return hmac.digest(secret.encode(), b"half signed in " + told + knows, "sha256")
