"""What cookies and tokens are signed with: itsdangerous' signatures, with what stays the same made once.

Flask makes a serializer for each request, and itsdangerous a signer and a key for each signature. What is
signed here any itsdangerous of the same keys reads, and the other way round.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from flask import Flask
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import Serializer, Signer, TimestampSigner, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode

_TOKENS = "wtf-csrf-token"
"""The salt that Flask-WTF signs its tokens with."""

_SHORT_BYTES = 100  # zlib makes nothing so short shorter


class _Signer(TimestampSigner):
    """Derives its keys once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.derive_key = cache(super().derive_key)  # type: ignore[method-assign]


class Signatures(URLSafeTimedSerializer):
    """Signs with the last of `keys` and takes what any of them signed."""

    def __init__(self, keys: Sequence[str], salt: str, serializer: Any = None, **signer: Any) -> None:
        super().__init__(keys, salt, serializer, signer=_Signer, signer_kwargs=signer)
        self._own = super().make_signer()

    def make_signer(self, salt: str | bytes | None = None) -> Signer:
        """The one signer, but for another salt than its own."""
        return self._own if salt in (None, self.salt) else super().make_signer(salt)

    def dump_payload(self, obj: Any) -> bytes:
        """As itsdangerous does, which tries first whether even the shortest becomes shorter."""
        plain = Serializer.dump_payload(self, obj)
        return base64_encode(plain) if len(plain) < _SHORT_BYTES else super().dump_payload(obj)


def tokens(key: str) -> Signatures:
    """The signatures of the tokens in forms, as Flask-WTF makes them."""
    return Signatures([key], _TOKENS)


class Sessions(SecureCookieSessionInterface):
    """Flask's sessions in signed cookies: the last of `keys` signs."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.signatures = Signatures(
            keys,
            self.salt,
            TaggedJSONSerializer(),
            key_derivation=self.key_derivation,
            digest_method=self.digest_method,
        )

    def get_signing_serializer(self, app: Flask) -> Signatures:
        """What signs the cookies of `app`."""
        return self.signatures
