import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from market.inventory import audit
from market.inventory.models import Movement, MovementKind, Reservation, Stock
from market.inventory.queries import left, movements
from market.inventory.receive import adjust, receive
from market.inventory.reserve import allocate, release, reserve, ship
from market.kernel.errors import NotFound, Refused
from tests.builders.catalog import a_listing
from tests.builders.shops import a_shop


@pytest.fixture
def listing(session, now):
    return a_listing(session, a_shop(session, now), now, stock=10)


def counts(session, listing):
    stock = session.get(Stock, listing.id, populate_existing=True)
    return stock.on_hand, stock.reserved, stock.allocated


def test_an_order_takes_its_pieces_step_by_step(session, now, listing):
    reserve(session, listing.id, 3, "line:1", now)
    assert counts(session, listing) == (10, 3, 0)
    allocate(session, "line:1", now)
    assert counts(session, listing) == (10, 0, 3)
    ship(session, "line:1", now)
    assert counts(session, listing) == (7, 0, 0)
    assert [(m.kind, m.quantity, m.reference) for m in movements(session, listing.id)] == [
        (MovementKind.shipped, -3, "line:1"),
        (MovementKind.received, 10, None),
    ]
    assert list(audit.breaks(session)) == []


def test_every_step_of_a_reference_happens_once(session, now, listing):
    for step in (lambda r: reserve(session, listing.id, 3, r, now), lambda r: allocate(session, r, now)):
        step("line:1")
        step("line:1")
    assert counts(session, listing) == (10, 0, 3)
    ship(session, "line:1", now)
    ship(session, "line:1", now)
    assert counts(session, listing) == (7, 0, 0)
    assert list(audit.breaks(session)) == []


def test_more_than_is_left_is_refused_and_nothing_changes(session, now, listing):
    reserve(session, listing.id, 8, "line:1", now)
    with pytest.raises(Refused) as refused:
        reserve(session, listing.id, 3, "line:2", now)
    assert (refused.value.code, refused.value.field, refused.value.values) == (
        "inventory.short",
        "quantity",
        {"left": 2},
    )
    assert counts(session, listing) == (10, 8, 0)
    assert session.get(Reservation, "line:2") is None


def test_a_listing_that_never_had_stock_has_nothing_left(session, now):
    empty = a_listing(session, a_shop(session, now), now, stock=0)
    with pytest.raises(Refused) as refused:
        reserve(session, empty.id, 1, "line:1", now)
    assert refused.value.values == {"left": 0}


def test_released_pieces_can_be_sold_again(session, now, listing):
    reserve(session, listing.id, 4, "reserved", now)
    reserve(session, listing.id, 5, "allocated", now)
    allocate(session, "allocated", now)
    for reference in ("reserved", "allocated", "allocated"):
        release(session, reference, now)
    assert counts(session, listing) == (10, 0, 0)
    assert left(session, [listing.id]) == {listing.id: 10}


def test_what_was_shipped_is_not_released(session, now, listing):
    reserve(session, listing.id, 1, "line:1", now)
    allocate(session, "line:1", now)
    ship(session, "line:1", now)
    with pytest.raises(Refused, match=r"state\.illegal_move"):
        release(session, "line:1", now)
    assert counts(session, listing) == (9, 0, 0)


def test_an_unknown_reference_is_not_found(session, now, listing):
    for step in (allocate, release, ship):
        with pytest.raises(NotFound):
            step(session, "nobody", now)


def test_promised_pieces_cannot_be_counted_away(session, now, listing):
    reserve(session, listing.id, 8, "line:1", now)
    with pytest.raises(Refused) as refused:
        adjust(session, listing.id, -3, "盘点", now)
    assert (refused.value.code, refused.value.values) == ("inventory.promised", {"left": 2})
    adjust(session, listing.id, -2, "盘点", now)
    assert counts(session, listing) == (8, 8, 0)


@pytest.mark.parametrize(
    ("change", "reason", "code"),
    [
        (0, "盘点", "inventory.no_change"),
        (5, " ", "inventory.reason_missing"),
        (100_001, "盘点", "inventory.quantity"),
    ],
)
def test_a_count_needs_a_change_and_a_reason(session, now, listing, change, reason, code):
    with pytest.raises(Refused) as refused:
        adjust(session, listing.id, change, reason, now)
    assert refused.value.code == code
    assert counts(session, listing) == (10, 0, 0)
    assert len(movements(session, listing.id)) == 1


def test_only_pieces_come_in(session, now, listing):
    for quantity in (0, -1, 100_001):
        with pytest.raises(Refused, match=r"inventory\.quantity"):
            receive(session, listing.id, quantity, "进货", now)
    receive(session, listing.id, 5, "进货", now)
    assert counts(session, listing) == (15, 0, 0)


@pytest.mark.parametrize(
    "statement", ["UPDATE stock_movements SET quantity = 99", "DELETE FROM stock_movements"]
)
def test_a_movement_is_never_changed(session, now, listing, statement):
    with pytest.raises(DBAPIError, match="never changed"), session.begin_nested():
        session.execute(text(statement))
    assert session.scalar(select(func.sum(Movement.quantity))) == 10


def test_the_audit_names_a_spoiled_row(session, now, listing):
    session.execute(text("UPDATE stock SET on_hand = 11"))
    assert list(audit.breaks(session)) == [
        f"stock of listing {listing.id}: row (11, 0, 0), movements and reservations (10, 0, 0)"
    ]
