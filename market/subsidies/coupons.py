"""A coupon's life: claimed in two taps, used by one order line, given back with it, or lapsed."""

import uuid
from datetime import datetime, time, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.clock import at, local_date
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.people.models import Account
from market.subsidies import queries, real_name
from market.subsidies.coupon_models import COUPON_STATES, Coupon, CouponChances, CouponPool, CouponState
from market.subsidies.events import CouponLapses
from market.subsidies.models import ProgrammeRow
from market.subsidies.rules import ANY_CATEGORY, Programme
from market.subsidies.schema import Coupons, Issue

_LAST_SECOND = time(23, 59, 59)


def claim_coupon(
    session: Session, account: Account, county_code: str, programme_id: str, category: str, now: datetime
) -> Coupon:
    """Claim the right to one piece of `category`. Who holds one already gets that one.

    Raises NotFound where the county runs no such programme now; Refused: ``subsidy.name_first``,
    ``subsidy.no_coupons``, ``subsidy.lottery_only``, ``subsidy.quota_used``, ``subsidy.chances_used``,
    ``subsidy.coupons_gone``.
    """
    programme, terms = _asking(session, county_code, programme_id, now)
    # A person's phones queue here, so that the second finds what the first got.
    session.execute(select(Account.id).where(Account.id == account.id).with_for_update(key_share=True))
    held = live(session, account.id, programme_id, category, now)
    if held is not None:
        return held
    if terms.issue is Issue.lottery:
        raise Refused("subsidy.lottery_only")
    require_name(session, programme, account)
    require_quota(session, programme, account.id, category, now)
    _use_chance(session, programme, terms, account.id, category, now)
    take_from_pool(session, programme_id, county_code, category, 1)
    return issue(session, programme_id, county_code, category, account.id, terms, now)


def issue(
    session: Session,
    programme_id: str,
    county_code: str,
    category: str,
    account_id: uuid.UUID,
    terms: Coupons,
    now: datetime,
    round_id: uuid.UUID | None = None,
) -> Coupon:
    """Hand out a coupon that its pool has already been charged for."""
    coupon = Coupon(
        id=new_id(),
        programme_id=programme_id,
        county_code=county_code,
        category=category,
        account_id=account_id,
        round_id=round_id,
        state=CouponState.claimed,
        claimed_at=now,
        expires_at=lasts_until(terms.ttl_days, now),
    )
    session.add(coupon)
    session.flush()
    _wind_clock(session, coupon, now)
    return coupon


def lasts_until(ttl_days: int, now: datetime) -> datetime:
    """The last second of the `ttl_days`-th natural day in China, today being the first."""
    return at(local_date(now) + timedelta(days=ttl_days - 1), _LAST_SECOND)


def use(
    session: Session, programme_id: str, account_id: uuid.UUID, category: str, reference: str, now: datetime
) -> None:
    """Spend the person's coupon on the order line `reference`. Raises Refused(``subsidy.coupon_missing``)."""
    used = session.execute(
        update(Coupon)
        .where(
            Coupon.programme_id == programme_id,
            Coupon.account_id == account_id,
            Coupon.category == category,
            Coupon.state == CouponState.claimed,
            Coupon.expires_at >= now,
        )
        .values(state=CouponState.used, reference=reference)
        .returning(Coupon.id)
    ).first()
    if used is None:
        raise Refused("subsidy.coupon_missing")


def give_back(session: Session, reference: str, now: datetime) -> None:
    """The order line is undone: its coupon is good again, at least as long as a new one would be. Once.

    Where she has claimed another meanwhile, the old one lapses.
    """
    coupon = session.scalar(select(Coupon).where(Coupon.reference == reference).with_for_update())
    if coupon is None:
        return
    row = session.get_one(ProgrammeRow, coupon.programme_id)
    terms = queries.parsed(row).coupons
    another = live(session, coupon.account_id, coupon.programme_id, coupon.category, None)
    coupon.reference = None
    if terms is None or another is not None:
        _lapse(session, coupon)
        return
    COUPON_STATES.move(coupon, CouponState.claimed)
    coupon.expires_at = max(coupon.expires_at, lasts_until(terms.ttl_days, now))
    session.flush()
    _wind_clock(session, coupon, now)


def lapse(session: Session, coupon_id: uuid.UUID, now: datetime) -> None:
    """The coupon's time is over: its place goes back. Harmless where it was used or has longer."""
    coupon = session.get(Coupon, coupon_id, with_for_update=True)
    if coupon and coupon.state is CouponState.claimed and coupon.expires_at < now:
        _lapse(session, coupon)


def live(
    session: Session, account_id: uuid.UUID, programme_id: str, category: str, now: datetime | None
) -> Coupon | None:
    """The person's unused coupon; one that the worker has not lapsed in time lapses here at `now`."""
    coupon = session.scalar(
        select(Coupon)
        .where(
            Coupon.account_id == account_id,
            Coupon.programme_id == programme_id,
            Coupon.category == category,
            Coupon.state == CouponState.claimed,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if coupon and now and coupon.expires_at < now:
        _lapse(session, coupon)
        return None
    return coupon


def take_from_pool(session: Session, programme_id: str, county_code: str, category: str, number: int) -> None:
    """Take `number` places. Raises Refused(``subsidy.coupons_gone``) where there are not so many."""
    taken = session.execute(
        update(CouponPool)
        .where(
            CouponPool.programme_id == programme_id,
            CouponPool.county_code == county_code,
            CouponPool.category == category,
            CouponPool.taken + number <= CouponPool.total,
        )
        .values(taken=CouponPool.taken + number)
        .returning(CouponPool.taken)
    ).first()
    if taken is None:
        raise Refused("subsidy.coupons_gone")


def give_to_pool(session: Session, programme_id: str, county_code: str, category: str, number: int) -> None:
    """Give `number` places back."""
    session.execute(
        update(CouponPool)
        .where(
            CouponPool.programme_id == programme_id,
            CouponPool.county_code == county_code,
            CouponPool.category == category,
        )
        .values(taken=CouponPool.taken - number)
    )


def require_name(session: Session, programme: Programme, account: Account) -> None:
    """Raises Refused(``subsidy.name_first``) where the programme asks for a name and none is checked."""
    if programme.requires_real_name and not real_name.is_checked(session, account):
        raise Refused("subsidy.name_first")


def _asking(
    session: Session, county_code: str, programme_id: str, now: datetime
) -> tuple[Programme, Coupons]:
    for programme, pot in queries.open_programmes(session, county_code, now):
        if programme.id == programme_id:
            if programme.coupons is None or not pot.requires_coupon:
                raise Refused("subsidy.no_coupons")
            return programme, programme.coupons
    raise NotFound


def require_quota(
    session: Session, programme: Programme, account_id: uuid.UUID, category: str, now: datetime
) -> None:
    """Raises Refused(``subsidy.quota_used``) where the person may have no more of the category."""
    used = queries.used(session, account_id, [programme], now)
    limits = [(category, programme.quantity_limits.get(category, 0))]
    if programme.total_limit is not None:
        limits.append((ANY_CATEGORY, programme.total_limit))
    if any(used.get((programme.code, name), 0) >= limit for name, limit in limits):
        raise Refused("subsidy.quota_used")


def _use_chance(
    session: Session,
    programme: Programme,
    terms: Coupons,
    account_id: uuid.UUID,
    category: str,
    now: datetime,
) -> None:
    chances = terms.chances * programme.quantity_limits[category]
    used = session.execute(
        insert(CouponChances)
        .values(
            programme_code=programme.code,
            period=programme.period(local_date(now).year),
            account_id=account_id,
            category=category,
            used=1,
            chances=chances,
        )
        .on_conflict_do_update(
            index_elements=["programme_code", "period", "account_id", "category"],
            set_={"used": CouponChances.used + 1, "chances": chances},
            where=CouponChances.used + 1 <= chances,
        )
        .returning(CouponChances.used)
    ).first()
    if used is None:
        raise Refused("subsidy.chances_used", chances=chances)


def _lapse(session: Session, coupon: Coupon) -> None:
    COUPON_STATES.move(coupon, CouponState.lapsed)
    give_to_pool(session, coupon.programme_id, coupon.county_code, coupon.category, 1)
    session.flush()


def _wind_clock(session: Session, coupon: Coupon, now: datetime) -> None:
    due_at = coupon.expires_at + timedelta(seconds=1)
    key = f"coupon:{coupon.id}:{due_at.isoformat()}"
    emit(session, CouponLapses(coupon.id), now, due_at=due_at, dedupe_key=key)
