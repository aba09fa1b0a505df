"""Addresses."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.people import queries
from market.people.addresses import add_address, change_address, remove_address
from market.places.rules import Position, PositionSource
from tests.builders.people import an_account, an_address, written_address
from tests.builders.places import a_county, a_region


def test_an_address_takes_its_position_and_the_source_from_its_village(
    session: Session, now: datetime
) -> None:
    village = a_region(session, "610924103204")
    village.lat, village.lon, village.position_source = 32.51, 108.54, PositionSource.estimated
    address = an_address(session, an_account(session, now), now)
    assert address.position == Position(32.51, 108.54, PositionSource.estimated)


def test_a_village_nobody_has_placed_leaves_the_position_unknown(session: Session, now: datetime) -> None:
    address = an_address(session, an_account(session, now), now)
    assert (address.position, address.lat, address.position_source) == (None, None, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"village_code": "610924101200"},
        {"township_code": "610924101"},
        {"county_code": "610728"},
        {"village_code": "610924103"},
        {"village_code": "000000000000"},
        {"village_code": ""},
    ],
)
def test_regions_that_do_not_nest_are_refused(
    session: Session, now: datetime, changes: dict[str, str]
) -> None:
    account = an_account(session, now)
    a_county(session, "610728")
    a_region(session, "610924101200")
    written = replace(written_address(session), **changes)
    with pytest.raises(Refused, match=r"people\.region_mismatch"):
        add_address(session, account.id, written, now)
    assert queries.addresses(session, account.id) == []


def test_a_county_without_a_market_has_no_addresses(session: Session, now: datetime) -> None:
    a_region(session, "610728101200")
    written = replace(
        written_address(session),
        county_code="610728",
        township_code="610728101",
        village_code="610728101200",
    )
    with pytest.raises(Refused, match=r"people\.region_mismatch"):
        add_address(session, an_account(session, now).id, written, now)


def test_a_refused_change_leaves_the_address_as_it_was(session: Session, now: datetime) -> None:
    account = an_account(session, now)
    address = an_address(session, account, now)
    with pytest.raises(Refused, match=r"people\.phone_shape"):
        change_address(session, account.id, address.id, written_address(session, phone="110", detail="别处"))
    assert (address.detail, address.phone) == ("三组 12 号", "13912345678")


def test_the_address_of_another_is_not_found(session: Session, now: datetime) -> None:
    theirs = an_address(session, an_account(session, now), now)
    me = an_account(session, now)
    with pytest.raises(NotFound):
        queries.address(session, me.id, theirs.id)
    with pytest.raises(NotFound):
        change_address(session, me.id, theirs.id, written_address(session, detail="我家"))
    with pytest.raises(NotFound):
        remove_address(session, me.id, theirs.id, now)
    assert (theirs.detail, theirs.deleted_at) == ("三组 12 号", None)


def test_a_removed_address_is_gone_from_the_list(session: Session, now: datetime) -> None:
    account = an_account(session, now)
    kept, removed = (an_address(session, account, now) for _ in range(2))
    remove_address(session, account.id, removed.id, now)
    assert queries.addresses(session, account.id) == [kept]
    with pytest.raises(NotFound):
        queries.address(session, account.id, removed.id)
