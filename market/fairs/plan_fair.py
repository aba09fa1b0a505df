"""A county operator plans a fair or a van's round, and calls it off."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.fairs import rules
from market.fairs.events import FairEnds
from market.fairs.models import FAIR_STATES, Fair, FairGoods, FairKind, FairState, FairStop
from market.fairs.rules import StopDraft
from market.inventory.reserve import release
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.notices.notify import notify
from market.places.queries import region
from market.shops.models import ShopStaff


@dataclass(frozen=True, slots=True)
class FairDraft:
    """What is planned: its stops in the order of their times."""

    kind: FairKind
    title: str
    stops: Sequence[StopDraft]


def plan_fair(session: Session, county_code: str, draft: FairDraft, now: datetime) -> Fair:
    """A new fair that shops may join.

    Raises Refused: ``fair.title``, ``fair.stops`` (most=…), ``fair.times``, ``fair.region`` (each with its
    field): a region of another county is none.
    """
    _check(session, county_code, draft, now)
    fair = Fair(
        id=new_id(),
        county_code=county_code,
        kind=draft.kind,
        title=draft.title.strip(),
        ends_at=draft.stops[-1].ends_at,
        created_at=now,
        stops=[
            FairStop(
                id=new_id(),
                region_code=stop.region_code,
                venue=stop.venue.strip(),
                starts_at=stop.starts_at,
                ends_at=stop.ends_at,
            )
            for stop in draft.stops
        ],
    )
    session.add(fair)
    session.flush()
    emit(session, FairEnds(fair.id), now, due_at=fair.ends_at, dedupe_key=f"fair_ends:{fair.id}")
    return fair


def cancel_fair(session: Session, county_code: str, fair_id: uuid.UUID, reason: str, now: datetime) -> Fair:
    """It does not take place: what was set aside can be sold again, and the shops are told why.

    Raises NotFound where it is another county's; Refused: ``fair.reason`` (field reason),
    ``state.illegal_move`` once it is over.
    """
    fair = lock_fair(session, fair_id)
    if fair.county_code != county_code:
        raise NotFound
    if fair.state is FairState.canceled:
        return fair
    if len(reason.strip()) not in range(2, 201):
        raise Refused("fair.reason", field="reason")
    FAIR_STATES.step(fair.state, FairState.canceled)
    fair.state, fair.cancel_reason = FairState.canceled, reason.strip()
    _give_back(session, fair, now)
    _tell_shops(session, fair, now)
    return fair


def end_fair(session: Session, fair_id: uuid.UUID, now: datetime) -> None:
    """The last stop is over: what was not sold is the shop's to sell again. Harmless early and twice."""
    fair = lock_fair(session, fair_id)
    if fair.state is FairState.planned and now >= fair.ends_at:
        FAIR_STATES.move(fair, FairState.over)
        _give_back(session, fair, now)


def lock_fair(session: Session, fair_id: uuid.UUID) -> Fair:
    """The fair, unchanged by others until this transaction ends. Raises NotFound."""
    found = session.get(Fair, fair_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def _give_back(session: Session, fair: Fair, now: datetime) -> None:
    rows = session.scalars(
        select(FairGoods)
        .where(FairGoods.fair_id == fair.id, FairGoods.given_back_at.is_(None))
        .order_by(FairGoods.listing_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    for goods in rows:
        if goods.left:
            release(session, goods.reservation, now)
        goods.given_back_at = now
    session.flush()


def _tell_shops(session: Session, fair: Fair, now: datetime) -> None:
    params = {"title": fair.title, "reason": fair.cancel_reason}
    shop_ids = [row.shop_id for row in fair.shops]
    staff = select(ShopStaff.account_id).where(ShopStaff.shop_id.in_(shop_ids)).order_by(ShopStaff.account_id)
    for account_id in session.scalars(staff.distinct()):
        key = f"fair.canceled:{fair.id}:{account_id}"
        notify(session, account_id, "fair.canceled", params, now, f"fair:{fair.id}", key)


def _check(session: Session, county_code: str, draft: FairDraft, now: datetime) -> None:
    if not 2 <= len(draft.title.strip()) <= 40:
        raise Refused("fair.title", field="title")
    if not 1 <= len(draft.stops) <= rules.MOST_STOPS:
        raise Refused("fair.stops", field="stops", most=rules.MOST_STOPS)
    if not rules.are_in_order(draft.stops, now):
        raise Refused("fair.times", field="stops")
    for stop in draft.stops:
        here = stop.region_code.startswith(county_code) and region(session, stop.region_code) is not None
        if not here or not 2 <= len(stop.venue.strip()) <= 60:
            raise Refused("fair.region", field="stops")
