"""Doors for machines: Stripe's webhook."""

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.payments.webhook import receive
from market.settings import Settings
from market.web.security import csrf

bp = Blueprint("api", __name__)
csrf.exempt(bp)  # Stripe signs what it sends; it has no session and no form


@bp.post("/stripe/webhook")
def stripe_webhook() -> ResponseReturnValue:
    """Store a signed event and answer at once; what it is about is worked on from the outbox."""
    settings: Settings = current_app.extensions["settings"]
    signature = request.headers.get("Stripe-Signature", "")
    try:
        receive(db.session(), request.get_data(), signature, settings.stripe_webhook_secret, clock.now())
    except Refused:
        return {"error": "signature"}, 400
    db.session.commit()
    return "", 204
