"""Pots against claims and against the book."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.kernel.outbox import OutboxRow, OutboxState
from market.ledger import queries as book
from market.ledger.models import Entry
from market.ledger.rules import clawbacks, disallowed, treasury
from market.ledger.rules import pot as pot_account
from market.places.models import County
from market.subsidies.coupon_models import Coupon, CouponPool, CouponState, LotteryRound, RoundState
from market.subsidies.events import ClaimDisallowed, borne_key
from market.subsidies.models import (
    COMMITTED_STATES,
    PAID_STATES,
    UNUSED_STATES,
    Claim,
    ClaimState,
    Pot,
    ProgrammeRow,
    Quota,
)
from market.subsidies.review_models import (
    ClaimReview,
    ClaimSerial,
    ClaimSerialState,
    Clawback,
    ClawbackState,
    LineState,
    TreasuryBatch,
    TreasuryLine,
)
from market.subsidies.rules import ANY_CATEGORY

_OPEN_CLAWBACKS = (ClawbackState.due, ClawbackState.netted)


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each pot, quota, coupon, claim or batch that rows or book do not bear out."""
    yield from _pot_breaks(session)
    yield from _quota_breaks(session)
    yield from _coupon_breaks(session)
    yield from _clawback_breaks(session)
    yield from _disallowed_breaks(session)
    yield from _review_breaks(session)
    yield from _serial_breaks(session)
    yield from _payout_breaks(session)
    yield from _batch_breaks(session)


def _pot_breaks(session: Session) -> Iterator[str]:
    counted = func.sum(Claim.amount_fen - Claim.returned_fen + Claim.clawback_fen)
    claimed = {
        (programme_id, county_code, state): int(total)
        for programme_id, county_code, state, total in session.execute(
            select(Claim.programme_id, Claim.county_code, Claim.state, counted).group_by(
                Claim.programme_id, Claim.county_code, Claim.state
            )
        )
    }
    for row in session.scalars(select(Pot)):

        def of(*states: ClaimState, pot: Pot = row) -> int:
            return sum(claimed.get((pot.programme_id, pot.county_code, state), 0) for state in states)

        where = (row.programme_id, row.county_code)
        account = pot_account(*where)
        told = (
            row.held,
            row.committed,
            row.paid,
            row.budget - row.committed - row.paid,
            row.budget - row.paid,
        )
        found = (
            of(ClaimState.held),
            of(*COMMITTED_STATES),
            of(*PAID_STATES),
            book.balance(session, account),
            book.balance(session, treasury(*where)),
        )
        if told != found or book.held(session, account) != row.held:
            yield f"pot {where[0]} of {where[1]}: row {told}, claims and book {found}"
        going_back = session.scalar(
            select(func.coalesce(func.sum(Claim.clawback_fen), 0)).where(
                Claim.programme_id == row.programme_id, Claim.county_code == row.county_code
            )
        )
        booked = book.balance(session, clawbacks(*where))
        if booked != going_back:
            yield f"clawbacks {where[0]} of {where[1]}: book {booked} fen, claims {going_back} fen"


def _quota_breaks(session: Session) -> Iterator[str]:
    used: Counter[tuple[str, str, uuid.UUID, str]] = Counter()
    rows = session.execute(
        select(
            ProgrammeRow.code,
            Claim.period,
            Claim.account_id,
            Claim.category,
            func.sum(Claim.units - Claim.returned_units),
        )
        .join(ProgrammeRow, ProgrammeRow.id == Claim.programme_id)
        .where(Claim.state.not_in(UNUSED_STATES))
        .group_by(ProgrammeRow.code, Claim.period, Claim.account_id, Claim.category)
    )
    for code, period, account_id, category, units in rows:
        used[code, period, account_id, category] += int(units)
        used[code, period, account_id, ANY_CATEGORY] += int(units)
    for row in session.scalars(select(Quota)):
        found = used[row.programme_code, row.period, row.account_id, row.category]
        if row.used != found:
            whose = f"{row.programme_code} {row.period} {row.category} of {row.account_id}"
            yield f"quota {whose}: row {row.used}, claims {found}"


def _clawback_breaks(session: Session) -> Iterator[str]:
    """A claim's clawback is the sum of those that are still open."""
    still_open = func.coalesce(func.sum(Clawback.amount_fen).filter(Clawback.state.in_(_OPEN_CLAWBACKS)), 0)
    rows = session.execute(
        select(Claim.reference, Claim.clawback_fen, still_open)
        .outerjoin(Clawback, Clawback.claim_id == Claim.id)
        .group_by(Claim.id)
        .having(Claim.clawback_fen != still_open)
    )
    for reference, told, found in rows:
        yield f"claim of {reference}: {told} fen to go back, its clawbacks {found} fen"


def _disallowed_breaks(session: Session) -> Iterator[str]:
    """What the state will not pay is on its way to a shop's settlement, and nowhere else."""
    waiting: dict[str, int] = {}
    rows = session.scalars(
        select(OutboxRow).where(OutboxRow.kind == ClaimDisallowed.kind, OutboxRow.state != OutboxState.done)
    )
    for row in rows:
        if session.scalar(select(Entry.id).where(Entry.key == borne_key(row.payload["key"]))) is None:
            claim = session.get_one(Claim, row.payload["claim_id"])
            waiting[claim.county_code] = waiting.get(claim.county_code, 0) + row.payload["amount_fen"]
    for county_code in session.scalars(select(County.code)):
        booked, due = book.balance(session, disallowed(county_code)), waiting.get(county_code, 0)
        if booked != due:
            yield f"disallowed in {county_code}: book {booked} fen, on the way {due} fen"


def _review_breaks(session: Session) -> Iterator[str]:
    """Nothing is approved or paid that an auditor and two other people have not agreed to."""
    rows = session.scalars(
        select(Claim.reference)
        .outerjoin(ClaimReview, ClaimReview.claim_id == Claim.id)
        .where(Claim.state.in_((ClaimState.approved, ClaimState.refund_pending, *PAID_STATES)))
        .where(ClaimReview.second_by_id.is_(None) | ClaimReview.is_rejected)
    )
    for reference in rows:
        yield f"claim of {reference}: approved without an auditor and two operators"


def _serial_breaks(session: Session) -> Iterator[str]:
    rows = session.execute(
        select(ClaimSerial.serial, Claim.reference)
        .join(Claim, Claim.id == ClaimSerial.claim_id)
        .where(
            ClaimSerial.state == ClaimSerialState.claimed, Claim.state.in_((*UNUSED_STATES, ClaimState.held))
        )
    )
    for serial, reference in rows:
        yield f"serial number {serial} belongs to the claim of {reference}, which was never delivered"


def _payout_breaks(session: Session) -> Iterator[str]:
    """What was paid out is what the treasury's lines say."""
    paid = _sum(TreasuryLine.amount_fen).filter(
        TreasuryLine.clawback_id.is_(None), TreasuryLine.state == LineState.paid
    )
    given = _sum(TreasuryLine.amount_fen).filter(
        TreasuryLine.clawback_id.is_not(None), TreasuryLine.state == LineState.paid
    )
    left = Claim.amount_fen - Claim.returned_fen + Claim.clawback_fen
    rows = session.execute(
        select(Claim.reference, left, func.coalesce(paid, 0) - func.coalesce(given, 0))
        .outerjoin(TreasuryLine, TreasuryLine.claim_id == Claim.id)
        .where(Claim.state.in_(PAID_STATES))
        .group_by(Claim.id)
        .having(left != func.coalesce(paid, 0) - func.coalesce(given, 0))
    )
    for reference, told, found in rows:
        yield f"claim of {reference}: paid {told} fen, the treasury's lines {found} fen"


def _batch_breaks(session: Session) -> Iterator[str]:
    numbers = session.execute(
        select(TreasuryBatch.county_code, func.count(), func.max(TreasuryBatch.number)).group_by(
            TreasuryBatch.county_code
        )
    )
    for county_code, count, last in numbers:
        if count != last:
            yield f"treasury batches of {county_code}: {count} numbers up to {last}"
    for batch in session.scalars(select(TreasuryBatch)):
        whose = f"treasury batch {batch.number} of {batch.county_code}"
        if hashlib.sha256(batch.content).hexdigest() != batch.sha256:
            yield f"{whose} is not what was made"
        claims = sum(line.amount_fen for line in batch.lines if line.clawback_id is None)
        back = sum(line.amount_fen for line in batch.lines if line.clawback_id is not None)
        if (batch.size, batch.claims_fen, batch.clawbacks_fen) != (len(batch.lines), claims, back):
            yield f"{whose}: {batch.claims_fen} less {batch.clawbacks_fen} fen, lines {claims}, {back}"


def _sum(column: Any) -> Any:
    return func.sum(column)


def _coupon_breaks(session: Session) -> Iterator[str]:
    """Pools against the coupons out and the places of open lotteries; used coupons against their claims."""
    out: Counter[tuple[str, str, str]] = Counter()
    kept = (
        select(Coupon.programme_id, Coupon.county_code, Coupon.category, func.count())
        .where(Coupon.state != CouponState.lapsed)
        .group_by(Coupon.programme_id, Coupon.county_code, Coupon.category),
        select(
            LotteryRound.programme_id, LotteryRound.county_code, LotteryRound.category, LotteryRound.places
        ).where(LotteryRound.state == RoundState.open),
    )
    for programme_id, county_code, category, number in (row for q in kept for row in session.execute(q)):
        out[programme_id, county_code, category] += int(number)
    for pool in session.scalars(select(CouponPool)):
        found = out[pool.programme_id, pool.county_code, pool.category]
        if pool.taken != found:
            what = f"{pool.programme_id} {pool.category} of {pool.county_code}"
            yield f"coupons {what}: row {pool.taken}, coupons and lotteries {found}"
    unclaimed = (
        select(Coupon)
        .outerjoin(Claim, Claim.reference == Coupon.reference)
        .where(Coupon.state == CouponState.used, Claim.id.is_(None))
    )
    for coupon in session.scalars(unclaimed):
        yield f"coupon {coupon.id}: used by {coupon.reference}, which has no claim"
