"""Which working doors a person may go through, for the links on the account's first page."""

import uuid
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from market.collection.queries import kept_by
from market.delivery.queries import courier_of
from market.people.queries import county_of_staff, station_of_keeper
from market.recycling.queries import recycler_of
from market.shops.queries import shop_of
from market.subsidies.review_queries import auditors_county


@dataclass(frozen=True, slots=True)
class Door:
    """A door by its name and address."""

    name: str
    url: str


def doors_of(session: Session, account_id: uuid.UUID) -> list[Door]:
    """The working doors of the person; a villager has none."""
    doors = []
    if shop := shop_of(session, account_id):
        doors.append(Door(shop.name, url_for("shop.home")))
    if courier_of(session, account_id):
        doors.append(Door(_("送货单"), url_for("courier.home")))
    if county_of_staff(session, account_id):
        doors.append(Door(_("县运营台"), url_for("county.home")))
    if auditors_county(session, account_id):
        doors.append(Door(_("补贴审计"), url_for("county.claims")))
    if station_of_keeper(session, account_id):
        doors.append(Door(_("村服务站"), url_for("station.home")))
    if recycler := recycler_of(session, account_id):
        doors.append(Door(recycler.name, url_for("recycler.home")))
    if kept_by(session, account_id):
        doors.append(Door(_("收集点"), url_for("keeper.home")))
    return doors
