"""What an order asks of the county's delivery."""

from market.delivery.jobs import JobRequest
from market.orders.models import PaymentMethod, ShopOrder

NO_SKILL = "none"


def delivery_request(shop_order: ShopOrder) -> JobRequest:
    """Carry one shop order to the buyer, install what needs it, and take the cash that is due."""
    order = shop_order.order
    lines = shop_order.lines
    cash = order.payment_method is PaymentMethod.cash
    return JobRequest(
        kind="deliver",
        reference=shop_order.reference,
        weight_grams=sum(_of(line, "packed_weight_grams") * line.quantity for line in lines),
        volume_cm3=sum(_of(line, "packed_volume_cm3") * line.quantity for line in lines),
        longest_side_mm=max(_of(line, "longest_side_mm") for line in lines),
        people=max(_of(line, "people_required") for line in lines),
        skills=frozenset(str(line.snapshot["install_skill"]) for line in lines) - {NO_SKILL},
        service_seconds=sum(_of(line, "install_seconds") * line.quantity for line in lines),
        cash_due_fen=shop_order.payable_fen if cash else 0,
        items=tuple((str(line.snapshot["title"]), line.quantity) for line in lines),
        **_place(order),
    )
