"""A phone that makes codes, for the tests: what somebody sets up, and the code that it shows at a moment."""

from datetime import datetime

import pyotp
from sqlmodel import select

from skills import clock
from skills.accounts.models import RecoveryCode, SecondFactor
from skills.accounts.second_factor.codes import new_recovery_codes, recovery_hash, seal, unseal
from tests.cast import City

KEY = "only-for-the-demonstration-and-the-tests"


def give_second_factor(city: City, name: str) -> list[str]:
    """Sets one up for somebody of the cast who has none, and gives ten codes for paper; none when there was one already."""
    person_id = city.people[name].id
    with city.database.writing() as db:
        if db.get(SecondFactor, person_id) is not None:
            return []
        sealed = seal(KEY, person_id, pyotp.random_base32())
        db.add(SecondFactor(person_id=person_id, sealed=sealed, last_step=0, set_up_at=clock.now()))
        codes = new_recovery_codes()
        db.add_all(
            RecoveryCode(person_id=person_id, code_hash=recovery_hash(KEY, person_id, code)) for code in codes
        )
    return codes


def code_of(city: City, name: str, moment: datetime | None = None) -> str:
    """What the phone of this person shows."""
    person_id = city.people[name].id
    with city.database.reading() as db:
        factor = db.exec(select(SecondFactor).where(SecondFactor.person_id == person_id)).one()
    secret = unseal(KEY, person_id, factor.sealed)
    assert secret
    return pyotp.TOTP(secret).at(moment or clock.now())
