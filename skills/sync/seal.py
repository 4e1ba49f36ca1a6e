"""Sealing: what must not lie on a shared phone in clear is encrypted there to the server's public key, and opened here.

P-256 ECDH with an ephemeral key, HKDF-SHA-256, AES-256-GCM (NIST SP 800-56A, RFC 5869, NIST SP 800-38D). The private halves are kept in
the database, wrapped with a key made of the program's secret: a copy of the database alone opens nothing. Old keys are kept for ever.
"""

import base64
import json
import os
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from sqlmodel import Session, col, select

from skills import clock
from skills.db import upsert
from skills.sync.models import SealingKey
from skills.sync.wire import Sealed

INFO = b"tungnha-item-1"
_WRAPPING = b"tungnha-sealing-key"


def newest_key(db: Session, secret: str) -> SealingKey:
    """The key that phones seal to today; the first one is made when there is none."""
    found = db.exec(select(SealingKey).order_by(col(SealingKey.id).desc()).limit(1)).first()
    return found or make_key(db, secret)


def make_key(db: Session, secret: str) -> SealingKey:
    """A new key pair, which phones seal to from their next enrolment on; what was sealed to older ones is opened as before."""
    last = db.exec(select(SealingKey.id).order_by(col(SealingKey.id).desc()).limit(1)).first() or 0
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    written = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    nonce = os.urandom(12)
    wrapped = nonce + AESGCM(_derived(secret.encode(), b"", _WRAPPING)).encrypt(nonce, written, None)
    values = {
        "public": base64.b64encode(public).decode(),
        "wrapped": base64.b64encode(wrapped).decode(),
        "made_at": clock.now(),
    }
    db.execute(upsert(db, SealingKey).values(id=last + 1, **values).on_conflict_do_nothing())
    made = db.get(SealingKey, last + 1)  # perhaps another process was first: then its key is the newest
    if made is None:
        raise RuntimeError("the sealing key that was just made is not there")
    return made


def open_sealed(db: Session, secret: str, sealed: Sealed) -> Any:
    """What was sealed, out of JSON. Raises LookupError for a key that is not here, ValueError for what its key doesn't open."""
    key = db.get(SealingKey, sealed.key)
    if key is None:
        raise LookupError(sealed.key)
    try:
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sealed.point)
        shared = _private(key.wrapped, secret).exchange(ec.ECDH(), point)
        opened = AESGCM(_derived(shared, sealed.point, INFO)).decrypt(
            sealed.iv, sealed.text, str(sealed.item).encode()
        )
        return json.loads(opened)
    except (InvalidTag, ValueError, RecursionError):
        raise ValueError("sealed to something else") from None


def seal(public: str, item: str, told: Any) -> dict[str, Any]:
    """What the phone does, in Python: for commands that check a backup, and for tests. `public` as in `SealingKey.public`."""
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    point = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), base64.b64decode(public))
    key, iv = _derived(ephemeral.exchange(ec.ECDH(), theirs), point, INFO), os.urandom(12)
    text = AESGCM(key).encrypt(iv, json.dumps(told, ensure_ascii=False).encode(), item.encode())
    return {
        name: base64.b64encode(part).decode() for name, part in (("point", point), ("iv", iv), ("text", text))
    }


def _derived(secret: bytes, salt: bytes, info: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, info).derive(secret)


@lru_cache(maxsize=32)
def _private(wrapped: str, secret: str) -> ec.EllipticCurvePrivateKey:
    whole = base64.b64decode(wrapped)
    try:
        written = AESGCM(_derived(secret.encode(), b"", _WRAPPING)).decrypt(whole[:12], whole[12:], None)
    except InvalidTag:
        raise LookupError("wrapped with another secret") from None
    private = load_der_private_key(written, None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise LookupError("no P-256 key")
    return private
