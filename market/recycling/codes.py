"""The code on a parcel or a tag: short, easy to read out, and no hint of whose it is."""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0, O, 1, I and L


def new_code(prefix: str) -> str:
    """A fresh code such as ``H-7K3M-9QXD``: 31⁸ possibilities, with a UNIQUE constraint behind it."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{prefix}-{letters[:4]}-{letters[4:]}"
