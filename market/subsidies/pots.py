"""A county's pots: put money in, ask for coupons or not, hand what is left to the next version."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.ledger.post import post
from market.ledger.rules import credit, debit, pot, treasury
from market.subsidies import queries
from market.subsidies.coupon_models import Coupon, CouponPool, CouponState, LotteryRound, RoundState
from market.subsidies.models import Pot, ProgrammeState

MOST_FEN = 100_000_000_000  # a billion yuan: more is a slip of the hand


def top_up(
    session: Session, county_code: str, programme_id: str, amount_fen: int, key: str, now: datetime
) -> None:
    """The treasury gives `amount_fen` more; a programme that had no pot gets one. Once per `key`.

    Raises NotFound; Refused(``programme.amount``, field amount_fen | ``programme.not_published``).
    """
    row = queries.county_programme(session, county_code, programme_id)
    if row.state is not ProgrammeState.published:
        raise Refused("programme.not_published")
    if not 0 < amount_fen <= MOST_FEN:
        raise Refused("programme.amount", field="amount_fen")
    lines = [
        debit(treasury(programme_id, county_code), amount_fen),
        credit(pot(programme_id, county_code), amount_fen),
    ]
    reference = f"{programme_id}:{county_code}"
    if post(session, "subsidy.funded", reference, f"subsidy:top_up:{reference}:{key}", lines, now):
        _add(session, programme_id, county_code, amount_fen)


def carry_over(session: Session, county_code: str, old_id: str, new_id: str, now: datetime) -> None:
    """What the pot of `old_id` has left, its coupons' places and its switch become those of `new_id`.

    What orders hold or have been promised stays with the version that promised it.
    """
    old = _locked(session, old_id, county_code)
    left = old.budget - old.held - old.committed - old.paid
    _add(session, new_id, county_code, left)
    new = _locked(session, new_id, county_code)
    new.requires_coupon = old.requires_coupon
    old.budget -= left
    session.flush()
    _carry_pools(session, county_code, old_id, new_id)
    if left:
        lines = [
            debit(pot(old_id, county_code), left),
            credit(pot(new_id, county_code), left),
            debit(treasury(new_id, county_code), left),  # which now pays it under the new version
            credit(treasury(old_id, county_code), left),
        ]
        reference = f"{new_id}:{county_code}"
        # Once for every state of the old pot: what comes back to it later may be handed on as well.
        key = f"subsidy:carry:{old_id}:{reference}:{now.isoformat()}"
        post(session, "subsidy.carried_over", reference, key, lines, now)


def require_coupons(session: Session, county_code: str, programme_id: str, required: bool) -> None:
    """Pay only for who has claimed a coupon, or for everybody. Raises NotFound; ``programme.no_coupons``."""
    row = queries.county_programme(session, county_code, programme_id)
    if required and queries.parsed(row).coupons is None:
        raise Refused("programme.no_coupons")
    _locked(session, programme_id, county_code).requires_coupon = required
    session.flush()


def set_places(session: Session, county_code: str, programme_id: str, category: str, total: int) -> None:
    """Hand out `total` coupons of a category. Raises NotFound; Refused(``programme.places``, field total)."""
    row = queries.county_programme(session, county_code, programme_id)
    _locked(session, programme_id, county_code)
    if category not in queries.parsed(row).quantity_limits:
        raise NotFound
    changed = session.execute(
        insert(CouponPool)
        .values(programme_id=programme_id, county_code=county_code, category=category, total=total, taken=0)
        .on_conflict_do_update(
            index_elements=["programme_id", "county_code", "category"],
            set_={"total": total},
            where=CouponPool.taken <= total,
        )
        .returning(CouponPool.total)
    ).first()
    if changed is None:
        raise Refused("programme.places", field="total")


def _add(session: Session, programme_id: str, county_code: str, amount_fen: int) -> None:
    session.execute(
        insert(Pot)
        .values(
            programme_id=programme_id,
            county_code=county_code,
            budget=amount_fen,
            held=0,
            committed=0,
            paid=0,
            requires_coupon=False,
        )
        .on_conflict_do_update(
            index_elements=["programme_id", "county_code"], set_={"budget": Pot.budget + amount_fen}
        )
    )


def _carry_pools(session: Session, county_code: str, old_id: str, new_id: str) -> None:
    """Places that nobody has taken, unused coupons and open lotteries go over; used coupons stay."""
    mine = (CouponPool.programme_id == old_id, CouponPool.county_code == county_code)
    pools = session.scalars(
        select(CouponPool).where(*mine).order_by(CouponPool.category).with_for_update()
    ).all()
    for pool in pools:
        _add_places(session, county_code, new_id, pool.category, 0, 0)
    moved = Counter(_move(session, county_code, old_id, new_id))
    for category, places in _move_rounds(session, county_code, old_id, new_id):
        moved[category] += places
    for pool in pools:
        taken = moved[pool.category]
        left = pool.total - pool.taken
        _add_places(session, county_code, new_id, pool.category, left + taken, taken)
        pool.total, pool.taken = pool.taken - taken, pool.taken - taken
    session.flush()


def _move(session: Session, county_code: str, old_id: str, new_id: str) -> Iterable[str]:
    return session.scalars(
        update(Coupon)
        .where(
            Coupon.programme_id == old_id,
            Coupon.county_code == county_code,
            Coupon.state == CouponState.claimed,
        )
        .values(programme_id=new_id)
        .returning(Coupon.category)
    )


def _move_rounds(session: Session, county_code: str, old_id: str, new_id: str) -> Iterable[Row[str, int]]:
    return session.execute(
        update(LotteryRound)
        .where(
            LotteryRound.programme_id == old_id,
            LotteryRound.county_code == county_code,
            LotteryRound.state == RoundState.open,
        )
        .values(programme_id=new_id)
        .returning(LotteryRound.category, LotteryRound.places)
    )


def _add_places(
    session: Session, county_code: str, programme_id: str, category: str, total: int, taken: int
) -> None:
    session.execute(
        insert(CouponPool)
        .values(
            programme_id=programme_id, county_code=county_code, category=category, total=total, taken=taken
        )
        .on_conflict_do_update(
            index_elements=["programme_id", "county_code", "category"],
            set_={"total": CouponPool.total + total, "taken": CouponPool.taken + taken},
        )
    )


def _locked(session: Session, programme_id: str, county_code: str) -> Pot:
    found = session.get(Pot, (programme_id, county_code), with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found
