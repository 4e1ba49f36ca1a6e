"""The codes themselves: of a phone, six digits that change every 30 seconds (RFC 6238), and of paper, twelve digits."""

import base64
import hashlib
import hmac
import os
import secrets
import uuid
from datetime import datetime

import pyotp
import segno
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

STEP = 30  # seconds
DRIFT = 1  # steps by which a phone's clock may be wrong, either way
RECOVERY_CODES = 10
_DIGITS_OF_RECOVERY = 12  # 40 bits, which are tried five at a time


def new_secret() -> str:
    """160 random bits in base32, as phones want them."""
    return pyotp.random_base32()


def address(secret: str, phone: str) -> str:
    """What the QR code says: otpauth://totp/…, with the telephone number as the name."""
    return pyotp.TOTP(secret).provisioning_uri(name=phone, issuer_name="Từng Nhà")


def qr(text: str) -> tuple[int, str]:
    """A QR code as the side of its square and the path of its dark modules, a white border of four around them."""
    code = segno.make(text, error="m", micro=False)
    rows = [list(row) for row in code.matrix_iter(border=4)]
    dark = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, module in enumerate(row) if module]
    return len(rows), "".join(dark)


def step_of(secret: str, code: str, now: datetime, after: int) -> int | None:
    """The step whose code this is, one step around now and later than `after`; None when there is none."""
    totp, here = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    for step in range(max(here - DRIFT, after + 1), here + DRIFT + 1):
        if hmac.compare_digest(
            totp.generate_otp(step).encode(), code.encode()
        ):  # text it compares in ASCII alone
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Ten codes of twelve digits: digits, because phones have a keyboard of digits."""
    return [
        f"{secrets.randbelow(10**_DIGITS_OF_RECOVERY):0{_DIGITS_OF_RECOVERY}d}" for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(key: str, person_id: uuid.UUID, code: str) -> str:
    """What is stored of a recovery code. Keyed with the program's secret: a copy of the database alone can't be searched."""
    told = b"recovery code of " + person_id.bytes + code.encode()
    return hmac.new(key.encode(), told, hashlib.sha256).hexdigest()


def digits(typed: str) -> str:
    """The code in what somebody typed, with spaces or dashes or without."""
    return typed.translate({ord(mark): None for mark in " -\u00a0"})


def is_recovery(code: str) -> bool:
    """Whether it has the shape of a code on paper."""
    return len(code) == _DIGITS_OF_RECOVERY


def seal(key: str, person_id: uuid.UUID, secret: str) -> str:
    """The secret as it is stored: AES-256-GCM under a key made of the program's secret, bound to its person."""
    nonce = os.urandom(12)
    sealed = AESGCM(_key(key)).encrypt(nonce, secret.encode(), person_id.bytes)
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(key: str, person_id: uuid.UUID, sealed: str) -> str | None:
    """The secret again; None for what was not sealed here for this person."""
    try:
        whole = base64.urlsafe_b64decode(sealed.encode())
        return AESGCM(_key(key)).decrypt(whole[:12], whole[12:], person_id.bytes).decode()
    except (ValueError, InvalidTag):
        return None


def _key(key: str) -> bytes:
    return hmac.digest(key.encode(), b"second factor, sealed", "sha256")
