"""Reads of recalls, through whoever may see them."""

import uuid
from collections.abc import Sequence

from sqlalchemy import Uuid, bindparam, or_, select
from sqlalchemy.orm import Session, joinedload

from market.catalog.models import Product
from market.kernel.errors import NotFound
from market.notices.calls import calls_about
from market.notices.models import Call
from market.orders.models import OrderLine, ShopOrder
from market.recalls.models import Recall, RecallStep, RecallUnit, ShelfCheck
from market.recalls.states import PUBLISHED
from market.shops.models import Shop


def recalls_in_county(session: Session, county_code: str) -> Sequence[Recall]:
    """The county's own recalls and those of others that hit a piece of its buyers or shops, newest first."""
    hit = select(RecallUnit.recall_id).where(RecallUnit.county_code == county_code)
    return session.scalars(
        select(Recall)
        .where(or_(Recall.county_code == county_code, Recall.id.in_(hit)))
        .options(joinedload(Recall.product))
        .order_by(Recall.closed_at.is_not(None), Recall.id.desc())
    ).all()


def recall_in_county(session: Session, county_code: str, recall_id: uuid.UUID) -> Recall:
    """One of `recalls_in_county`. Raises NotFound."""
    found = next((row for row in recalls_in_county(session, county_code) if row.id == recall_id), None)
    if found is None:
        raise NotFound
    return found


PUBLISHED_RECALLS = (
    select(Recall, Product)
    .join(Product, Product.id == Recall.product_id)
    .where(Recall.state.in_(PUBLISHED))
    .order_by(Recall.closed_at.is_not(None), Recall.published_at.desc())
    .limit(100)
)
"""What the public sees: those that are open first, then the latest; for `kernel.together`."""


def steps_of(session: Session, recall_id: uuid.UUID) -> Sequence[RecallStep]:
    """What happened to a recall, the first thing first."""
    return session.scalars(
        select(RecallStep).where(RecallStep.recall_id == recall_id).order_by(RecallStep.id)
    ).all()


def units_in_county(session: Session, recall_id: uuid.UUID, county_code: str) -> Sequence[RecallUnit]:
    """The pieces of a recall that are the county's, sold ones first."""
    return session.scalars(
        select(RecallUnit)
        .where(RecallUnit.recall_id == recall_id, RecallUnit.county_code == county_code)
        .order_by(RecallUnit.account_id.is_(None), RecallUnit.id)
    ).all()


def checks_of(session: Session, recall_id: uuid.UUID) -> Sequence[ShelfCheck]:
    """What the shops were asked."""
    return session.scalars(
        select(ShelfCheck).where(ShelfCheck.recall_id == recall_id).order_by(ShelfCheck.shop_id)
    ).all()


UNITS_OF_ACCOUNT = (
    select(RecallUnit, Recall, Product)
    .join(Recall, Recall.id == RecallUnit.recall_id)
    .join(Product, Product.id == Recall.product_id)
    .where(RecallUnit.account_id == bindparam("account_id", type_=Uuid()))
    .order_by(RecallUnit.id)
)
"""The buyer's recalled pieces with their recalls, for `kernel.together`."""


def units_of_account(session: Session, account_id: uuid.UUID) -> Sequence[RecallUnit]:
    """Every recalled piece of a buyer's."""
    return session.scalars(
        select(RecallUnit)
        .where(RecallUnit.account_id == account_id)
        .options(joinedload(RecallUnit.recall).joinedload(Recall.product))
        .order_by(RecallUnit.id.desc())
    ).all()


def order_id_of_unit(session: Session, unit: RecallUnit) -> uuid.UUID:
    """The order that a sold piece came with."""
    of_line = select(ShopOrder.order_id).join(OrderLine, OrderLine.shop_order_id == ShopOrder.id)
    return session.execute(of_line.where(OrderLine.id == unit.order_line_id)).scalar_one()


def shop_names(session: Session, recall_id: uuid.UUID) -> dict[uuid.UUID, str]:
    """The names of the shops that a recall has asked to look."""
    asked = select(ShelfCheck.shop_id).where(ShelfCheck.recall_id == recall_id)
    rows = session.execute(select(Shop.id, Shop.name).where(Shop.id.in_(asked)))
    return {row[0]: row[1] for row in rows}


def calls_in_county(session: Session, recall: Recall, county_code: str) -> Sequence[Call]:
    """Whom the county has to call about a recall, those still waiting first."""
    hers = {unit.account_id for unit in units_in_county(session, recall.id, county_code)}
    return calls_about(session, recall.reference, [one for one in hers if one is not None])
