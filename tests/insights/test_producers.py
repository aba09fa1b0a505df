"""Producer responsibility: sold, recovered and the rate by brand, and what is not known."""

import pytest

from market.insights.producers import Figures, Key, rate_bp, report
from market.orders import deliver
from market.recycling import hand_on
from market.recycling.models import DeviceGrade
from tests.builders.custody import a_taken_over_fridge, to_the_dismantler
from tests.builders.delivery import a_courier
from tests.builders.people import an_account
from tests.builders.recycling import a_recycler, a_recycler_clerk
from tests.builders.trade_ins import an_order_with_a_fridge

COUNTY = "610924"


@pytest.fixture
def recovered(session, now):
    """Three fridges of the recycler's: one of 雪岭 dismantled, one of 云雀 in stock, one not looked at."""
    buyer, recycler = an_account(session, now), a_recycler(session, now)
    clerk = a_recycler_clerk(session, recycler, now)
    first, second, _ = (a_taken_over_fridge(session, buyer, recycler, clerk, now) for _ in range(3))
    hand_on.grade(session, recycler, clerk.id, first.id, DeviceGrade.scrap, now, " 雪岭 ")
    to_the_dismantler(session, recycler, clerk, [first.id], now)
    hand_on.grade(session, recycler, clerk.id, second.id, DeviceGrade.b, now, "YunQue")
    return now.year


def test_what_was_recovered_is_counted_by_brand_and_the_unknown_apart(session, recovered):
    assert report(session, COUNTY) == [
        (Key("YunQue", "fridge", recovered), Figures(0, 1, 0, 0, 61_500)),
        (Key("雪岭", "fridge", recovered), Figures(0, 1, 0, 1, 61_500)),
        (Key(None, "fridge", recovered), Figures(0, 1, 0, 0, 61_500)),
    ]
    assert report(session, "610728") == []


def test_what_was_delivered_is_sold_and_the_catalogs_spelling_is_shown(session, now):
    buyer, recycler = an_account(session, now), a_recycler(session, now)
    clerk = a_recycler_clerk(session, recycler, now)
    order, _ = an_order_with_a_fridge(session, buyer, now)
    (part,) = order.shop_orders
    deliver.job_done(session, part.reference, a_courier(session, now).id, now, now)
    (line,) = part.lines
    line.snapshot = line.snapshot | {"brand": "YUNQUE", "category_code": "fridge"}
    old = a_taken_over_fridge(session, buyer, recycler, clerk, now)
    hand_on.grade(session, recycler, clerk.id, old.id, DeviceGrade.b, now, "Yunque")
    ((key, figures),) = report(session, COUNTY)
    assert (key, figures) == (Key("YUNQUE", "fridge", now.year), Figures(1, 1, 0, 0, 61_500))
    assert rate_bp(key, figures) == 10_000


@pytest.mark.parametrize(
    ("brand", "sold", "back", "rate"),
    [("雪岭", 3, 1, 3333), ("雪岭", 0, 1, None), (None, 3, 1, None), ("雪岭", 1, 2, 20_000)],
)
def test_a_rate_is_told_only_where_it_says_something(brand, sold, back, rate):
    assert rate_bp(Key(brand, "fridge", 2026), Figures(sold, back)) == rate


def test_page_table_and_data_say_the_same(client, session, recovered):
    session.commit()
    page = client.get(f"/open/{COUNTY}/producers").text
    assert "有 1 件看不出或还没验出品牌" in page
    table = client.get(f"/open/{COUNTY}/producers.csv").text.splitlines()
    assert table[0].startswith("\ufeff年份,品牌,品类")
    assert table[2].endswith(",0,1,0,1,61500,")
    (known, _, unknown) = client.get(f"/open/{COUNTY}/producers.json").json["rows"]
    assert (known["brand"], known["recovered"], known["rate_percent"]) == ("YunQue", 1, None)
    assert (unknown["brand"], unknown["recovered_grams"]) == (None, 61_500)
    assert client.get("/open/000000/producers.csv").status_code == 404
