"""Before money leaves, an owner gives the second factor (`roles.needs_proof` says when)."""

from flask import current_app

from market.settings import Settings
from market.web.once import keep_refused
from market.web.second_factor import ProofForm, give, proved_lately
from market.web.shop.roles import needs_proof


def proof_above_fen() -> int:
    """The amount above which an act by amount needs it."""
    settings: Settings = current_app.extensions["settings"]
    return settings.proof_above_fen


def proven(form: ProofForm, endpoint: str, amount_fen: int = 0) -> bool:
    """Whether the act may go on: it needs no second factor, or it was given lately, or `form` brings it.

    A code that was taken stays taken, whatever becomes of the act. False where the form says why.
    """
    if not needs_proof(endpoint, amount_fen, proof_above_fen()) or proved_lately():
        return True
    if not give(form):
        return False
    keep_refused()
    return True
