"""Only what the county has approved as made to order shortens the return right, and only for later orders."""

import pytest

from market.aftersales.request_return import is_made_to_order
from market.catalog.made_to_order import (
    ask_made_to_order,
    decide_made_to_order,
    made_to_order_in,
    take_back_made_to_order,
)
from market.catalog.models import MadeToOrder
from market.catalog.snapshot import snapshot
from market.kernel import clock
from market.kernel.errors import NotFound, Refused
from market.notices.models import Notice
from tests.builders.catalog import a_listing
from tests.builders.orders import an_order
from tests.builders.people import an_account, an_operator
from tests.builders.shops import a_clerk, a_shop

COUNTY = "610924"
WORDS = "按灶台量尺寸做的油烟机"


@pytest.fixture
def listing(session, now):
    return a_listing(session, a_shop(session, now), now)


def said(listing):
    return snapshot(listing, "店")["made_to_order"]


def test_a_shops_word_alone_takes_no_right_away(session, listing, now):
    ask_made_to_order(session, listing.shop_id, listing.id, WORDS, now)
    assert (listing.made_to_order, said(listing)) == (MadeToOrder.asked, False)
    decide_made_to_order(session, COUNTY, listing.id, True, "", now)
    assert (listing.made_to_order, said(listing)) == (MadeToOrder.approved, True)


def test_an_order_keeps_what_was_so_when_it_was_placed(session, listing, now):
    [before] = an_order(session, an_account(session, now), [(listing, 1)], now).shop_orders[0].lines
    ask_made_to_order(session, listing.shop_id, listing.id, WORDS, now)
    decide_made_to_order(session, COUNTY, listing.id, True, "", now)
    [during] = an_order(session, an_account(session, now), [(listing, 1)], now).shop_orders[0].lines
    decide_made_to_order(session, COUNTY, listing.id, False, "只是挑颜色", now)
    [after] = an_order(session, an_account(session, now), [(listing, 1)], now).shop_orders[0].lines
    assert [is_made_to_order(line) for line in (before, during, after)] == [False, True, False]


def test_a_refusal_has_a_reason_and_the_shop_may_ask_again_or_take_it_back(session, listing, now):
    clerk = a_clerk(session, listing.shop, now)
    with pytest.raises(Refused, match="illegal_move"):
        decide_made_to_order(session, COUNTY, listing.id, True, "", now)
    ask_made_to_order(session, listing.shop_id, listing.id, WORDS, now)
    with pytest.raises(Refused, match="made_to_order_reason"):
        decide_made_to_order(session, COUNTY, listing.id, False, " ", now)
    assert listing.made_to_order is MadeToOrder.asked
    decide_made_to_order(session, COUNTY, listing.id, False, "只是挑颜色", now)
    told = session.query(Notice).filter_by(account_id=clerk.id).one()
    assert (told.kind, told.params["reason"]) == ("catalog.made_to_order_rejected", "只是挑颜色")
    ask_made_to_order(session, listing.shop_id, listing.id, WORDS, now)
    take_back_made_to_order(session, listing.shop_id, listing.id, now)
    assert (listing.made_to_order, listing.made_to_order_words) == (MadeToOrder.no, None)


def test_another_shops_and_another_countys_are_not_found(session, listing, now):
    other = a_shop(session, now)
    with pytest.raises(NotFound):
        ask_made_to_order(session, other.id, listing.id, WORDS, now)
    with pytest.raises(Refused, match=r"catalog\.made_to_order"):
        ask_made_to_order(session, listing.shop_id, listing.id, "是", now)
    ask_made_to_order(session, listing.shop_id, listing.id, WORDS, now)
    with pytest.raises(NotFound):
        decide_made_to_order(session, "610728", listing.id, True, "", now)
    assert made_to_order_in(session, "610728") == []
    assert made_to_order_in(session, COUNTY) == [listing]


def test_the_pages_lead_from_the_shop_to_the_county_to_the_buyer(client, session, listing, now):
    clerk, operator = a_clerk(session, listing.shop, now), an_operator(session, clock.now())
    session.commit()
    client.become(clerk)
    wrong = client.submit(f"/shop/listings/{listing.id}/made-to-order", {"words": "是"})
    assert (wrong.status_code, "是</textarea>" in wrong.text) == (422, True)
    sent = {"words": WORDS}
    assert client.submit(f"/shop/listings/{listing.id}/made-to-order", sent).status_code == 303
    assert "等县里核定" in client.get(f"/shop/listings/{listing.id}").text
    assert "没有毛病不能退" not in client.get(f"/listing/{listing.id}").text
    client.become(operator)
    assert WORDS in client.get("/county/made-to-order").text
    refused = client.submit(f"/county/made-to-order/{listing.id}/reject", {"reason": ""})
    assert (refused.status_code, "请写明为什么不算定作" in refused.text) == (422, True)
    assert client.submit(f"/county/made-to-order/{listing.id}/approve").status_code == 303
    assert "没有毛病不能退" in client.get(f"/listing/{listing.id}").text
