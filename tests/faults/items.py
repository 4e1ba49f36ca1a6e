"""Items as a phone makes them (docs/sync.md): minted, said, signed, sealed. Written without the program's own code, so that the two
check each other."""

import base64
import hashlib
import hmac
import json
import os
import uuid
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Fields = list[list[str]]
Wire = dict[str, Any]

SAID = ("schema", "op", "ward", "id", "base", "saved_at", "needs", "fields")


@dataclass(frozen=True)
class Key:
    """What a phone signs with: made of a ticket, deleted at sign-out."""

    id: str
    secret: bytes


def mint(milliseconds: int, random: bytes) -> str:
    """A UUIDv7 of that moment (milliseconds since 1970, taken modulo 2^48) out of 10 random bytes."""
    value = (milliseconds & (1 << 48) - 1) << 80 | int.from_bytes(random, "big")
    value &= ~(0xF << 76) & ~(0x3 << 62)
    return str(uuid.UUID(int=value | 0x7 << 76 | 0x2 << 62))


def compact(told: Any) -> str:
    """What JSON.stringify makes of it."""
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def hash_of(item: Wire) -> str:
    """SHA-256, in hexadecimal, of all that an item says."""
    return hashlib.sha256(compact([item[name] for name in SAID]).encode()).hexdigest()


def signed(item: Wire, key: Key) -> Wire:
    """The item with the key it was signed with and its signature."""
    mac = hmac.digest(key.secret, f"{item['item']}\n{hash_of(item)}".encode(), "sha256")
    return item | {"key": key.id, "mac": base64.b64encode(mac).decode()}


def sealed(item: Wire, seal_id: int, public: bytes) -> Wire:
    """The item as it lies on a phone after its author signed out: only the server can open it, under this id alone."""
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    point = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    secret = HKDF(SHA256(), 32, point, b"tungnha-item-1").derive(ephemeral.exchange(ec.ECDH(), theirs))
    iv = os.urandom(12)
    text = AESGCM(secret).encrypt(iv, compact(item).encode(), item["item"].encode())
    parts = {"point": point, "iv": iv, "text": text}
    told = {name: base64.b64encode(part).decode() for name, part in parts.items()}
    return {"item": item["item"], "sealed": {"key": seal_id, **told}}
