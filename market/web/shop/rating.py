"""How the shop is rated, why, and how to appeal."""

import uuid

from flask import g

from market.credit.models import SubjectKind
from market.web import ratings
from market.web.once import once
from market.web.shop import bp


@bp.get("/rating")
def rating() -> str:
    """One's own rating with every change."""
    return ratings.own("shop", SubjectKind.shop, g.shop.id)


@bp.get("/rating/<uuid:event_id>")
def appeal(event_id: uuid.UUID) -> ratings.Page:
    """One change of it, and the form of an appeal."""
    return _appeal(event_id, is_sent=False)


@bp.post("/rating/<uuid:event_id>")
@once("shop.appeal")
def send_appeal(event_id: uuid.UUID) -> ratings.Page:
    """Say what is wrong with it."""
    return _appeal(event_id, is_sent=True)


@bp.get("/fraud/<uuid:charge_id>")
def fraud(charge_id: uuid.UUID) -> ratings.Page:
    """What one is charged with."""
    return ratings.fraud_page("shop", SubjectKind.shop, g.shop.id, charge_id, is_sent=False)


@bp.post("/fraud/<uuid:charge_id>")
@once("shop.answer_fraud")
def answer_fraud(charge_id: uuid.UUID) -> ratings.Page:
    """Say what one has to say."""
    return ratings.fraud_page("shop", SubjectKind.shop, g.shop.id, charge_id, is_sent=True)


def _appeal(event_id: uuid.UUID, *, is_sent: bool) -> ratings.Page:
    own = SubjectKind.shop, g.shop.id, g.shop.county_code
    return ratings.appeal_page("shop", *own, event_id, is_sent=is_sent)
