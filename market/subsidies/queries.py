"""What is on offer, what is left, and what a person has used."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from market.kernel.clock import local_date
from market.kernel.errors import NotFound
from market.kernel.together import Together
from market.places.models import County
from market.subsidies import rules
from market.subsidies.coupon_models import Coupon, CouponPool, CouponState
from market.subsidies.models import Claim, Pot, ProgrammeRow, ProgrammeState, Quota

# Built once: every list, cart and checkout asks these two.
_RUNNING = (
    select(ProgrammeRow, Pot)
    .join(Pot, Pot.programme_id == ProgrammeRow.id)
    .where(
        Pot.county_code == bindparam("county_code"),
        ProgrammeRow.state == ProgrammeState.published,
        ProgrammeRow.valid_from <= bindparam("now"),
        ProgrammeRow.valid_to >= bindparam("now"),
    )
    .order_by(ProgrammeRow.code, ProgrammeRow.version)
)
_RUNNING_BY_COUNTY = (
    select(County, ProgrammeRow, Pot)
    .outerjoin(Pot, Pot.county_code == County.code)
    .outerjoin(
        ProgrammeRow,
        and_(
            ProgrammeRow.id == Pot.programme_id,
            ProgrammeRow.state == ProgrammeState.published,
            ProgrammeRow.valid_from <= bindparam("now"),
            ProgrammeRow.valid_to >= bindparam("now"),
        ),
    )
    .order_by(County.code, ProgrammeRow.code, ProgrammeRow.version)
)
_USED = select(Quota.programme_code, Quota.period, Quota.category, Quota.used).where(
    Quota.account_id == bindparam("account_id"),
    Quota.programme_code.in_(bindparam("codes", expanding=True)),
)
# What a quote asks for whoever is known: what runs, what she has had, and her coupons that are still good.
FOR_HER = (
    _RUNNING,
    select(Quota).where(Quota.account_id == bindparam("account_id")),
    select(Coupon).where(
        Coupon.account_id == bindparam("account_id"),
        Coupon.state == CouponState.claimed,
        Coupon.expires_at >= bindparam("now"),
    ),
)
_FOR_HER = Together(*FOR_HER)
POOLS = select(CouponPool).where(CouponPool.county_code == bindparam("county_code"))
"""The county's coupons of every programme, for `kernel.together`."""
_parsed: dict[str, tuple[dict[str, Any], rules.Programme]] = {}


def parsed(row: ProgrammeRow) -> rules.Programme:
    """The rules of `row`. A published version never changes, so it is read once a process."""
    known = _parsed.get(row.id)
    if known and known[0] == row.rules and known[1].valid_to == row.valid_to:
        return known[1]
    programme = rules.read(row.id, row.valid_from, row.valid_to, row.rules)
    if row.state is ProgrammeState.published:
        _parsed[row.id] = (row.rules, programme)
    return programme


def open_programmes(session: Session, county_code: str, now: datetime) -> list[tuple[rules.Programme, Pot]]:
    """The published programmes of the county that run at `now`, each with its pot, by id.

    Of several versions of one programme the newest counts.
    """
    found = session.execute(_RUNNING, {"county_code": county_code, "now": now})
    newest = {row.code: (row, pot) for row, pot in found}
    return [(parsed(row), pot) for row, pot in newest.values()]


def offers(session: Session, county_code: str, now: datetime) -> list[rules.Offer]:
    """What the county pays out of at `now`."""
    return [_offer(programme, pot) for programme, pot in open_programmes(session, county_code, now)]


def _offer(programme: rules.Programme, pot: Pot) -> rules.Offer:
    return rules.Offer(programme, pot.budget - pot.held - pot.committed - pot.paid, pot.requires_coupon)


Running = list[tuple[ProgrammeRow, Pot]]


def running_by_county(session: Session, now: datetime) -> list[tuple[County, Running]]:
    """Every county that runs a market, by code, with what it pays out of at `now`, in one statement."""
    found: dict[str, tuple[County, dict[str, tuple[ProgrammeRow, Pot]]]] = {}
    for county, row, pot in session.execute(_RUNNING_BY_COUNTY, {"now": now}):
        newest = found.setdefault(county.code, (county, {}))[1]
        if row is not None:
            newest[row.code] = (row, pot)
    return [(county, list(newest.values())) for county, newest in found.values()]


def offers_of(running: Running) -> list[rules.Offer]:
    """What `running_by_county` found of a county, as the rules take it."""
    return [_offer(parsed(row), pot) for row, pot in running]


def quote(
    session: Session,
    items: Iterable[rules.Item],
    county_code: str,
    account_id: uuid.UUID | None,
    now: datetime,
    trade_in: str | None = None,
) -> list[rules.Decision]:
    """Decisions for `items` in this county, as things stand at `now`; nothing is reserved.

    Without an account (a visitor) nothing counts as used, and no coupon is asked for. `trade_in` is the kind
    of old appliance that is handed in.
    """
    if account_id is None:
        on_offer = offers(session, county_code, now)
        return rules.quote(items, rules.Buyer(trade_in=trade_in, county_code=county_code), on_offer, now)
    running, quotas, coupons = _FOR_HER.read(session, county_code=county_code, account_id=account_id, now=now)
    on_offer = offers_of(list({row.code: (row, pot) for row, pot in running}.values()))
    used_up = used_within(quotas, [offer.programme for offer in on_offer], now)
    asking = {offer.programme.id for offer in on_offer if offer.requires_coupon}
    held = frozenset((it.programme_id, it.category) for it in coupons if it.programme_id in asking)
    return rules.quote(items, rules.Buyer(used_up, held, trade_in, county_code), on_offer, now)


def used_within(
    quotas: Iterable[Quota], programmes: Iterable[rules.Programme], now: datetime
) -> dict[tuple[str, str], int]:
    """How many items those quotas say, by programme code and category, in the period that counts now."""
    year = local_date(now).year
    within = {programme.code: programme.period(year) for programme in programmes}
    return {
        (it.programme_code, it.category): it.used
        for it in quotas
        if within.get(it.programme_code) == it.period
    }


def used(
    session: Session, account_id: uuid.UUID, programmes: list[rules.Programme], now: datetime
) -> dict[tuple[str, str], int]:
    """How many items the person has had, by programme code and category, in the period that counts now."""
    year = local_date(now).year
    within = {programme.code: programme.period(year) for programme in programmes}
    rows = session.execute(_USED, {"account_id": account_id, "codes": list(within)})
    return {
        (row.programme_code, row.category): row.used
        for row in rows
        if row.period == within[row.programme_code]
    }


def live_coupons(
    session: Session, account_id: uuid.UUID, programme_id: str, now: datetime
) -> dict[str, Coupon]:
    """The person's unused coupons of one programme that are still good, by category."""
    rows = session.scalars(
        select(Coupon).where(
            Coupon.account_id == account_id,
            Coupon.programme_id == programme_id,
            Coupon.state == CouponState.claimed,
            Coupon.expires_at >= now,
        )
    )
    return {coupon.category: coupon for coupon in rows}


def county_programmes(session: Session, county_code: str) -> list[tuple[ProgrammeRow, Pot | None]]:
    """Shipped programmes and the county's own, each with the county's pot; the newest first."""
    rows = session.execute(
        select(ProgrammeRow, Pot)
        .outerjoin(Pot, and_(Pot.programme_id == ProgrammeRow.id, Pot.county_code == county_code))
        .where(_seen_by(county_code))
        .order_by(ProgrammeRow.valid_to.desc(), ProgrammeRow.code, ProgrammeRow.version.desc())
    )
    return [(row, pot) for row, pot in rows]


def county_programme(session: Session, county_code: str, programme_id: str) -> ProgrammeRow:
    """One of them. Raises NotFound."""
    found = session.scalar(select(ProgrammeRow).where(ProgrammeRow.id == programme_id, _seen_by(county_code)))
    if found is None:
        raise NotFound
    return found


def pot_before(session: Session, row: ProgrammeRow) -> Pot | None:
    """The pot that the version before `row` has in the county that wrote `row`; the newest that has one."""
    return session.scalar(
        select(Pot)
        .join(ProgrammeRow, ProgrammeRow.id == Pot.programme_id)
        .where(
            Pot.county_code == row.county_code,
            ProgrammeRow.code == row.code,
            ProgrammeRow.version < row.version,
        )
        .order_by(ProgrammeRow.version.desc())
        .limit(1)
    )


def pot_of(session: Session, county_code: str, programme_id: str) -> Pot | None:
    """The county's pot for one version."""
    return session.get(Pot, (programme_id, county_code))


def pools(session: Session, county_code: str, programme_id: str) -> dict[str, CouponPool]:
    """The county's coupons for one version, by category."""
    rows = session.scalars(
        select(CouponPool).where(
            CouponPool.programme_id == programme_id, CouponPool.county_code == county_code
        )
    )
    return {pool.category: pool for pool in rows}


def _seen_by(county_code: str) -> ColumnElement[bool]:
    return or_(ProgrammeRow.county_code.is_(None), ProgrammeRow.county_code == county_code)


def claim(session: Session, reference: str) -> Claim | None:
    """The claim of one order line."""
    return session.scalar(select(Claim).where(Claim.reference == reference))


def pots(session: Session, county_code: str) -> list[tuple[ProgrammeRow, Pot]]:
    """Every pot of the county with its programme, by id."""
    rows = session.execute(
        select(ProgrammeRow, Pot)
        .join(Pot, Pot.programme_id == ProgrammeRow.id)
        .where(Pot.county_code == county_code)
        .order_by(ProgrammeRow.id)
    )
    return [(row, pot) for row, pot in rows]
