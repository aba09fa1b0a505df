"""The figures of one county that everybody may see."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import column, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from market.credit import queries as credit
from market.credit.models import Rating, SubjectKind
from market.delivery.models import Courier
from market.orders.models import Fulfillment, Order, OrderLine, ShopOrder
from market.recycling.models import Recycler
from market.shops import queries as shops
from market.shops.models import Shop, ShopState
from market.subsidies import queries as subsidies
from market.subsidies.models import ProgrammeRow, ProgrammeState

GRADES = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class PotFigures:
    """A programme's budget in the county, in fen: paid out, promised to orders, and left."""

    programme: ProgrammeRow
    budget_fen: int
    paid_fen: int
    promised_fen: int

    @property
    def left_fen(self) -> int:
        """What new orders can still get."""
        return self.budget_fen - self.paid_fen - self.promised_fen


def pot_figures(session: Session, county_code: str) -> list[PotFigures]:
    """Every pot of the county, by programme."""
    return [
        PotFigures(programme, pot.budget, pot.paid, pot.held + pot.committed)
        for programme, pot in subsidies.pots(session, county_code)
    ]


def programmes(session: Session) -> Sequence[ProgrammeRow]:
    """Every published programme, the latest first."""
    return session.scalars(
        select(ProgrammeRow)
        .where(ProgrammeRow.state == ProgrammeState.published)
        .order_by(ProgrammeRow.valid_from.desc(), ProgrammeRow.id)
    ).all()


def licensed_shops(session: Session, county_code: str) -> list[tuple[Shop, Rating | None]]:
    """The county's shops that were admitted, whatever became of them, each with its rating."""
    found = [shop for shop in shops.shops(session, county_code) if shop.state is not ShopState.applied]
    ratings = credit.ratings(session, SubjectKind.shop, [shop.id for shop in found])
    return [(shop, ratings.get(shop.id)) for shop in found]


def licensed_recyclers(session: Session, county_code: str) -> list[tuple[Recycler, Rating | None]]:
    """The county's recyclers by licence number, each with its rating."""
    found = session.scalars(
        select(Recycler).where(Recycler.county_code == county_code).order_by(Recycler.licence_number)
    ).all()
    ratings = credit.ratings(session, SubjectKind.recycler, [recycler.id for recycler in found])
    return [(recycler, ratings.get(recycler.id)) for recycler in found]


def delivered_by_grade(session: Session, county_code: str) -> dict[int | None, int]:
    """Pieces delivered in the county by the best verified grade on their order line; None for no grade."""
    label = func.jsonb_array_elements(OrderLine.snapshot["labels"]).table_valued(column("value", JSONB))
    best = select(func.min(label.c.value["grade"].as_integer())).scalar_subquery().label("grade")
    rows = session.execute(
        select(best, func.sum(OrderLine.quantity))
        .join(ShopOrder, ShopOrder.id == OrderLine.shop_order_id)
        .join(Order, Order.id == ShopOrder.order_id)
        .where(Order.county_code == county_code, ShopOrder.state == Fulfillment.delivered)
        .group_by(best.name)
    )
    return {grade: int(pieces) for grade, pieces in rows}


@dataclass(frozen=True, slots=True)
class Rated:
    """Somebody rated in public, by the name that the public knows: a courier by her surname."""

    id: uuid.UUID
    name: str
    county_code: str


def rated_in(session: Session, kind: SubjectKind, county_code: str) -> list[Rated]:
    """Everybody of a kind in the county, by name; shops that have not opened yet are nobody's business."""
    return sorted(_rated(session, kind, county_code, None), key=lambda it: (it.name, it.id))


def rated(session: Session, kind: SubjectKind, subject_id: uuid.UUID) -> Rated | None:
    """One of them; None where there is none."""
    return next(iter(_rated(session, kind, None, subject_id)), None)


def _rated(
    session: Session, kind: SubjectKind, county_code: str | None, subject_id: uuid.UUID | None
) -> list[Rated]:
    table: Any = {SubjectKind.shop: Shop, SubjectKind.recycler: Recycler, SubjectKind.courier: Courier}[kind]
    found = select(table.id, table.name, table.county_code)
    if county_code is not None:
        found = found.where(table.county_code == county_code)
    if subject_id is not None:
        found = found.where(table.id == subject_id)
    if kind is SubjectKind.shop:
        found = found.where(Shop.state != ShopState.applied)
    short = 1 if kind is SubjectKind.courier else None
    return [Rated(id_, name[:short], code) for id_, name, code in session.execute(found)]
