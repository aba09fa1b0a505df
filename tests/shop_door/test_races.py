"""Two people of one desk press at the same moment: each thing is done once."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.inventory.models import SerialNumber, SerialState
from market.inventory.serials import add_serials
from market.orders.fulfill import confirm_shop_order
from market.orders.models import ShopOrder
from market.orders.pack import pack
from market.orders.scans import Scan
from market.people.models import Account, AccountSession
from market.people.second_factor import prove
from market.people.sign_in import start_session
from market.shops.decide_paper import decide_paper
from market.shops.models import PaperState, ShopChange, ShopInvitation, ShopRole, ShopStaff
from market.shops.people import invite, join
from market.shops.submit_paper import submit_paper
from tests.builders.catalog import a_listing, a_scan
from tests.builders.life import at_once
from tests.builders.orders import an_order
from tests.builders.people import an_account, an_operator
from tests.builders.second_factor import SEAL, a_second_factor, code_at
from tests.builders.shops import a_clerk, a_shop, an_owner

TEN = 10
pytestmark = pytest.mark.race


def test_a_parcel_that_ten_people_pack_at_once_is_packed_once_by_one(fresh_engine, now):
    with Session(fresh_engine) as session, session.begin():
        shop = a_shop(session, now)
        listing = a_listing(session, shop, now, stock=1)
        add_serials(session, listing, ["HR0001"], now)
        part = an_order(session, an_account(session, now), [(listing, 1)], now).shop_orders[0]
        confirm_shop_order(session, shop.id, part.id, now)
        clerks = [a_clerk(session, shop, now).id for _ in range(TEN)]
        shop_id, part_id, number = shop.id, part.id, part.number

    def one(session, n):
        pack(session, shop_id, Scan(number, ["HR0001"]), clerks[n], now)

    assert at_once(fresh_engine, TEN, one)["done"] >= 1
    with Session(fresh_engine) as session:
        packed = session.get_one(ShopOrder, part_id)
        assert (packed.packed_at, packed.packed_by_id in clerks) == (now, True)
        pieces = session.scalars(select(SerialNumber)).all()
        assert [(it.state, it.reference) for it in pieces] == [(SerialState.sold, packed.lines[0].reference)]


def test_an_invitation_that_is_taken_up_ten_times_at_once_is_taken_up_once(fresh_engine, now):
    with Session(fresh_engine) as session, session.begin():
        shop = a_shop(session, now)
        guest = an_account(session, now)
        asked = invite(session, shop.id, an_owner(session, shop).id, guest.phone, ShopRole.clerk, now)
        guest_id, code = guest.id, asked.code

    def one(session, n):
        join(session, session.get_one(Account, guest_id), code, now)

    assert at_once(fresh_engine, TEN, one) == {"done": 1, "shops.not_invited": TEN - 1}
    with Session(fresh_engine) as session:
        assert session.get(ShopStaff, guest_id).role is ShopRole.clerk
        assert session.scalars(select(ShopInvitation.wrong_tries)).all() == [0]


def test_a_paper_that_ten_operators_decide_at_once_is_decided_once(fresh_engine, now):
    with Session(fresh_engine) as session, session.begin():
        shop = a_shop(session, now)
        owner = an_owner(session, shop)
        submit_paper(session, shop.id, owner.id, "contacts", a_scan(), None, now)
        operators = [an_operator(session, now).id for _ in range(TEN)]
        county, shop_id = shop.county_code, shop.id

    def one(session, n):
        decide_paper(session, county, operators[n], shop_id, "contacts", PaperState.accepted, "", now)

    assert at_once(fresh_engine, TEN, one) == {"done": 1, "state.illegal_move": TEN - 1}
    with Session(fresh_engine) as session:
        decided = (
            select(func.count())
            .select_from(ShopChange)
            .where(ShopChange.what == "contacts", ShopChange.became == "accepted")
        )
        assert session.scalar(decided) == 1


def test_a_code_that_is_given_ten_times_at_once_counts_once(fresh_engine, now):
    with Session(fresh_engine) as session, session.begin():
        owner = an_account(session, now)
        a_second_factor(session, owner, now)
        for _ in range(TEN):
            start_session(session, owner, "", now)
        browsers = session.scalars(select(AccountSession.id)).all()
        owner_id = owner.id

    def one(session, n):
        prove(session, owner_id, browsers[n], code_at(now), SEAL, now)

    assert at_once(fresh_engine, TEN, one) == {"done": 1, "people.factor_used": TEN - 1}
    with Session(fresh_engine) as session:
        assert session.scalar(select(func.count(AccountSession.proved_at))) == 1
