"""One line of steps out of three lives: order, payment and shop order. Derived, never stored."""

from datetime import datetime

from flask_babel import LazyString, lazy_gettext

from market.orders.models import (
    UNDONE,
    Fulfillment,
    Order,
    OrderState,
    PaymentMethod,
    PaymentState,
    Place,
    ShopOrder,
)
from market.orders.recalled import RECALLED

Step = tuple[LazyString, str, datetime | None]
Path = tuple[tuple[Fulfillment, LazyString, LazyString], ...]

# Each state with what to say once it is reached, and while it is waited for.
_PATH = (
    (Fulfillment.confirmed, lazy_gettext("店铺已接单"), lazy_gettext("等店铺接单")),
    (Fulfillment.handed_over, lazy_gettext("店铺已出库"), lazy_gettext("店铺正在备货")),
    (Fulfillment.at_hub, lazy_gettext("已到县共配中心"), lazy_gettext("正送往县共配中心")),
    (Fulfillment.scheduled, lazy_gettext("已排上送货车"), lazy_gettext("等着排送货车")),
    (Fulfillment.out_for_delivery, lazy_gettext("送货员已出发"), lazy_gettext("等送货员出发")),
    (Fulfillment.delivered, lazy_gettext("已送达"), lazy_gettext("正在路上")),
)
_BY_STATION = (
    *_PATH[:-1],
    (Fulfillment.at_station, lazy_gettext("已放在村服务站"), lazy_gettext("正在路上")),
    (Fulfillment.delivered, lazy_gettext("已取走"), lazy_gettext("等您凭取货码去取")),
)
_ENDS = {
    Fulfillment.undelivered: lazy_gettext("没送成，已约下一趟"),
    Fulfillment.refused: lazy_gettext("您没有收下，付过的都会退回"),
    Fulfillment.returned_to_hub: lazy_gettext("您没有收下，货已回中心"),
    Fulfillment.returned: lazy_gettext("您没有收下，货已回店"),
    Fulfillment.declined: lazy_gettext("店铺送不了，款项已退回"),
    Fulfillment.canceled: lazy_gettext("已取消"),
}
_WORDS = {state: label for path in (_BY_STATION, _PATH) for state, label, _ in path}


def progress(order: Order, shop_order: ShopOrder) -> list[Step]:
    """What happened to a shop order, what happens now, and what is still to come."""
    at = {step.state: step.at for step in shop_order.steps}
    placed: Step = (lazy_gettext("已下单"), "done", order.placed_at)
    if shop_order.state in UNDONE:
        been = [(label, "done", at[state]) for state, label in _WORDS.items() if state in at]
        return [placed, *been, *_ended(at)]
    steps = [placed]
    if order.payment_method is PaymentMethod.stripe:
        paid = order.payment_state is PaymentState.paid
        steps.append(
            (lazy_gettext("已付款"), "done", order.paid_at)
            if paid
            else (lazy_gettext("等待付款"), "now", None)
        )
        if not paid:
            return [*steps, *((label, "wait", None) for _, label, _ in _path(order, shop_order))]
    return steps + _rest(order, shop_order, at)


def _ended(at: dict[Fulfillment, datetime]) -> list[Step]:
    """How it ended for the buyer, then how the goods went back."""
    return [
        (
            label,
            "done" if state in (Fulfillment.returned_to_hub, Fulfillment.returned) else "failed",
            at[state],
        )
        for state, label in _ENDS.items()
        if state in UNDONE and state in at
    ]


def _rest(order: Order, shop_order: ShopOrder, at: dict[Fulfillment, datetime]) -> list[Step]:
    failed = shop_order.state is Fulfillment.undelivered
    # What failed on the road is back at the hub: the steps after that are to come again.
    state = Fulfillment.at_hub if failed else shop_order.state
    path = _path(order, shop_order)
    states = [step for step, _, _ in path]
    reached = states.index(state) if state in states else -1
    rest: list[Step] = []
    for number, (step, label, waiting) in enumerate(path):
        if number <= reached:
            rest.append((label, "done", at.get(step)))
        elif number == reached + 1 and not failed:
            rest.append((waiting, "now", None))
        else:
            rest.append((label, "wait", None))
    if failed:
        rest.insert(reached + 1, (_ENDS[Fulfillment.undelivered], "failed", at.get(Fulfillment.undelivered)))
    return rest


def _path(order: Order, shop_order: ShopOrder) -> Path:
    """By the station where goods are to wait there, or have waited; the courier may also meet the buyer."""
    waited = any(step.state is Fulfillment.at_station for step in shop_order.steps)
    to_station = order.place is Place.station and shop_order.state is not Fulfillment.delivered
    return _BY_STATION if waited or to_station else _PATH


def status(order: Order, shop_order: ShopOrder) -> tuple[LazyString, str]:
    """The one word for a shop order, and the kind of pill it goes in."""
    if shop_order.state in UNDONE and shop_order.reason == RECALLED:
        return lazy_gettext("召回，已停下"), "bad"
    if shop_order.state in _ENDS:
        return _ENDS[shop_order.state], "bad" if shop_order.state is not Fulfillment.canceled else "off"
    if awaits_payment(order):
        return lazy_gettext("等待付款"), "wait"
    if shop_order.state is Fulfillment.placed:
        return lazy_gettext("等店铺接单"), "wait"
    return _WORDS[shop_order.state], ""


def awaits_payment(order: Order) -> bool:
    """Whether the buyer still has to pay online."""
    online = order.payment_method is PaymentMethod.stripe
    return online and order.state is OrderState.placed and order.payment_state is PaymentState.due
