"""What an order asks of the county's delivery."""

from datetime import time
from typing import TypedDict
from uuid import UUID

from market.delivery.jobs import JobRequest
from market.delivery.models import COUNTY
from market.orders.models import Order, OrderLine, PaymentMethod, ShopOrder
from market.places.rules import Position
from market.recycling.models import TradeIn

HANDING_IN_SECONDS = 300  # to disconnect and load an old appliance; an estimate


class _Where(TypedDict):
    county_code: str
    order_number: str
    place: str
    station_id: UUID | None
    position: Position
    address_text: str
    recipient_name: str
    recipient_phone: str
    earliest: time | None
    latest: time | None


def delivery_request(shop_order: ShopOrder) -> JobRequest:
    """Carry one shop order to the buyer, install what needs it, and take the cash that is due."""
    order, lines = shop_order.order, shop_order.lines
    cash = order.payment_method is PaymentMethod.cash
    return JobRequest(
        kind="deliver",
        reference=shop_order.reference,
        party=str(shop_order.shop_id),
        promised_on=order.promised_on,
        weight_grams=sum(_measure(line, "packed_weight_grams") * line.quantity for line in lines),
        volume_cm3=sum(_measure(line, "packed_volume_cm3") * line.quantity for line in lines),
        longest_side_mm=max(_measure(line, "longest_side_mm") for line in lines),
        people=max(_measure(line, "people_required") for line in lines),
        skills=frozenset(str(line.snapshot["install_skill"]) for line in lines) - {"none"},
        service_seconds=sum(_measure(line, "install_seconds") * line.quantity for line in lines),
        cash_due_fen=shop_order.payable_fen if cash else 0,
        items=tuple((str(line.snapshot["title"]), line.quantity) for line in lines),
        station_consent_at=order.station_consent_at,
        **where(order),
    )


def collection_request(order: Order, trade_in: TradeIn) -> JobRequest:
    """Take the old appliance on the same stop."""
    return JobRequest(
        kind="collect",
        reference=f"trade_in:{trade_in.id}",
        party=COUNTY,
        promised_on=order.promised_on,
        weight_grams=trade_in.weight_grams,
        volume_cm3=trade_in.volume_cm3,
        longest_side_mm=trade_in.longest_side_mm,
        people=trade_in.people_required,
        skills=frozenset(),
        service_seconds=HANDING_IN_SECONDS,
        cash_due_fen=0,
        items=((trade_in.category_code, 1),),
        station_consent_at=order.station_consent_at,
        **where(order),
    )


def where(order: Order) -> _Where:
    """Where a job of `order` goes, and to whom."""
    address = order.address
    return {
        "county_code": order.county_code,
        "order_number": order.number,
        "place": order.place.value,
        "station_id": order.station_id,
        "position": Position(address["lat"], address["lon"], address["position_source"]),
        "address_text": address["station_name"] or f"{address['region']}{address['detail']}",
        "recipient_name": address["recipient_name"],
        "recipient_phone": address["phone"],
        "earliest": order.earliest,
        "latest": order.latest,
    }


def _measure(line: OrderLine, name: str) -> int:
    return int(line.snapshot[name])
