"""Which working doors a person may go through, for the links on the account's first page."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Uuid, bindparam, select

from market.collection.models import CollectionPoint
from market.collection.states import PointState
from market.delivery.models import Courier
from market.people.models import CountyStaff, StationKeeper
from market.recycling.models import Recycler, RecyclerStaff
from market.shops.models import Shop, ShopStaff
from market.subsidies.review_models import Auditor


@dataclass(frozen=True, slots=True)
class Door:
    """A door by its name and address."""

    name: str
    url: str


_ME = bindparam("account_id", type_=Uuid())
ROLES = (
    select(Shop.name).join(ShopStaff, ShopStaff.shop_id == Shop.id).where(ShopStaff.account_id == _ME),
    select(Courier.id).where(Courier.account_id == _ME),
    select(CountyStaff.county_code).where(CountyStaff.account_id == _ME),
    select(Auditor.county_code).where(Auditor.account_id == _ME),
    select(StationKeeper.station_id).where(StationKeeper.account_id == _ME),
    select(Recycler.name)
    .join(RecyclerStaff, RecyclerStaff.recycler_id == Recycler.id)
    .where(RecyclerStaff.account_id == _ME),
    select(CollectionPoint.id)
    .where(CollectionPoint.keeper_id == _ME, CollectionPoint.state != PointState.closed)
    .limit(1),
)
"""The parts that `doors_of` takes, for `kernel.together`."""


def doors_of(
    shops: Sequence[str],
    couriers: Sequence[object],
    operators: Sequence[str],
    auditors: Sequence[str],
    keepers: Sequence[object],
    recyclers: Sequence[str],
    points: Sequence[object],
) -> list[Door]:
    """The working doors of the person whose `ROLES` these are; a villager has none."""
    found = (
        *(Door(name, url_for("shop.home")) for name in shops),
        Door(_("送货单"), url_for("courier.home")) if couriers else None,
        Door(_("县运营台"), url_for("county.home")) if operators else None,
        Door(_("补贴审计"), url_for("county.claims")) if auditors else None,
        Door(_("村服务站"), url_for("station.home")) if keepers else None,
        *(Door(name, url_for("recycler.home")) for name in recyclers),
        Door(_("收集点"), url_for("keeper.home")) if points else None,
    )
    return [door for door in found if door]
