"""Before money leaves, an owner gives the second factor (`roles.needs_proof` says when)."""

from collections.abc import Callable

from flask import current_app

from market.kernel.db import db
from market.kernel.errors import Refused
from market.settings import Settings
from market.web.once import keep_refused
from market.web.refusals import show
from market.web.second_factor import ProofForm, give, proved_lately
from market.web.shop.roles import needs_proof


def proof_above_fen() -> int:
    """The amount above which an act by amount needs it."""
    settings: Settings = current_app.extensions["settings"]
    return settings.proof_above_fen


def done_with_proof(form: ProofForm, endpoint: str, act: Callable[[], object]) -> bool:
    """Do what a valid `form` asks for, with the second factor where `endpoint` takes it.

    Of an act that is refused nothing stays but the code that was taken. False where the form says why.
    """
    if not form.validate_on_submit() or not proven(form, endpoint):
        return False
    try:
        with db.session.begin_nested():
            act()
    except Refused as refused:
        show(form, refused)
        return False
    return True


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
