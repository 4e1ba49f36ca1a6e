"""What stands in a link and what is typed by hand: random, in letters that nobody takes for one another, stored hashed."""

import hmac
import secrets
from collections.abc import Iterable

from skills.people.sessions import hashed

ALPHABET = "23456789abcdefghjklmnpqrstuvwxyz"  # 32 signs, 5 bits each: no 0 and o, no 1 and i
_TOKEN, _CODE = 28, 8  # 140 and 40 bits


def new_token() -> str:
    """28 signs for a link: what nobody can guess and somebody could type."""
    return _random(_TOKEN)


def new_code() -> str:
    """8 signs to be read aloud and typed within ten minutes."""
    return _random(_CODE)


def token_hash(token: str) -> str:
    """What is stored of a token, however it was typed."""
    return hashed(_typed(token))


def code_hash(secret: str, phone: str, code: str) -> str:
    """What is stored of a code: keyed, because forty bits could be tried out on a stolen table."""
    told = f"code of an invitation:{phone}:{_typed(code)}"
    return hmac.new(secret.encode(), told.encode("utf-8", "surrogatepass"), "sha256").hexdigest()


def in_groups(signs: str, size: int) -> str:
    """Signs as they are printed: "abcd-efgh"."""
    return "-".join(_every(signs, size))


def _every(signs: str, size: int) -> Iterable[str]:
    return (signs[at : at + size] for at in range(0, len(signs), size))


def _typed(signs: str) -> str:
    """Without what people put between the signs."""
    return "".join(sign for sign in signs.lower() if sign.isalnum())


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
