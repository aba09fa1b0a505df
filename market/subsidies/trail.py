"""Every step of a claim, on a trail that is only ever written on."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.ids import new_id
from market.subsidies.models import CLAIM_STATES, Claim, ClaimState
from market.subsidies.review_models import ClaimStep, StepKind


def move(
    session: Session,
    claim: Claim,
    to: ClaimState,
    now: datetime,
    *,
    kind: StepKind = StepKind.moved,
    by_id: uuid.UUID | None = None,
    reason: str = "",
) -> None:
    """Put `claim` in state `to`, and write it down. Raises Refused(``state.illegal_move``)."""
    CLAIM_STATES.move(claim, to)
    note(session, claim, kind, now, by_id=by_id, reason=reason)


def note(
    session: Session,
    claim: Claim,
    kind: StepKind,
    now: datetime,
    *,
    by_id: uuid.UUID | None = None,
    reason: str = "",
) -> None:
    """Write down what happened to `claim` in the state it is in."""
    session.add(
        ClaimStep(
            id=new_id(),
            claim_id=claim.id,
            kind=kind,
            state=claim.state.value,
            by_id=by_id,
            reason=reason,
            at=now,
        )
    )
    session.flush()
