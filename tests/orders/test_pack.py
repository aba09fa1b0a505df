from datetime import timedelta

import pytest
from sqlalchemy import select

from market.credit.models import RatingEvent
from market.inventory.models import SerialNumber, SerialState
from market.inventory.serials import add_serials
from market.kernel.errors import Refused
from market.orders.fulfill import confirm_shop_order
from market.orders.models import Fulfillment
from market.orders.pack import confirm_all, hand_over_all, hand_over_by_label, loads, pack, pack_all
from market.orders.scans import Scan, read_scans
from market.orders.undo import decline_shop_order
from market.places.models import County
from tests.builders.catalog import a_listing, categories
from tests.builders.orders import an_order
from tests.builders.people import an_account
from tests.builders.shops import a_clerk, a_shop


@pytest.fixture
def shop(session, now):
    categories(session)
    return a_shop(session, now)


@pytest.fixture
def county(session, shop):
    return session.get_one(County, shop.county_code)


@pytest.fixture
def clerk(session, shop, now):
    return a_clerk(session, shop, now)


@pytest.fixture
def listing(session, shop, now):
    return a_listing(session, shop, now, stock=20)


@pytest.fixture
def part(session, listing, now):
    return an_order(session, an_account(session, now), [(listing, 1)], now).shop_orders[0]


def refusal(outcomes):
    return [(it.label, it.refused.code if it.refused else None) for it in outcomes]


def test_a_scanner_types_labels_and_behind_each_its_serial_numbers():
    text = "lx261127-ABCDEFGH-1\nHR1\nHR2\r\nＬＸ261127-ABCDEFGJ-2，HR3 LX261127-ABCDEFGH-1"
    assert read_scans(text) == [
        Scan("LX261127-ABCDEFGH-1", ["HR1", "HR2"]),
        Scan("LX261127-ABCDEFGJ-2", ["HR3"]),
    ]
    assert read_scans("HR1") == [Scan("", ["HR1"])]


def test_what_to_pack_stands_by_its_cut_off_the_oldest_first(session, shop, county, listing, now):
    later = an_order(session, an_account(session, now), [(listing, 1)], now + timedelta(days=1))
    first = an_order(session, an_account(session, now), [(listing, 1)], now)
    found = loads(session, shop.id, county)
    assert [load.day for load in found] == [first.promised_on, later.promised_on]
    assert found[1].cutoff - found[0].cutoff == timedelta(days=1)
    assert [order.order_id for order in found[0].orders] == [first.id]


def test_ten_orders_are_confirmed_packed_and_handed_over_with_one_scan_each(
    session, shop, county, clerk, listing, now
):
    parts = [
        an_order(session, an_account(session, now), [(listing, 1)], now).shop_orders[0] for _ in range(10)
    ]
    labels = [part.number for part in parts]
    scans = read_scans("\n".join(labels))
    for _ in range(2):
        assert not any(it.refused for it in confirm_all(session, shop.id, labels, now))
        assert not any(it.refused for it in pack_all(session, shop.id, scans, clerk.id, now))
    assert {part.packed_by_id for part in parts} == {clerk.id}
    for _ in range(2):
        assert not any(it.refused for it in hand_over_all(session, shop.id, scans, county, now))
    assert {part.state for part in parts} == {Fulfillment.handed_over}
    assert len(session.scalars(select(RatingEvent.id)).all()) == 10


def test_where_serial_numbers_are_kept_they_are_scanned(session, shop, clerk, listing, part, now):
    add_serials(session, listing, ["HR0001", "HR0002"], now)
    confirm_shop_order(session, shop.id, part.id, now)
    for wrong in ([], ["HR0001", "HR0002"]):
        (outcome,) = pack_all(session, shop.id, [Scan(part.number, wrong)], clerk.id, now)
        assert (outcome.refused.code, part.packed_at) == ("order.serials_wanted", None)
    states = set(session.scalars(select(SerialNumber.state)))
    assert states == {SerialState.in_stock}
    pack(session, shop.id, Scan(part.number, ["HR0001"]), clerk.id, now)
    assert part.packed_at == now
    sold = session.scalars(select(SerialNumber.serial).where(SerialNumber.state == SerialState.sold)).all()
    assert sold == ["HR0001"]


def test_a_packed_order_that_is_declined_puts_its_piece_back(session, shop, clerk, listing, part, now):
    add_serials(session, listing, ["HR0001"], now)
    confirm_shop_order(session, shop.id, part.id, now)
    pack(session, shop.id, Scan(part.number, ["HR0001"]), clerk.id, now)
    decline_shop_order(session, shop.id, part.id, "搬的时候摔了", now, "damaged")
    piece = session.scalars(select(SerialNumber)).one()
    assert (piece.state, piece.reference, part.decline_code) == (SerialState.in_stock, None, "damaged")


@pytest.mark.parametrize(("code", "counted"), [("out_of_stock", ["declined_by_shop"]), ("buyer_asked", [])])
def test_a_declined_order_counts_unless_the_buyer_asked(session, shop, part, now, code, counted):
    decline_shop_order(session, shop.id, part.id, "没货了", now, code)
    assert session.scalars(select(RatingEvent.kind)).all() == counted


def test_a_label_that_is_wrong_is_a_sentence_and_stops_no_other(session, shop, county, clerk, listing, now):
    good, unpacked, waiting = (
        an_order(session, an_account(session, now), [(listing, 1)], now).shop_orders[0] for _ in range(3)
    )
    confirm_all(session, shop.id, [good.number, unpacked.number], now)
    pack(session, shop.id, Scan(good.number), clerk.id, now)
    other = a_shop(session, now, name="远山家电")
    theirs = an_order(session, an_account(session, now), [(a_listing(session, other, now), 1)], now)
    strange = theirs.shop_orders[0].number
    scans = [Scan(it) for it in (good.number, unpacked.number, waiting.number, strange, "")]
    found = dict(refusal(hand_over_all(session, shop.id, scans, county, now)))
    assert found == {
        good.number: None,
        unpacked.number: "order.not_packed",
        waiting.number: "order.not_confirmed",
        strange: "order.label_unknown",
        "": "order.label_unknown",
    }
    assert good.state is Fulfillment.handed_over
    assert {unpacked.state, waiting.state} == {Fulfillment.confirmed, Fulfillment.placed}


def test_a_label_of_a_later_day_waits_until_its_batch_is_the_next(session, shop, county, clerk, listing, now):
    order = an_order(session, an_account(session, now), [(listing, 1)], now + timedelta(days=2))
    (part,) = order.shop_orders
    confirm_shop_order(session, shop.id, part.id, now)
    pack(session, shop.id, Scan(part.number), clerk.id, now)
    with pytest.raises(Refused) as refused:
        hand_over_by_label(session, shop.id, part.number, county, now)
    assert refused.value.code == "order.label_other_day"
    assert refused.value.values["day"] == order.promised_on.isoformat()
    assert part.state is Fulfillment.confirmed
    hand_over_by_label(session, shop.id, part.number, county, now + timedelta(days=2))
    assert part.state is Fulfillment.handed_over
