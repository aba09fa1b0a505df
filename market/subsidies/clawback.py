"""What the state gets back after it has paid, or was asked to: owed by the shop, netted, then repaid.

The shop's settlement sheet nets it; the county's next batch for the treasury takes it off (facts §1.7).
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.ids import new_id
from market.ledger.post import post
from market.ledger.rules import BANK, clawbacks, credit, debit, pot, treasury
from market.subsidies import trail
from market.subsidies.models import PAID_STATES, Claim, ClaimState
from market.subsidies.pot_figures import move_pot
from market.subsidies.review_models import (
    CLAWBACK_STATES,
    Clawback,
    ClawbackState,
    LineState,
    StepKind,
    TreasuryLine,
)


def is_asked(session: Session, claim: Claim) -> bool:
    """Whether the treasury has paid the claim, or has it before it. The caller has locked the claim."""
    if claim.state in PAID_STATES or claim.state is ClaimState.refund_pending:
        return True
    if claim.state is not ClaimState.approved:
        return False
    sent = select(TreasuryLine.id).where(
        TreasuryLine.claim_id == claim.id, TreasuryLine.state == LineState.sent
    )
    return session.scalar(sent) is not None


def owe(session: Session, claim: Claim, amount_fen: int, key: str, now: datetime) -> None:
    """`amount_fen` of a claim that the treasury was asked for has come back. The caller has booked it."""
    session.add(
        Clawback(
            id=new_id(),
            claim_id=claim.id,
            amount_fen=amount_fen,
            reference=key,
            state=ClawbackState.due,
            created_at=now,
        )
    )
    claim.clawback_fen += amount_fen
    session.flush()
    if claim.state is ClaimState.approved:
        trail.move(session, claim, ClaimState.refund_pending, now, kind=StepKind.returned)
    elif claim.state in (ClaimState.paid_out, ClaimState.clawback_done):
        trail.move(session, claim, ClaimState.clawback_due, now, kind=StepKind.returned)


def owed_fen(session: Session, key: str) -> int:
    """What of the return `key` the state has to get back from the shop; 0 where it had paid nothing."""
    return session.scalar(select(Clawback.amount_fen).where(Clawback.reference == key)) or 0


def mark_netted(session: Session, key: str, now: datetime) -> None:
    """The shop has paid the clawback `key` by its settlement sheet. Nothing happens the second time."""
    row = session.scalar(select(Clawback).where(Clawback.reference == key).with_for_update())
    if row is not None and row.state is ClawbackState.due:
        CLAWBACK_STATES.move(row, ClawbackState.netted)
        row.netted_at = now
        session.flush()


def repay(session: Session, claim: Claim, row: Clawback, now: datetime) -> None:
    """The treasury has taken `row` off what it paid: the pot may spend it again. The caller has locked."""
    CLAWBACK_STATES.move(row, ClawbackState.repaid)
    row.ended_at = now
    owed = clawbacks(claim.programme_id, claim.county_code)
    lines = [
        debit(owed, row.amount_fen),
        credit(BANK, row.amount_fen),
        debit(treasury(claim.programme_id, claim.county_code), row.amount_fen),
        credit(pot(claim.programme_id, claim.county_code), row.amount_fen),
    ]
    post(session, "subsidy.repaid", claim.reference, f"subsidy:repaid:{row.id}", lines, now)
    claim.clawback_fen -= row.amount_fen
    move_pot(session, claim, paid=-row.amount_fen)
    session.flush()
    if claim.state is ClaimState.clawback_due and claim.clawback_fen == 0:
        trail.move(session, claim, ClaimState.clawback_done, now, kind=StepKind.treasury)


def void_all(session: Session, claim: Claim, now: datetime) -> None:
    """The treasury did not pay the claim at all: what came back meanwhile goes to the pot."""
    open_rows = session.scalars(
        select(Clawback)
        .where(Clawback.claim_id == claim.id, Clawback.state.in_((ClawbackState.due, ClawbackState.netted)))
        .order_by(Clawback.id)
        .with_for_update()
    ).all()
    for row in open_rows:
        CLAWBACK_STATES.move(row, ClawbackState.void)
        row.ended_at = now
        owed = clawbacks(claim.programme_id, claim.county_code)
        lines = [
            debit(owed, row.amount_fen),
            credit(pot(claim.programme_id, claim.county_code), row.amount_fen),
        ]
        post(session, "subsidy.returned", claim.reference, f"subsidy:void:{row.id}", lines, now)
        claim.clawback_fen -= row.amount_fen
        move_pot(session, claim, committed=-row.amount_fen)
    session.flush()
