import pytest

from market.inventory.models import SerialState
from market.inventory.serials import add_serials, sell_serial
from market.kernel.errors import NotFound, Refused
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
        sold = sell_serial(session, listing.product_id, "HR0001", "line:1", now)
    assert (sold.state, sold.reference, sold.sold_at) == (SerialState.sold, "line:1", now)
    with pytest.raises(Refused, match=r"inventory\.serial_sold"):
        sell_serial(session, listing.product_id, "HR0001", "line:2", now)
    assert sold.reference == "line:1"


def test_an_unknown_serial_number_is_not_found(session, now, listing):
    with pytest.raises(NotFound):
        sell_serial(session, listing.product_id, "HR0009", "line:1", now)
