"""Passwords: Argon2id with the least that OWASP asks for, about 20 ms, so that two cores let a training class in at once."""

from passlib.context import CryptContext

_CONTEXT = CryptContext(
    schemes=["argon2"],
    argon2__type="ID",
    argon2__memory_cost=19_456,  # KiB
    argon2__time_cost=2,
    argon2__parallelism=1,
)


def hash_password(password: str) -> str:
    """The string that is stored; it carries its own salt and parameters."""
    return str(_CONTEXT.hash(password))


def verify(password_hash: str | None, password: str) -> tuple[bool, str | None]:
    """Whether the password is right, and a new hash to store when the old one was made with other parameters.

    None as the hash (no such person, or no password set) takes as long as a wrong password and is always False.
    """
    if password_hash is None:
        _CONTEXT.dummy_verify()
        return False, None
    right, new_hash = _CONTEXT.verify_and_update(password, password_hash)
    return bool(right), new_hash
