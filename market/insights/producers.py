"""Producer responsibility: what of each brand was sold here, what came back, and what became of it.

固废法 art. 66–67 (facts §3.1). A year is the calendar year in China: of delivery for what was sold, of
receipt by a recycler for what came back. What a recycler could not read off a device is counted as of an
unknown brand and never shared out among the known ones.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from market.orders.models import Fulfillment, Order, OrderLine, ShopOrder, ShopOrderStep
from market.recycling.custody_models import CustodyEvent, Device
from market.recycling.parties import Role

BP = 10_000
_GONE_BACK = (Role.consumer.value, Role.post.value, Role.hub.value)


@dataclass(frozen=True, slots=True)
class Key:
    """A brand (None where nobody could read it) and category in a year."""

    brand: str | None
    category_code: str
    year: int


@dataclass(slots=True)
class Figures:
    """Pieces sold and recovered; of the recovered, those resold and dismantled; grams where weighed."""

    sold: int = 0
    recovered: int = 0
    resold: int = 0
    dismantled: int = 0
    recovered_grams: int = 0


def report(session: Session, county_code: str) -> list[tuple[Key, Figures]]:
    """Every brand, category and year of the county with something to tell, the latest year first.

    Brands are one whatever their capitals and outer spaces; the catalog's spelling is shown where it has one.
    """
    found: dict[Key, Figures] = defaultdict(Figures)
    names: dict[str, str] = {}
    for brand, category_code, year, pieces in _sold(session, county_code):
        names[_same(brand)] = brand
        found[Key(_same(brand), category_code, year)].sold += pieces
    for read_off, category_code, year, end, grams in _recovered(session, county_code):
        key = Key(_same(read_off) if read_off else None, category_code, year)
        if read_off:
            names.setdefault(_same(read_off), read_off)
        _add(found[key], end, grams)
    named = [
        (Key(names[key.brand] if key.brand else None, key.category_code, key.year), figures)
        for key, figures in found.items()
    ]
    return sorted(
        named, key=lambda row: (-row[0].year, row[0].brand is None, row[0].brand or "", row[0].category_code)
    )


def rate_bp(key: Key, figures: Figures) -> int | None:
    """Recovered as a share of sold in the year, in basis points; None where it would say nothing."""
    return figures.recovered * BP // figures.sold if key.brand is not None and figures.sold else None


def _same(brand: str) -> str:
    return brand.strip().casefold()


def _add(figures: Figures, end: str, grams: int | None) -> None:
    figures.recovered += 1
    figures.resold += end == Role.buyer.value
    figures.dismantled += end == Role.dismantler.value
    figures.recovered_grams += grams or 0


def _sold(session: Session, county_code: str) -> Iterator[tuple[str, str, int, int]]:
    brand, category = OrderLine.snapshot["brand"].astext, OrderLine.snapshot["category_code"].astext
    year = cast(func.extract("year", func.timezone("Asia/Shanghai", ShopOrderStep.at)), Integer)
    rows = session.execute(
        select(brand, category, year, func.sum(OrderLine.quantity))
        .join(ShopOrder, ShopOrder.id == OrderLine.shop_order_id)
        .join(Order, Order.id == ShopOrder.order_id)
        .join(ShopOrderStep, ShopOrderStep.shop_order_id == ShopOrder.id)
        .where(
            Order.county_code == county_code,
            ShopOrder.state == Fulfillment.delivered,
            ShopOrderStep.state == Fulfillment.delivered,
        )
        .group_by(brand, category, year)
    )
    for name, code, at, pieces in rows:
        yield name, code, int(at), int(pieces)


def _recovered(session: Session, county_code: str) -> Iterator[tuple[str | None, str, int, str, int | None]]:
    came = (
        select(CustodyEvent.device_id, func.min(CustodyEvent.happened_at).label("at"))
        .where(CustodyEvent.details["holder"].astext.startswith("recycler:"))
        .group_by(CustodyEvent.device_id)
        .subquery()
    )
    year = cast(func.extract("year", func.timezone("Asia/Shanghai", came.c.at)), Integer)
    end = func.split_part(Device.holder, ":", 1)
    rows = session.execute(
        select(Device.brand, Device.category_code, year, end, Device.weight_grams)
        .join(came, came.c.device_id == Device.id)
        .where(Device.county_code == county_code, end.not_in(_GONE_BACK))
    )
    for brand, code, at, holder, grams in rows:
        yield brand, code, int(at), holder, grams
