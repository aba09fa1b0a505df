"""A claim that comes to nothing: withdrawn by its shop, or closed by the county. The shop bears it.

The merchant fronts the subsidy (facts §1.3), so it is the merchant's loss; the buyer keeps what she paid.
"""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.kernel.outbox import emit
from market.ledger.post import post
from market.ledger.rules import credit, debit, disallowed, pot
from market.subsidies import review, trail
from market.subsidies.events import ClaimDisallowed
from market.subsidies.models import Claim, ClaimState
from market.subsidies.pot_figures import move_pot
from market.subsidies.review_models import ClaimReview, StepKind


def withdraw(
    session: Session, shop_id: uuid.UUID, claim_id: uuid.UUID, by_id: uuid.UUID, reason: str, now: datetime
) -> Claim:
    """The shop asks no longer. Unchanged the second time.

    Raises NotFound where it is another shop's; Refused: ``subsidy.reason_missing`` (field reason),
    ``state.illegal_move`` once it is approved.
    """
    claim = review.locked_of_shop(session, shop_id, claim_id)
    if claim.state is not ClaimState.withdrawn:
        _give_up(session, claim, by_id, _reason(reason), now)
    return claim


def close(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    claim_id: uuid.UUID,
    reason: str,
    now: datetime,
) -> Claim:
    """A rejected claim that nobody appealed for in time is over. Unchanged the second time.

    Raises NotFound where it is another county's; Refused: ``subsidy.reason_missing`` (field reason),
    ``subsidy.appeal_open``, ``state.illegal_move``.
    """
    claim = review.locked(session, county_code, claim_id)
    if claim.state is ClaimState.withdrawn:
        return claim
    if claim.state is not ClaimState.rejected:
        raise Refused("state.illegal_move")
    due_at = review.may_be_closed_at(session.get_one(ClaimReview, claim.id))
    if due_at is None or now < due_at:
        raise Refused("subsidy.appeal_open")
    _give_up(session, claim, operator_id, _reason(reason), now)
    return claim


def take_back_from_shop(session: Session, claim: Claim, amount_fen: int, key: str, now: datetime) -> None:
    """Goods came back whose subsidy the shop had borne: relieve it of `amount_fen`, which is booked."""
    emit(
        session,
        ClaimDisallowed(claim.id, claim.reference, key, -amount_fen),
        now,
        dedupe_key=f"disallowed:{key}",
    )


def _give_up(session: Session, claim: Claim, by_id: uuid.UUID, reason: str, now: datetime) -> None:
    amount_fen = claim.left_fen
    trail.move(session, claim, ClaimState.withdrawn, now, kind=StepKind.closed, by_id=by_id, reason=reason)
    lines = [
        debit(disallowed(claim.county_code), amount_fen),
        credit(pot(claim.programme_id, claim.county_code), amount_fen),
    ]
    post(session, "subsidy.disallowed", claim.reference, f"subsidy:disallowed:{claim.id}", lines, now)
    move_pot(session, claim, committed=-amount_fen)
    key = f"claim:{claim.id}"
    emit(
        session,
        ClaimDisallowed(claim.id, claim.reference, key, amount_fen),
        now,
        dedupe_key=f"disallowed:{key}",
    )


def _reason(text: str) -> str:
    if not text.strip():
        raise Refused("subsidy.reason_missing", field="reason")
    return text.strip()[: review.REASON_LENGTH]
