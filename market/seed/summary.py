"""What a seed made, as data that can be printed: everyone's phone, and what there is to try."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.models import Listing, Product
from market.delivery.models import Vehicle
from market.inventory.models import Stock
from market.people.models import Account
from market.places import queries as places
from market.recycling.models import Recycler
from market.seed.names import ROLES
from market.seed.plans import PASSWORD, CountyPlan
from market.shops.models import Shop, ShopStaff

Row = dict[str, Any]
_ROLE_OF = {digits: role for role, digits in ROLES.items()}


def summary(session: Session, plans: Sequence[CountyPlan]) -> dict[str, list[Row]]:
    """Accounts of every role, counties, shops, listings, stations, vehicles and recyclers of the plans."""
    codes = [plan.code for plan in plans]
    return {
        "accounts": [row for plan in plans for row in _accounts(session, plan)],
        "counties": [_county(session, code) for code in codes],
        "shops": list(_shops(session, codes)),
        "listings": list(_listings(session, codes)),
        "stations": [row for code in codes for row in _stations(session, code)],
        "vehicles": list(_vehicles(session, codes)),
        "recyclers": list(_recyclers(session, codes)),
    }


def _accounts(session: Session, plan: CountyPlan) -> Iterator[Row]:
    works = {row.account_id: row for row in session.scalars(select(ShopStaff))}
    numbered = select(Account).where(Account.phone.startswith(f"139{plan.digit:02d}")).order_by(Account.phone)
    for account in session.scalars(numbered):
        role = _ROLE_OF[int(account.phone[5:7])]
        row = {"role": role, "phone": account.phone, "password": PASSWORD, "name": account.name}
        row |= {"county_code": plan.code}
        if staff := works.get(account.id):
            row |= {"role": staff.role.value, "shop_id": str(staff.shop_id)}
        yield row


def _county(session: Session, code: str) -> Row:
    path = places.region_path(session, code)
    county = places.county(session, code)
    return {"code": code, "name": county.name if county else "", "path": path}


def _shops(session: Session, codes: Sequence[str]) -> Iterator[Row]:
    found = select(Shop).where(Shop.county_code.in_(codes)).order_by(Shop.licence_number)
    for shop in session.scalars(found):
        yield {"id": str(shop.id), "name": shop.name, "county_code": shop.county_code}


def _listings(session: Session, codes: Sequence[str]) -> Iterator[Row]:
    found = (
        select(Listing, Product, Shop, Stock.on_hand)
        .join(Product, Product.id == Listing.product_id)
        .join(Shop, Shop.id == Listing.shop_id)
        .outerjoin(Stock, Stock.listing_id == Listing.id)
        .where(Shop.county_code.in_(codes))
        .order_by(Shop.licence_number, Product.brand, Product.model)
    )
    for listing, product, shop, on_hand in session.execute(found):
        yield {
            "id": str(listing.id),
            "shop": shop.name,
            "county_code": shop.county_code,
            "category": product.category_code,
            "name": product.name_zh,
            "model": product.model,
            "price_fen": listing.price_fen,
            "on_hand": on_hand or 0,
        }


def _stations(session: Session, code: str) -> Iterator[Row]:
    for station in places.stations(session, code):
        yield {"id": str(station.id), "name": station.name, "village_code": station.village_code}


def _vehicles(session: Session, codes: Sequence[str]) -> Iterator[Row]:
    found = select(Vehicle).where(Vehicle.county_code.in_(codes)).order_by(Vehicle.plate)
    for vehicle in session.scalars(found):
        yield {
            "id": str(vehicle.id),
            "plate": vehicle.plate,
            "type": vehicle.type_code,
            "county_code": vehicle.county_code,
            "people": vehicle.people,
            "skills": vehicle.skills,
        }


def _recyclers(session: Session, codes: Sequence[str]) -> Iterator[Row]:
    found = select(Recycler).where(Recycler.county_code.in_(codes)).order_by(Recycler.licence_number)
    for recycler in session.scalars(found):
        yield {"id": str(recycler.id), "name": recycler.name, "county_code": recycler.county_code}
