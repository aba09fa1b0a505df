"""Pots against claims and against the book."""

import uuid
from collections import Counter
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.ledger import queries as book
from market.ledger.rules import pot as pot_account
from market.subsidies.coupon_models import Coupon, CouponPool, CouponState, LotteryRound, RoundState
from market.subsidies.models import Claim, ClaimState, Pot, ProgrammeRow, Quota
from market.subsidies.rules import ANY_CATEGORY

_OPEN = (ClaimState.held, ClaimState.committed, ClaimState.delivered)


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each pot, quota or coupon pool that its claims or the book do not bear out."""
    yield from _pot_breaks(session)
    yield from _quota_breaks(session)
    yield from _coupon_breaks(session)


def _pot_breaks(session: Session) -> Iterator[str]:
    claimed = {
        (programme_id, county_code, state): int(total)
        for programme_id, county_code, state, total in session.execute(
            select(
                Claim.programme_id,
                Claim.county_code,
                Claim.state,
                func.sum(Claim.amount_fen - Claim.returned_fen),
            ).group_by(Claim.programme_id, Claim.county_code, Claim.state)
        )
    }
    for row in session.scalars(select(Pot)):
        held, committed, delivered = (claimed.get((row.programme_id, row.county_code, s), 0) for s in _OPEN)
        account = pot_account(row.programme_id, row.county_code)
        told = (row.held, row.committed + row.paid, row.budget - row.committed - row.paid)
        found = (held, committed + delivered, book.balance(session, account))
        if told != found or book.held(session, account) != row.held:
            yield f"pot {row.programme_id} of {row.county_code}: row {told}, claims and book {found}"


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
        .where(Claim.state != ClaimState.released)
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
