"""Seal what must be readable again, and find what must not: keys of a purpose, derived from SECRET_KEY.

The newest key seals; every key that is still known opens and recognises, so that keys can be rotated. What is
sealed begins with its key's id, so that a query finds what an earlier key sealed.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_HASH = "sha256"
_ID_CHARS = 8
SEALED = f"^[0-9a-f]{{{_ID_CHARS}}}[.]gAAAA"
"""What sealed text looks like, for a CHECK. Without a colon, which would name a parameter there."""


class SealBroken(Exception):
    """None of the known keys opens it."""


class Seal:
    """`secrets` are the newest key and the earlier ones; `purpose` keeps uses of one key apart."""

    def __init__(self, secrets: Sequence[str], purpose: str) -> None:
        if not secrets or not all(secrets):
            raise ValueError("sealing needs a secret key")
        self._fernet = MultiFernet([Fernet(_key(secret, f"{purpose}:seal")) for secret in secrets])
        self._finders = [_key(secret, f"{purpose}:find") for secret in secrets]
        self.key_id = hashed(_key(secrets[0], f"{purpose}:id").decode())[:_ID_CHARS]

    def close(self, text: str) -> str:
        """`text`, sealed with the newest key."""
        return self._named(self._fernet.encrypt(text.encode()))

    def open(self, sealed: str) -> str:
        """What was sealed. Raises SealBroken."""
        try:
            return self._fernet.decrypt(_token(sealed)).decode()
        except InvalidToken as error:
            raise SealBroken from error

    def renew(self, sealed: str) -> str:
        """The same, sealed with the newest key. Raises SealBroken."""
        try:
            return self._named(self._fernet.rotate(_token(sealed)))
        except InvalidToken as error:
            raise SealBroken from error

    def fingerprints(self, text: str) -> list[str]:
        """A keyed hash of `text` under each key, the newest first: equal texts have one in common."""
        return [hmac.new(key, text.encode(), _HASH).hexdigest() for key in self._finders]

    def _named(self, token: bytes) -> str:
        return f"{self.key_id}.{token.decode()}"


def _token(sealed: str) -> bytes:
    """What Fernet made; the earliest seals do not say their key's id."""
    return sealed.rpartition(".")[2].encode()


def _key(secret: str, purpose: str) -> bytes:
    return urlsafe_b64encode(hmac.new(secret.encode(), purpose.encode(), _HASH).digest())


def hashed(text: str) -> str:
    """The SHA-256 of `text`, which everybody can compute."""
    return hashlib.sha256(text.encode()).hexdigest()
