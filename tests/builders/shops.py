"""Shops for tests."""

from datetime import datetime
from itertools import count

from sqlalchemy.orm import Session

from market.people.models import Account
from market.shops.apply import Application, add_staff, apply
from market.shops.models import PaperState, Shop, ShopPaper, ShopRole, ShopState
from market.shops.papers import requirements
from market.shops.queries import staff
from tests.builders.people import an_account
from tests.builders.places import a_county

_licences = count(1)


def an_application(county_code: str = "610924", name: str = "青禾电器行") -> Application:
    """What a shop of the county would write."""
    return Application(
        county_code=county_code,
        name=name,
        licence_number=f"92610924MA{next(_licences):08d}",
        phone="09154421000",
        address="城关镇环城路 8 号",
        commission_bp=300,
    )


def a_shop(session: Session, now: datetime, county_code: str = "610924", name: str = "青禾电器行") -> Shop:
    """An open shop with an owner, whose papers the county saw before there were photos of them."""
    a_county(session, county_code)
    shop = apply(session, an_application(county_code, name), an_account(session, now, name="店主").id, now)
    for kind in requirements():
        session.add(ShopPaper(shop_id=shop.id, kind=kind, state=PaperState.waived, reason="看过原件"))
    shop.state = ShopState.open
    session.flush()
    return shop


def an_owner(session: Session, shop: Shop) -> Account:
    """Whose shop it is."""
    owner = next(member for member in staff(session, shop.id) if member.role is ShopRole.owner)
    return session.get_one(Account, owner.account_id)


def a_clerk(session: Session, shop: Shop, now: datetime) -> Account:
    """Somebody behind the counter of `shop`."""
    account = an_account(session, now, name="店员")
    add_staff(session, shop.id, account.id, ShopRole.clerk, now)
    return account
