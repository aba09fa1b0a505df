"""A case as its buyer's page shows it, read in one statement."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, Uuid, bindparam, select
from sqlalchemy.orm import Session

from market.aftersales.cost import TripCost, trips_of
from market.aftersales.models import AftersalesPhoto, AftersalesStep, Repair, ReturnRequest
from market.delivery.models import BatchShare, Job
from market.kernel.errors import NotFound
from market.kernel.together import Together, hang
from market.orders.models import OrderLine, ShopOrder, ShopOrderStep
from market.shops.models import Shop

_ID = bindparam("case_id", type_=Uuid())


def _case(of: type[ReturnRequest] | type[Repair]) -> Together:
    reference = bindparam("reference", type_=Text())
    its_line = select(of.order_line_id).where(of.id == _ID)
    return Together(
        select(of, OrderLine, ShopOrder, Shop)
        .join(OrderLine, OrderLine.id == of.order_line_id)
        .join(ShopOrder, ShopOrder.id == OrderLine.shop_order_id)
        .join(Shop, Shop.id == ShopOrder.shop_id)
        .where(of.id == _ID, of.account_id == bindparam("account_id")),
        select(ShopOrderStep)
        .join(OrderLine, OrderLine.shop_order_id == ShopOrderStep.shop_order_id)
        .where(OrderLine.id.in_(its_line))
        .order_by(ShopOrderStep.at, ShopOrderStep.id),
        select(AftersalesStep).where(AftersalesStep.reference == reference).order_by(AftersalesStep.id),
        select(AftersalesPhoto).where(AftersalesPhoto.reference == reference).order_by(AftersalesPhoto.id),
        select(Job.reference, BatchShare)
        .outerjoin(BatchShare, (BatchShare.batch_id == Job.batch_id) & (BatchShare.party == Job.party))
        .where(Job.reference.startswith(bindparam("trips", type_=Text())))
        .order_by(Job.id),
    )


_RETURN, _REPAIR = _case(ReturnRequest), _case(Repair)


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of a case, the first step first; its photos, and what each of its trips cost, by leg."""

    shop: Shop
    steps: Sequence[AftersalesStep]
    photos: Sequence[AftersalesPhoto]
    costs: list[tuple[str, TripCost | None]]


def seen_return(session: Session, account_id: uuid.UUID, return_id: uuid.UUID) -> tuple[ReturnRequest, Seen]:
    """One of the buyer's returns, with its line and the shop order of that. Raises NotFound."""
    case, seen = _seen(session, _RETURN, account_id, return_id, f"return:{return_id}")
    return case, seen


def seen_repair(session: Session, account_id: uuid.UUID, repair_id: uuid.UUID) -> tuple[Repair, Seen]:
    """One of the buyer's repairs, with its line and the shop order of that. Raises NotFound."""
    case, seen = _seen(session, _REPAIR, account_id, repair_id, f"repair:{repair_id}")
    return case, seen


def _seen(
    session: Session, whole: Together, account_id: uuid.UUID, case_id: uuid.UUID, reference: str
) -> tuple[Any, Seen]:
    values = {"case_id": case_id, "account_id": account_id, "reference": reference, "trips": f"{reference}:"}
    cases, order_steps, steps, photos, trips = whole.read(session, **values)
    if not cases:
        raise NotFound
    case, _line, part, shop = cases[0]
    hang(ShopOrder.steps, [part], order_steps)
    return case, Seen(shop, steps, photos, trips_of(trips))
