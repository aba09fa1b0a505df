"""Reads of recycling: the consumer's through her account, the recycler's through its own id."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Text, Uuid, and_, any_, bindparam, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from market.catalog.models import Category
from market.kernel.clock import local_date
from market.kernel.errors import NotFound
from market.kernel.together import Together
from market.recycling.custody_models import CustodyEvent, WipeCertificate
from market.recycling.models import (
    Assessment,
    PriceTableRow,
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
from market.recycling.parcel_models import (
    FreightCampaign,
    FreightGrant,
    FreightState,
    Parcel,
    ParcelScan,
    ScanKind,
)
from market.recycling.payout_models import BankPayout
from market.recycling.prices import InForce, of_row
from market.recycling.states import FOR_A_PERSON, ON_ITS_WAY, DueState, RecyclingState, TradeInState

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


IN_FORCE = (
    select(FreightCampaign)
    .where(
        FreightCampaign.county_code == bindparam("county_code", type_=Text()),
        FreightCampaign.valid_from <= bindparam("now"),
        FreightCampaign.valid_to > bindparam("now"),
    )
    .order_by(FreightCampaign.valid_to, FreightCampaign.id)
)
"""The county's campaigns, the one that ends first at the head; for `kernel.together`."""
_DEVICE = bindparam("device_id", type_=Uuid())
_TRAIL = select(CustodyEvent).where(CustodyEvent.device_id == _DEVICE).order_by(CustodyEvent.seq)
_HOLDERS = select(Recycler).where(
    cast(Recycler.id, Text).in_(
        select(func.split_part(CustodyEvent.details["holder"].astext, ":", 2)).where(
            CustodyEvent.device_id == _DEVICE
        )
    )
)
_CERTIFICATE = select(WipeCertificate).where(WipeCertificate.device_id == _DEVICE)
FOLLOWED = (
    select(Category)
    .join(RecyclingOrder, RecyclingOrder.category_code == Category.code)
    .where(RecyclingOrder.id == _DEVICE),
    _TRAIL,
    _HOLDERS,
    _CERTIFICATE,
    select(RecyclingPhoto.id, RecyclingPhoto.occasion)
    .where(RecyclingPhoto.order_id == _DEVICE)
    .order_by(RecyclingPhoto.id),
    select(BankPayout).where(BankPayout.order_id == _DEVICE),
    select(PriceTableRow)
    .join(RecyclingOrder, RecyclingOrder.price_table_id == PriceTableRow.id)
    .where(RecyclingOrder.id == _DEVICE),
    select(Assessment).where(Assessment.order_id == _DEVICE).order_by(Assessment.id.desc()).limit(1),
    select(Parcel).where(Parcel.order_id == _DEVICE),
    select(ParcelScan).where(ParcelScan.order_id == _DEVICE),
    select(FreightGrant).where(FreightGrant.order_id == _DEVICE, FreightGrant.state != FreightState.released),
    IN_FORCE,
)
"""What `followed_of` takes, for `kernel.together`: by `device_id`, in `county_code` at `now`."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What has become of a thing that was sent in.

    `holders` are the recyclers that its trail names: the session knows them while they are held here.
    """

    category: Category
    trail: Sequence[CustodyEvent]
    holders: Sequence[Recycler]
    certificate: WipeCertificate | None
    photos: Sequence[tuple[uuid.UUID, str]]
    bank: BankPayout | None
    price: InForce | None
    assessment: Assessment | None
    parcel: Parcel | None
    scans: Sequence[ParcelScan]
    grant: FreightGrant | None
    campaigns: Sequence[FreightCampaign]


def followed_of(parts: Sequence[Sequence[Any]]) -> Followed:
    """What the rows of `FOLLOWED` say."""
    kinds, trail, holders, wiped, photos, banks, prices, assessed, parcels, scans, grants, campaigns = parts
    return Followed(
        kinds[0],
        trail,
        holders,
        _first(wiped),
        photos,
        _first(banks),
        of_row(prices[0]) if prices else None,
        _first(assessed),
        _first(parcels),
        in_order(scans),
        _first(grants),
        campaigns,
    )


def in_order(scans: Iterable[ParcelScan]) -> list[ParcelScan]:
    """What a carrier has said, by when it happened."""
    return sorted(scans, key=lambda scan: (scan.happened_at, list(ScanKind).index(scan.kind), scan.event_id))


def _first(rows: Sequence[Any]) -> Any:
    return rows[0] if rows else None


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a mail-in label says: whose yard it goes to, its number once that is there, and who pays."""

    order: RecyclingOrder
    recycler: Recycler
    parcel: Parcel | None
    grant: FreightGrant | None


def labelled(session: Session, account_id: uuid.UUID, order_id: uuid.UUID) -> Labelled:
    """One of the person's own orders that has its label, in one statement. Raises NotFound."""
    paid = and_(FreightGrant.order_id == RecyclingOrder.id, FreightGrant.state != FreightState.released)
    row = session.execute(
        select(RecyclingOrder, Recycler, Parcel, FreightGrant)
        .join(Recycler, Recycler.id == RecyclingOrder.recycler_id)
        .outerjoin(Parcel, Parcel.order_id == RecyclingOrder.id)
        .outerjoin(FreightGrant, paid)
        .where(RecyclingOrder.id == order_id, RecyclingOrder.account_id == account_id)
        .where(RecyclingOrder.state.in_(ON_ITS_WAY))
    ).one_or_none()
    if row is None:
        raise NotFound
    return Labelled(*row)


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


_TRADED_IN = Together(
    select(TradeIn, Category, PriceTableRow)
    .join(Category, Category.code == TradeIn.category_code)
    .join(PriceTableRow, PriceTableRow.id == TradeIn.price_table_id)
    .where(TradeIn.id == _DEVICE),
    _TRAIL,
    _HOLDERS,
    _CERTIFICATE,
    select(TradeInAssessment).where(TradeInAssessment.trade_in_id == _DEVICE),
    select(TradeInDue)
    .where(TradeInDue.trade_in_id == _DEVICE, TradeInDue.state != DueState.void)
    .order_by(TradeInDue.id),
)


@dataclass(frozen=True, slots=True)
class TradedIn:
    """What has become of an appliance that was handed in; `holders` as in `Followed`, the first due first."""

    category: Category
    price: InForce
    trail: Sequence[CustodyEvent]
    holders: Sequence[Recycler]
    certificate: WipeCertificate | None
    assessment: TradeInAssessment | None
    dues: Sequence[TradeInDue]


def traded_in(session: Session, trade_in_id: uuid.UUID) -> TradedIn:
    """All that a page says of a trade-in that the caller may see, in one statement."""
    own, trail, holders, wiped, assessed, dues = _TRADED_IN.read(session, device_id=trade_in_id)
    _, category, price = own[0]
    return TradedIn(category, of_row(price), trail, holders, _first(wiped), _first(assessed), dues)


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
