"""Words of collection points, and the bars of how full they are."""

from collections.abc import Iterable

from flask_babel import LazyString, gettext, lazy_gettext
from sqlalchemy.orm import Session

from market.catalog.models import Category
from market.catalog.queries import categories
from market.collection.close_point import DATE_OVER
from market.collection.models import CollectionPoint
from market.collection.rules import CM3_PER_M3
from market.collection.states import ItemState, PointKind, PointState, TransferState, Why
from market.recycling.rules import BATTERY
from market.web.text import local_name

POINT_KINDS: dict[PointKind, LazyString] = {
    PointKind.temporary: lazy_gettext("临时收集点"),
    PointKind.yard: lazy_gettext("堆场"),
}
POINT_STATES: dict[PointState, tuple[LazyString, str]] = {
    PointState.open: (lazy_gettext("在收"), ""),
    PointState.closing: (lazy_gettext("关了，等清运"), "wait"),
    PointState.closed: (lazy_gettext("已关"), "off"),
}
ITEM_STATES: dict[ItemState, LazyString] = {
    ItemState.booked: lazy_gettext("已约"),
    ItemState.held: lazy_gettext("在点上"),
    ItemState.awaiting_truck: lazy_gettext("等车来拉"),
    ItemState.gone: lazy_gettext("已拉走"),
    ItemState.lapsed: lazy_gettext("没送来，已取消"),
}
TRANSFER_STATES: dict[TransferState, tuple[LazyString, str]] = {
    TransferState.planned: (lazy_gettext("等车"), "wait"),
    TransferState.collected: (lazy_gettext("已拉到共配中心"), ""),
    TransferState.signed: (lazy_gettext("回收企业已签收"), ""),
    TransferState.canceled: (lazy_gettext("已取消"), "off"),
}
WHYS: dict[Why, LazyString] = {
    Why.nearly_full: lazy_gettext("快满了"),
    Why.closing: lazy_gettext("关点清运"),
    Why.asked: lazy_gettext("县里安排"),
}


def kind_names(session: Session) -> dict[str, str]:
    """What the kinds of things are called."""
    return names_of(categories(session))


def names_of(categories: Iterable[Category]) -> dict[str, str]:
    """As `kind_names`, of all categories."""
    names = {category.code: local_name(category) for category in categories}
    return names | {BATTERY: str(gettext("散装、鼓包电池和充电宝"))}


def closed_reason(point: CollectionPoint) -> str:
    """Why a point takes nothing more; empty where it does."""
    return str(gettext("到期关闭")) if point.closed_reason == DATE_OVER else point.closed_reason or ""


def cubic_meters(cm3: int) -> str:
    """A volume as people say it."""
    return f"{cm3 / CM3_PER_M3:.2f}".rstrip("0").rstrip(".") or "0"


def bars(point: CollectionPoint, names: dict[str, str]) -> list[tuple[str, int, int]]:
    """How full a point is as (words, taken, most): its volume first, and then each kind it takes."""
    volume = gettext(
        "体积 %(taken)s / %(most)s 立方米",
        taken=cubic_meters(point.load_cm3),
        most=cubic_meters(point.capacity_cm3),
    )
    units = [
        (
            gettext(
                "%(kind)s %(taken)s / %(most)s 件",
                kind=names.get(room.kind, room.kind),
                taken=room.load_units,
                most=room.capacity_units,
            ),
            room.load_units,
            room.capacity_units,
        )
        for room in point.room
        if room.capacity_units
    ]
    return [(volume, point.load_cm3, point.capacity_cm3), *units]
