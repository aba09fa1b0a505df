"""Reads of recycling: the consumer's through her account, the recycler's through its own id."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import Uuid, any_, bindparam, func, literal, or_, select
from sqlalchemy.orm import Session

from market.kernel.clock import local_date
from market.kernel.errors import NotFound
from market.recycling.custody_models import (
    WipeCertificate,
)
from market.recycling.models import (
    Assessment,
    Recycler,
    RecyclerDocument,
    RecyclerKind,
    RecyclerStaff,
    RecyclerState,
    RecyclingOrder,
    RecyclingPhoto,
    RegisterChange,
    TradeIn,
    TradeInAssessment,
    TradeInDue,
)
from market.recycling.states import FOR_A_PERSON, DueState, RecyclingState, TradeInState

AT_HUB = (TradeInState.collected, TradeInState.reoffer, *sorted(FOR_A_PERSON), TradeInState.going_home)


ORDERS_OF = (
    select(RecyclingOrder)
    .where(RecyclingOrder.account_id == bindparam("account_id", type_=Uuid()))
    .order_by(RecyclingOrder.id.desc())
    .limit(100)
)
"""What `orders_of` asks, for `kernel.together`."""


def orders_of(session: Session, account_id: uuid.UUID) -> Sequence[RecyclingOrder]:
    """What the person sent in or began to, newest first."""
    return session.scalars(ORDERS_OF, {"account_id": account_id}).all()


def order_of(session: Session, account_id: uuid.UUID, order_id: uuid.UUID) -> RecyclingOrder:
    """One of the person's own orders. Raises NotFound."""
    order = session.get(RecyclingOrder, order_id)
    if order is None or order.account_id != account_id:
        raise NotFound
    return order


def trade_in_of(session: Session, reference: str) -> TradeIn | None:
    """The appliance handed over with the order `reference`, unless that was called off."""
    return session.scalars(
        select(TradeIn).where(TradeIn.reference == reference, TradeIn.state != TradeInState.cancelled)
    ).one_or_none()


def recycler_of(session: Session, account_id: uuid.UUID) -> Recycler | None:
    """The recycler the person works for, or None."""
    return session.scalars(
        select(Recycler)
        .join(RecyclerStaff, RecyclerStaff.recycler_id == Recycler.id)
        .where(RecyclerStaff.account_id == account_id)
    ).one_or_none()


def recyclers_for(
    session: Session, county_code: str, category_code: str, on: date | datetime
) -> Sequence[Recycler]:
    """The recyclers of the county that may take the category on that day, the least busy one first.

    Their rows are held (FOR SHARE) to the end of the transaction: a suspension comes wholly before what is
    then written for one, or wholly after and moves it on.
    """
    day = local_date(on) if isinstance(on, datetime) else on
    open_orders = (
        select(func.count())
        .where(RecyclingOrder.recycler_id == Recycler.id, RecyclingOrder.paid_fen.is_(None))
        .scalar_subquery()
    )
    return session.scalars(
        select(Recycler)
        .where(
            Recycler.county_code == county_code,
            Recycler.kind == RecyclerKind.collector,
            Recycler.state == RecyclerState.active,
            literal(category_code) == any_(Recycler.scope),
            Recycler.valid_from <= day,
            Recycler.valid_to >= day,
        )
        .order_by(open_orders, Recycler.id)
        .with_for_update(read=True, of=Recycler)
        .execution_options(populate_existing=True)
    ).all()


def recycler_for(
    session: Session, county_code: str, category_code: str, on: date | datetime
) -> Recycler | None:
    """A recycler of the county that may take the category on that day; the least busy one of several."""
    return next(iter(recyclers_for(session, county_code, category_code, on)), None)


def is_licensed(recycler: Recycler, on: date) -> bool:
    """Whether its licence holds on that day and nobody has suspended it."""
    return recycler.state is RecyclerState.active and recycler.valid_from <= on <= recycler.valid_to


def register(session: Session, county_code: str) -> Sequence[Recycler]:
    """The county's recyclers for the public register, suspended ones too."""
    return session.scalars(
        select(Recycler).where(Recycler.county_code == county_code).order_by(Recycler.name)
    ).all()


def in_register(session: Session, county_code: str, recycler_id: uuid.UUID) -> Recycler:
    """One recycler of the county. Raises NotFound."""
    found = session.get(Recycler, recycler_id)
    if found is None or found.county_code != county_code:
        raise NotFound
    return found


def documents(session: Session, recycler_id: uuid.UUID) -> Sequence[RecyclerDocument]:
    """A recycler's papers, the latest first."""
    of_recycler = select(RecyclerDocument).where(RecyclerDocument.recycler_id == recycler_id)
    return session.scalars(of_recycler.order_by(RecyclerDocument.id.desc())).all()


def register_changes(session: Session, recycler_id: uuid.UUID) -> Sequence[RegisterChange]:
    """What happened to a recycler's entry, the latest first."""
    of_recycler = select(RegisterChange).where(RegisterChange.recycler_id == recycler_id)
    return session.scalars(of_recycler.order_by(RegisterChange.id.desc())).all()


def inbox(
    session: Session, recycler_id: uuid.UUID, states: Collection[RecyclingState], limit: int = 200
) -> Sequence[RecyclingOrder]:
    """The recycler's orders in these states, the longest waiting first."""
    return session.scalars(
        select(RecyclingOrder)
        .where(RecyclingOrder.recycler_id == recycler_id, RecyclingOrder.state.in_(states))
        .order_by(RecyclingOrder.state_since, RecyclingOrder.id)
        .limit(limit)
    ).all()


def order_at(session: Session, recycler_id: uuid.UUID, order_id: uuid.UUID) -> RecyclingOrder:
    """An order addressed to the recycler. Raises NotFound."""
    order = session.get(RecyclingOrder, order_id)
    if order is None or order.recycler_id != recycler_id:
        raise NotFound
    return order


def order_in_county(session: Session, county_code: str, order_id: uuid.UUID) -> RecyclingOrder:
    """An order of the county's. Raises NotFound."""
    found = session.get(RecyclingOrder, order_id)
    if found is None or found.county_code != county_code:
        raise NotFound
    return found


def order_with_code(session: Session, recycler_id: uuid.UUID, code: str) -> RecyclingOrder | None:
    """The order addressed to the recycler whose label says `code`."""
    return session.scalars(
        select(RecyclingOrder).where(
            RecyclingOrder.recycler_id == recycler_id, RecyclingOrder.code == code.strip().upper()
        )
    ).one_or_none()


def trade_ins_for(session: Session, recycler: Recycler, since: datetime) -> Sequence[TradeIn]:
    """Appliances at the hub that no recycler has yet, and its own: waiting, or confirmed `since`."""
    return session.scalars(
        select(TradeIn)
        .where(
            TradeIn.county_code == recycler.county_code,
            or_(TradeIn.recycler_id == recycler.id, TradeIn.recycler_id.is_(None)),
            TradeIn.state.in_(AT_HUB) | (TradeIn.confirmed_at >= since),
        )
        .order_by(TradeIn.collected_at, TradeIn.id)
    ).all()


def trade_in_at(session: Session, county_code: str, trade_in_id: uuid.UUID) -> TradeIn:
    """A trade-in of the county that was collected. Raises NotFound."""
    trade_in = session.get(TradeIn, trade_in_id)
    if trade_in is None or trade_in.county_code != county_code or trade_in.collected_at is None:
        raise NotFound
    return trade_in


def trade_in_for(session: Session, recycler: Recycler, trade_in_id: uuid.UUID) -> TradeIn:
    """A trade-in that no recycler has yet, or that is this one's. Raises NotFound."""
    trade_in = trade_in_at(session, recycler.county_code, trade_in_id)
    if trade_in.recycler_id not in (None, recycler.id):
        raise NotFound
    return trade_in


def pages_for(session: Session, recycler: Recycler, ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of `ids`, parcels and trade-ins, whose pages are the recycler's; what others took in has none."""
    parcels = select(RecyclingOrder.id).where(RecyclingOrder.recycler_id == recycler.id)
    open_to_all = TradeIn.recycler_id.is_(None) & (TradeIn.county_code == recycler.county_code)
    trade_ins = select(TradeIn.id).where(open_to_all | (TradeIn.recycler_id == recycler.id))
    found = parcels.where(RecyclingOrder.id.in_(ids)).union_all(trade_ins.where(TradeIn.id.in_(ids)))
    return set(session.scalars(found))


def own_trade_in(session: Session, account_id: uuid.UUID, trade_in_id: uuid.UUID) -> TradeIn:
    """One of the person's own trade-ins. Raises NotFound."""
    found = session.get(TradeIn, trade_in_id)
    if found is None or found.account_id != account_id:
        raise NotFound
    return found


def trade_in_assessment(session: Session, trade_in_id: uuid.UUID) -> TradeInAssessment | None:
    """What the recycler found of a trade-in that the caller may see."""
    return session.scalars(
        select(TradeInAssessment).where(TradeInAssessment.trade_in_id == trade_in_id)
    ).one_or_none()


def trade_in_dues(session: Session, trade_in_id: uuid.UUID) -> Sequence[TradeInDue]:
    """What had or has to be paid for a trade-in that the caller may see, the first due first."""
    return session.scalars(
        select(TradeInDue)
        .where(TradeInDue.trade_in_id == trade_in_id, TradeInDue.state != DueState.void)
        .order_by(TradeInDue.id)
    ).all()


def unsettled_trade_ins(session: Session, county_code: str, limit: int = 200) -> Sequence[TradeIn]:
    """The county's trade-ins that wait for a decision or for their way home, the longest waiting first."""
    waiting = (*FOR_A_PERSON, TradeInState.going_home)
    return session.scalars(
        select(TradeIn)
        .where(TradeIn.county_code == county_code, TradeIn.state.in_(waiting))
        .order_by(TradeIn.id)
        .limit(limit)
    ).all()


def open_trade_in_dues(
    session: Session, county_code: str, limit: int = 200
) -> Sequence[tuple[TradeInDue, TradeIn]]:
    """What the county's buyers still owe of their credits, the longest waiting first."""
    rows = session.execute(
        select(TradeInDue, TradeIn)
        .join(TradeIn, TradeIn.id == TradeInDue.trade_in_id)
        .where(TradeIn.county_code == county_code, TradeInDue.state == DueState.open)
        .order_by(TradeInDue.id)
        .limit(limit)
    )
    return [(due, trade_in) for due, trade_in in rows]


def assessment(session: Session, order_id: uuid.UUID) -> Assessment | None:
    """What was found when the device was last looked at."""
    return session.scalars(
        select(Assessment).where(Assessment.order_id == order_id).order_by(Assessment.id.desc()).limit(1)
    ).one_or_none()


def photos(session: Session, order_id: uuid.UUID) -> Sequence[tuple[uuid.UUID, str]]:
    """The ids and occasions of an order's photos, the first one first."""
    found = session.execute(
        select(RecyclingPhoto.id, RecyclingPhoto.occasion)
        .where(RecyclingPhoto.order_id == order_id)
        .order_by(RecyclingPhoto.id)
    )
    return [(photo_id, occasion) for photo_id, occasion in found]


def photo(session: Session, order_id: uuid.UUID, photo_id: uuid.UUID) -> RecyclingPhoto:
    """One photo of an order that the caller may see. Raises NotFound."""
    found = session.get(RecyclingPhoto, photo_id)
    if found is None or found.order_id != order_id:
        raise NotFound
    return found


def certificate(session: Session, device_id: uuid.UUID) -> WipeCertificate | None:
    """The proof that a device's data is gone."""
    return session.get(WipeCertificate, device_id)
