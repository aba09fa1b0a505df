import pytest
from sqlalchemy import select

from market.inventory.models import SerialNumber, SerialState
from market.inventory.serials import add_serials, sell_serials
from market.kernel.errors import Refused
from tests.builders.catalog import a_listing
from tests.builders.shops import a_shop


@pytest.fixture
def listing(session, now):
    return a_listing(session, a_shop(session, now), now)


def test_a_serial_number_stands_for_one_piece(session, now, listing):
    add_serials(session, listing, ["HR0001", "HR0002"], now)
    with pytest.raises(Refused) as refused:
        add_serials(session, listing, ["HR0002"], now)
    assert (refused.value.code, refused.value.field, refused.value.values) == (
        "inventory.serial_known",
        "serials",
        {"serial": "HR0002"},
    )


def test_a_piece_is_sold_once(session, now, listing):
    add_serials(session, listing, ["HR0001"], now)
    for _ in range(2):
        sell_serials(session, {listing.id: "line:1"}, ["HR0001"], now)
    with pytest.raises(Refused, match=r"inventory\.serial_sold"):
        sell_serials(session, {listing.id: "line:2"}, ["HR0001"], now)
    piece = session.scalars(select(SerialNumber)).one()
    assert (piece.state, piece.reference, piece.sold_at) == (SerialState.sold, "line:1", now)


def test_a_number_that_is_not_in_stock_sells_nothing(session, now, listing):
    add_serials(session, listing, ["HR0001"], now)
    with pytest.raises(Refused) as refused:
        sell_serials(session, {listing.id: "line:1"}, ["HR0001", "HR0009"], now)
    assert (refused.value.code, refused.value.values) == ("inventory.serial_unknown", {"serial": "HR0009"})
    assert session.scalars(select(SerialNumber)).one().state is SerialState.in_stock
