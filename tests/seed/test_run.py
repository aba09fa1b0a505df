"""Seeding a real database: everything of every role, twice without a change, the same for the same seed."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from market import audit
from market.catalog.models import LabelRecord, Listing, PriceChange
from market.catalog.rules import LabelState
from market.delivery.models import Vehicle
from market.inventory.models import Movement
from market.kernel.db import Base
from market.people.sign_in import sign_in
from market.places import queries as places
from market.seed.plans import PASSWORD
from market.settlements.statement_models import RecyclerStatement, StatementState
from market.shops.models import Shop
from market.subsidies import queries as subsidies
from tests.seed.conftest import NOW, Seeded, fill

DRAWN_ANEW = {"id", "shop_id"}


def rows_by_table(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def column(seeded: Seeded, table: str, name: str) -> list[Any]:
    return [row[name] for row in seeded.data[table]]


def without_ids(row: Any) -> Any:
    return {name: value for name, value in row.items() if name not in DRAWN_ANEW}


def test_the_demo_county_has_what_the_plan_says(demo: Seeded) -> None:
    assert column(demo, "counties", "path") == ["陕西省安康市紫阳县"]
    assert len(demo.data["stations"]) >= 30
    assert len(demo.data["shops"]) == 5
    assert len(demo.data["listings"]) >= 80
    assert len(set(column(demo, "listings", "category"))) >= 12
    assert min(column(demo, "listings", "on_hand")) > 0
    assert len(demo.data["vehicles"]) == 6
    assert len(set(column(demo, "vehicles", "type"))) == 3
    assert set(column(demo, "accounts", "role")) >= {
        "courier",
        "consumer",
        "owner",
        "clerk",
        "operator",
        "recycler",
    }
    assert {"regions", "consumers"} <= set(demo.steps)


def test_some_crew_can_carry_and_install_whatever_is_sold(small: Seeded) -> None:
    with small.session() as session:
        for code in ("610924", "610728"):
            fleet = session.scalars(select(Vehicle).where(Vehicle.county_code == code)).all()
            sold = session.scalars(select(Listing).join(Shop).where(Shop.county_code == code)).all()
            assert sold
            for listing in sold:
                assert any(can_serve(vehicle, listing) for vehicle in fleet), listing.product.model


def can_serve(vehicle: Vehicle, listing: Listing) -> bool:
    return (
        vehicle.people >= listing.people_required
        and {listing.install_skill.value} <= {"none", *vehicle.skills}
        and vehicle.type.longest_side_mm >= listing.product.longest_side_mm
    )


def test_a_second_run_changes_no_table(small: Seeded) -> None:
    before = rows_by_table(small.engine)
    assert fill(small.engine).data == small.data
    assert rows_by_table(small.engine) == before


def test_the_same_seed_gives_the_same_data(small: Seeded, fresh_engine: Engine) -> None:
    again = fill(fresh_engine).data
    for table, rows in small.data.items():
        if isinstance(rows, list):
            assert [without_ids(row) for row in again[table]] == [without_ids(row) for row in rows]


def test_another_seed_gives_other_names(small: Seeded, other: Seeded) -> None:
    assert set(column(small, "accounts", "phone")) < set(column(other, "accounts", "phone"))
    assert column(small, "accounts", "name")[0] != column(other, "accounts", "name")[0]


def test_more_scale_is_more_people_stations_and_stock(small: Seeded, other: Seeded) -> None:
    assert len(other.data["stations"]) == 3 * len(small.data["stations"])
    assert column(other, "accounts", "role").count("consumer") == 3 * column(small, "accounts", "role").count(
        "consumer"
    )
    assert sum(column(other, "listings", "on_hand")) > 2 * sum(column(small, "listings", "on_hand"))


def test_everyone_can_sign_in_with_the_printed_password(small: Seeded) -> None:
    one_of_each = {row["role"]: row for row in small.data["accounts"]}
    with small.session() as session:
        for row in one_of_each.values():
            assert row["password"] == PASSWORD
            assert sign_in(session, row["phone"], row["password"], "", NOW).account.phone == row["phone"]


def test_both_test_counties_have_shops_stations_and_pots_of_their_own(small: Seeded) -> None:
    assert set(column(small, "shops", "county_code")) == {"610924", "610728"}
    with small.session() as session:
        for code in ("610924", "610728"):
            assert places.stations(session, code)
            assert [pot.budget for _, pot in subsidies.pots(session, code)]


def test_most_labels_are_verified_and_every_price_and_piece_is_on_record(demo: Seeded) -> None:
    with demo.session() as session:
        by_state = select(LabelRecord.state, func.count()).group_by(LabelRecord.state)
        labels = dict(session.execute(by_state).all())
        assert labels[LabelState.verified] > 5 * labels[LabelState.declared] > 0
        for table in (PriceChange, Movement):
            assert session.scalar(select(func.count()).select_from(table)) == len(demo.data["listings"])


def test_recyclers_have_a_statement_that_is_paid_and_one_that_is_due(demo: Seeded) -> None:
    with demo.session() as session:
        found = session.scalars(select(RecyclerStatement).order_by(RecyclerStatement.month)).all()
        assert {(it.month, it.state) for it in found} == {
            (date(2026, 9, 1), StatementState.paid),
            (date(2026, 10, 1), StatementState.due),
        }
        assert sum(len(it.lines) for it in found) == 5
        assert [it for it in audit.run(session, NOW) if it.book != "outbox"] == []


def test_an_unknown_kind_is_no_seed(fresh_engine: Engine) -> None:
    with pytest.raises(KeyError, match="nonsense"):
        fill(fresh_engine, kind="nonsense")
    assert rows_by_table(fresh_engine)["regions"] == 0
