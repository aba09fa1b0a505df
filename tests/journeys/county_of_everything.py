"""A county in which everything has happened: each page of the market has something to show there.

It is filled by use cases, in one transaction, and not through the doors: other journeys walk those. Some of
what happened is made up without money or trucks, so its books do not balance, and no other test uses it.
"""

from dataclasses import dataclass

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from market import create_app
from market.kernel import clock
from market.people.models import Account
from tests.builders.people import PASSWORD
from tests.journeys import things_back, things_sold, things_told
from tests.journeys.cast import COUNTY, Cast, secret_of, the_cast
from tests.journeys.stack import Stack, accounts, url_of


@dataclass(frozen=True, slots=True)
class Someone:
    """Who looks at pages: her account's id and what she signs in with, and the shop that she works for."""

    id: str
    shop_id: str
    phone: str
    password: str


def fill(stack: Stack) -> dict[str, Someone]:
    """Let everything happen in the seeded market. Who looks at it, by what they are."""
    engine = create_engine(url_of(stack))
    create_app()  # the tables of every room
    with pytest.MonkeyPatch.context() as patch, Session(engine) as session:
        patch.setenv("SECRET_KEY", secret_of(stack))  # the worker's handlers read it
        cast = the_cast(stack, session, clock.now())
        _let_happen(cast)
        session.commit()
        seeded = {row["phone"]: row["password"] for row in stack.accounts["accounts"]}
        people = {role: _someone(account, cast, seeded) for role, account in _roles(stack, cast).items()}
    engine.dispose()
    return people


def _let_happen(cast: Cast) -> None:
    things_told.inspections(cast)  # while the county has no other staff to draw
    washer = things_sold.a_subsidised_washer(cast)
    old, recent, theirs, *_ = things_sold.orders_in_every_state(cast, washer)
    things_sold.a_planned_batch(cast)
    things_sold.a_settled_week(cast)
    things_sold.claims_in_every_state(cast, old, theirs)
    things_sold.at_the_counter(cast, washer)
    things_sold.groups_and_a_fair(cast, washer)
    things_back.returns_and_repairs(cast, old, recent)
    things_back.old_appliances(cast)
    things_back.phones(cast)
    things_back.recalls(cast)
    things_told.reviews_and_ratings(cast, old)
    things_told.charges_and_reports(cast)
    things_told.papers(cast)


def _roles(stack: Stack, cast: Cast) -> dict[str, Account]:
    dismantler = cast.session.query(Account).filter_by(phone=accounts(stack, "recycler", COUNTY)[-1]["phone"])
    return {
        "consumer": cast.buyer,
        "neighbor": cast.neighbor,
        "owner": cast.owner,
        "clerk": cast.clerk,
        "courier": cast.session.get_one(Account, cast.courier.account_id),
        "operator": cast.operators[0],
        "auditor": cast.auditors[0],
        "recycler": cast.yard,
        "dismantler": dismantler.one(),
        "keeper": cast.keeper,
    }


def _someone(account: Account, cast: Cast, seeded: dict[str, str]) -> Someone:
    password = seeded.get(account.phone, PASSWORD)
    shop_id = str(cast.shop.id) if account in (cast.owner, cast.clerk) else ""
    return Someone(str(account.id), shop_id, account.phone, password)
