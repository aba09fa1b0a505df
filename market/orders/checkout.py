"""Place an order: reserve everything it needs, or refuse and change nothing."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from market.catalog.snapshot import snapshot
from market.delivery.queries import next_day
from market.delivery.windows import HOURS, DayPart
from market.inventory.reserve import reserve
from market.kernel.clock import local_date
from market.kernel.db import insert_all
from market.kernel.errors import Refused
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.orders import cart as carts
from market.orders.cart import CartEntry, Owner
from market.orders.events import PaymentLapses
from market.orders.models import (
    Cart,
    Fulfillment,
    Order,
    OrderLine,
    OrderState,
    PaymentMethod,
    PaymentState,
    Place,
    ShopOrder,
    ShopOrderStep,
    Tender,
    TenderKind,
)
from market.orders.pricing import Priced, PricedLine
from market.orders.quote import Options, TradeInAnswers, price_entries
from market.people.models import Account, Address
from market.people.queries import address as address_of
from market.places.models import County, Region, Station
from market.places.queries import full_name, lineage_in_county, rough_position
from market.points.rules import FEN_PER_POINT
from market.points.spend import spend
from market.recycling.trade_in import open_trade_in
from market.subsidies import claim

PAY_WITHIN = timedelta(minutes=30)
_PLACED = select(Order.id).where(
    Order.account_id == bindparam("account_id"), Order.placement_key == bindparam("key")
)
_EMPTY_CART = delete(Cart).where(Cart.id == bindparam("cart_id"))  # and its lines with it
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that reads like another character


@dataclass(frozen=True, slots=True)
class Choices:
    """What the buyer chose at checkout. `expected_payable_fen` is the sum she was shown."""

    address_id: uuid.UUID
    place: Place
    payment_method: PaymentMethod
    expected_payable_fen: int
    station_id: uuid.UUID | None = None
    station_consent: bool = False
    day_part: DayPart = DayPart.any
    points: int = 0
    trade_in: TradeInAnswers | None = None


def checkout(
    session: Session, account: Account, choices: Choices, key: str, now: datetime, cart: Owner | None = None
) -> Order:
    """Place the account's cart, or a `cart` filled for it, as one order. The same `key` gives the same order.

    Raises Refused: ``cart.empty``, ``cart.not_for_sale``, ``cart.other_county``, ``checkout.station``,
    ``checkout.station_consent``, ``checkout.station_cash``, ``checkout.price_changed``, ``inventory.short``,
    ``points.short``, ``subsidy.pot_empty``, ``subsidy.quota_used``. NotFound where the address is not hers.
    """
    # One buyer places one order at a time: a double click waits here and then finds the first.
    cart_id = carts.lock(session, account.id) if cart is None else carts.id_of(session, cart)
    placed_id = session.connection().scalar(_PLACED, {"account_id": account.id, "key": key})
    if placed_id is not None:
        return session.get_one(Order, placed_id)
    address = address_of(session, account.id, choices.address_id)
    entries = _checked_entries(carts.entries(session, cart or Owner(account.id)), address)
    order = _place(session, account, choices, address, entries, 0, key, now)
    session.connection().execute(_EMPTY_CART, {"cart_id": cart_id})
    return order


def checkout_reserved(
    session: Session,
    account: Account,
    choices: Choices,
    entry: CartEntry,
    deposit_fen: int,
    key: str,
    now: datetime,
) -> Order:
    """Place one line that a higher room kept for the buyer, and that she has paid `deposit_fen` down for.

    The caller has locked what it kept, and lets go of its stock. The cart stays as it is. Neither points nor
    an old appliance go in: with the deposit nothing might be left to pay. Raises as `checkout`.
    """
    address = address_of(session, account.id, choices.address_id)
    plain = replace(choices, points=0, trade_in=None)
    return _place(session, account, plain, address, _checked_entries([entry], address), deposit_fen, key, now)


def _place(
    session: Session,
    account: Account,
    choices: Choices,
    address: Address,
    entries: list[CartEntry],
    deposit_fen: int,
    key: str,
    now: datetime,
) -> Order:
    station = _checked_station(session, choices, address)
    options = _options(account, address, choices)
    priced = replace(price_entries(session, entries, options, now), deposit_fen=deposit_fen)
    if priced.payable_fen != choices.expected_payable_fen:
        raise Refused("checkout.price_changed", payable_fen=priced.payable_fen)
    order = _new_order(session, account, address, choices, station, priced, key, now)
    listings = {str(entry.listing.id): entry for entry in entries}
    for number, shop in enumerate(dict.fromkeys(line.item.shop for line in priced.lines), start=1):
        lines = [line for line in priced.lines if line.item.shop == shop]
        order.shop_orders.append(
            _new_shop_order(order, number, lines, priced.delivery_fees_fen[shop], deposit_fen, listings, now)
        )
    _insert(session, order)
    if order.pay_before:
        emit(session, PaymentLapses(order.id), now, due_at=order.pay_before, dedupe_key=f"lapse:{order.id}")
    if choices.trade_in and priced.trade_in_fen:
        _hand_in(session, order, choices.trade_in, priced.trade_in_fen, now)
    # Last, because everybody who wants the same things waits from here to the commit.
    _take(session, order, priced, listings, now)
    session.flush()
    return order


def _checked_entries(entries: list[CartEntry], address: Address) -> list[CartEntry]:
    if not entries:
        raise Refused("cart.empty")
    for entry in entries:
        if not entry.is_for_sale:
            raise Refused("cart.gone", title=entry.listing.product.name_zh)
        if entry.listing.shop.county_code != address.county_code:
            raise Refused("cart.other_county", field="address_id")
    return entries


def _checked_station(session: Session, choices: Choices, address: Address) -> Station | None:
    if choices.place is Place.door:
        return None
    station = session.get(Station, choices.station_id) if choices.station_id else None
    if station is None or station.county_code != address.county_code:
        raise Refused("checkout.station", field="station_id")
    if not choices.station_consent:
        raise Refused("checkout.station_consent", field="station_consent")
    if choices.payment_method is PaymentMethod.cash:
        raise Refused("checkout.station_cash", field="payment_method")
    return station


def _options(account: Account, address: Address, choices: Choices) -> Options:
    return Options(address.county_code, account.id, choices.place, choices.points, choices.trade_in)


def _new_order(
    session: Session,
    account: Account,
    address: Address,
    choices: Choices,
    station: Station | None,
    priced: Priced,
    key: str,
    now: datetime,
) -> Order:
    online = choices.payment_method is PaymentMethod.stripe
    # A station has its keeper; hours are asked for where somebody has to be at home.
    earliest, latest = HOURS[DayPart.any if station else choices.day_part]
    regions, county = lineage_in_county(session, address.village_code or address.township_code)
    order = Order(
        id=new_id(),
        number=_number(now),
        account_id=account.id,
        county_code=address.county_code,
        placement_key=key,
        state=OrderState.placed,
        payment_state=PaymentState.due,
        payment_method=choices.payment_method,
        place=choices.place,
        station_id=station.id if station else None,
        station_consent_at=now if station else None,
        address=_address_snapshot(regions, county, address, station),
        promised_on=next_day(county, now),
        earliest=earliest,
        latest=latest,
        goods_fen=priced.goods_fen,
        delivery_fee_fen=priced.delivery_fee_fen,
        total_fen=priced.total_fen,
        points_fen=priced.points_fen,
        subsidy_fen=priced.subsidy_fen,
        trade_in_fen=priced.trade_in_fen,
        deposit_fen=priced.deposit_fen,
        payable_fen=priced.payable_fen,
        placed_at=now,
        pay_before=now + PAY_WITHIN if online else None,
    )
    amounts = {
        TenderKind.online if online else TenderKind.cash: priced.payable_fen,
        TenderKind.points: priced.points_fen,
        TenderKind.subsidy: priced.subsidy_fen,
        TenderKind.trade_in: priced.trade_in_fen,
        TenderKind.deposit: priced.deposit_fen,
    }
    order.tenders = [
        Tender(order_id=order.id, kind=kind, amount_fen=fen) for kind, fen in amounts.items() if fen
    ]
    return order


def _new_shop_order(
    order: Order,
    number: int,
    lines: Sequence[PricedLine],
    delivery_fee_fen: int,
    deposit_fen: int,
    entries: dict[str, CartEntry],
    now: datetime,
) -> ShopOrder:
    shop = entries[lines[0].item.line].listing.shop
    part_id = new_id()
    return ShopOrder(
        id=part_id,
        order_id=order.id,
        shop_id=shop.id,
        number=f"{order.number}-{number}",
        shop_name=shop.name,
        state=Fulfillment.placed,
        reason=None,
        commission_bp=shop.commission_bp,
        goods_fen=sum(line.goods_fen for line in lines),
        delivery_fee_fen=delivery_fee_fen,
        points_fen=sum(line.points_fen for line in lines),
        subsidy_fen=sum(line.decision.amount_fen for line in lines),
        trade_in_fen=sum(line.trade_in_fen for line in lines),
        deposit_fen=deposit_fen,
        payable_fen=sum(line.paid_fen for line in lines) + delivery_fee_fen - deposit_fen,
        lines=[_new_line(part_id, line, entries[line.item.line], shop.name) for line in lines],
        steps=[ShopOrderStep(id=new_id(), shop_order_id=part_id, state=Fulfillment.placed, at=now)],
    )


def _new_line(part_id: uuid.UUID, line: PricedLine, entry: CartEntry, shop_name: str) -> OrderLine:
    return OrderLine(
        id=new_id(),
        shop_order_id=part_id,
        listing_id=entry.listing.id,
        quantity=entry.quantity,
        snapshot=snapshot(entry.listing, shop_name)
        | {"grade": line.item.grade, "set_off_fen": entry.set_off_fen, "made_to": dict(entry.made_to)},
        list_fen=line.list_fen,
        shop_promotion_fen=line.shop_promotion_fen,
        coupon_fen=line.coupon_fen,
        points_fen=line.points_fen,
        subsidy_base_fen=line.decision.base_fen,
        subsidy_fen=line.decision.amount_fen,
        subsidy_programme_id=line.decision.programme_id,
        subsidy_reason=line.decision.reason,
        trade_in_fen=line.trade_in_fen,
        paid_fen=line.paid_fen,
    )


def _insert(session: Session, order: Order) -> None:
    parts = order.shop_orders
    lines = [line for part in parts for line in part.lines]
    steps = [step for part in parts for step in part.steps]
    insert_all(session, [order, *parts, *order.tenders, *lines, *steps])


def _take(
    session: Session, order: Order, priced: Priced, entries: dict[str, CartEntry], now: datetime
) -> None:
    """Stock, points, pot and quota, each kind in one fixed order so that no two checkouts deadlock."""
    lines = {str(line.listing_id): line for part in order.shop_orders for line in part.lines}
    for listing_id in sorted(lines):
        line = lines[listing_id]
        reserve(session, line.listing_id, line.quantity, line.reference, now)
    spend(session, order.account_id, order.points_fen // FEN_PER_POINT, f"order:{order.id}", now)
    for priced_line in sorted(
        priced.lines, key=lambda line: (line.decision.programme_id or "", line.item.line)
    ):
        item = priced_line.item
        claim.hold(
            session,
            priced_line.decision,
            order.county_code,
            order.account_id,
            item.subsidy_category or "",
            lines[item.line].reference,
            now,
        )


def _hand_in(session: Session, order: Order, answers: TradeInAnswers, credit_fen: int, now: datetime) -> None:
    open_trade_in(
        session,
        order.account_id,
        order.county_code,
        f"order:{order.id}",
        answers.category_code,
        answers.age_years,
        answers.works,
        answers.complete,
        now,
        most_fen=credit_fen,
    )


def _number(now: datetime) -> str:
    """An order number people can read out: the day and eight characters that are hard to guess."""
    return f"LX{local_date(now):%y%m%d}-" + "".join(secrets.choice(_ALPHABET) for _ in range(8))


def _address_snapshot(
    regions: Sequence[Region], county: County, address: Address, station: Station | None
) -> dict[str, Any]:
    # A courier has to be sent somewhere: what nobody has placed is looked for from its township on.
    where = (station or address).position or rough_position(regions, county)
    return {
        "recipient_name": address.recipient_name,
        "phone": address.phone,
        "region": full_name(regions),
        "detail": address.detail,
        "township_code": address.township_code,
        "village_code": address.village_code,
        "station_name": station.name if station else None,
        "lat": where.lat,
        "lon": where.lon,
        "position_source": where.source,
    }
