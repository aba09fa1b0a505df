from datetime import timedelta

import pytest

from market.catalog.change_price import change_price
from market.catalog.queries import price_history
from market.kernel.errors import Refused
from tests.builders.catalog import a_listing, an_offer_draft
from tests.builders.shops import a_shop

DAY = timedelta(days=1)


@pytest.fixture
def listing(session, now):
    offer = an_offer_draft(list_price_fen=200_000, price_fen=200_000)
    return a_listing(session, a_shop(session, now), now, offer=offer)


def prices(session, listing):
    return [(change.list_price_fen, change.price_fen) for change in price_history(session, listing.id)]


def test_every_price_is_on_record(session, now, listing):
    change_price(session, listing.shop_id, listing.id, 200_000, 180_000, None, now + DAY)
    change_price(session, listing.shop_id, listing.id, 200_000, 180_000, None, now + 2 * DAY)
    assert prices(session, listing) == [(200_000, 180_000), (200_000, 200_000)]


def test_a_filed_price_raised_this_week_is_no_comparison(session, now, listing):
    change_price(session, listing.shop_id, listing.id, 300_000, 300_000, None, now + 10 * DAY)
    with pytest.raises(Refused) as refused:
        change_price(session, listing.shop_id, listing.id, 300_000, 200_000, None, now + 16 * DAY)
    assert (refused.value.code, refused.value.field, refused.value.values) == (
        "catalog.raised_before_discount",
        "list_price",
        {"lowest_fen": 200_000},
    )
    assert (listing.list_price_fen, listing.price_fen) == (300_000, 300_000)
    assert len(prices(session, listing)) == 2
    change_price(session, listing.shop_id, listing.id, 300_000, 200_000, None, now + 17 * DAY)
    assert listing.price_fen == 200_000


def test_a_raise_and_a_discount_in_one_step_are_refused(session, now, listing):
    with pytest.raises(Refused, match=r"catalog\.raised_before_discount"):
        change_price(session, listing.shop_id, listing.id, 250_000, 199_900, None, now + 30 * DAY)
    assert prices(session, listing) == [(200_000, 200_000)]
