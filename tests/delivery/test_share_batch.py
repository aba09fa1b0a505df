"""A planned batch's cost is shared among the shops it carries for: once a plan, frozen at its release."""

from datetime import datetime

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from market.delivery import audit
from market.delivery.jobs import cancel_job
from market.delivery.models import Batch, BatchShare, Job, Run, Stop, Vehicle
from market.delivery.plan_batch import plan_batch, release_batch
from market.delivery.queries import progress, record_shares_progress, references_of, shares_of
from market.delivery.share_batch import share_batch
from market.delivery.shares import ask_for_shares, is_frozen
from market.kernel.outbox import OutboxRow
from market.places.rules import Position
from tests.builders.delivery import a_courier, a_planned_batch, a_ready_job

HERE, FAR = Position(32.52, 108.53), Position(32.59, 108.46)


def a_job(session: Session, now: datetime, party: str, at: Position = FAR, door: str = "1") -> Job:
    return a_ready_job(session, now, party=party, position=at, address_text=f"焕古镇大连村 {door} 号")


def a_shared_batch(session: Session, now: datetime) -> Batch:
    batch = a_planned_batch(session, now)
    share_batch(session, batch.id, now, cpu_seconds=0.4)
    return batch


def shares(session: Session, batch: Batch) -> dict[str, BatchShare]:
    return {share.party: share for share in shares_of(session, batch.id)}


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(OutboxRow.kind).order_by(OutboxRow.id)))


def test_two_shops_at_one_place_save_a_truck_and_pay_the_same(session: Session, now: datetime) -> None:
    a_courier(session, now)
    for party in ("a", "b"):
        a_job(session, now, party, door=party)
    batch = a_shared_batch(session, now)
    a, b = shares(session, batch)["a"], shares(session, batch)["b"]
    assert (a.alone_fen, a.jobs, a.error_fen) == (b.alone_fen, 1, 0)
    assert a.share_fen + b.share_fen == batch.cost_fen
    assert abs(a.share_fen - b.share_fen) <= 1
    assert batch.alone_fen == 2 * a.alone_fen
    assert batch.cost_fen is not None
    # One truck, one way there and back, one loading; a stop and its work more than alone.
    assert batch.cost_fen - a.alone_fen == round((300 + 1200) * 65_00 / 3600)
    assert batch.lower_bound_fen is not None
    assert 0 < batch.lower_bound_fen <= batch.cost_fen
    assert list(audit.breaks(session)) == []


def test_a_shop_near_the_hub_pays_less_than_one_behind_the_hills(session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_job(session, now, "near", HERE)
    a_job(session, now, "far", FAR)
    found = shares(session, a_shared_batch(session, now))
    assert found["near"].share_fen < found["near"].alone_fen
    assert found["near"].share_fen < found["far"].share_fen < found["far"].alone_fen


def test_what_the_county_fetches_from_a_shops_own_door_saves_it_the_way(
    session: Session, now: datetime
) -> None:
    a_courier(session, now)
    a_job(session, now, "shop")
    a_ready_job(session, now, kind="collect", position=FAR, address_text="焕古镇大连村 1 号")
    batch = a_shared_batch(session, now)
    assert session.scalar(select(func.count()).select_from(Stop)) == 1
    assert shares(session, batch).keys() == {"shop", "county"}
    assert batch.alone_fen is not None
    assert batch.cost_fen is not None
    assert batch.alone_fen - batch.cost_fen > 150_00  # the second truck, at least


def test_one_shops_batch_is_its_own_and_nothing_is_saved(session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_job(session, now, "a")
    batch = a_shared_batch(session, now)
    assert batch.cost_fen == batch.alone_fen == shares(session, batch)["a"].share_fen


def test_a_plan_dearer_than_each_alone_is_not_shared(session: Session, now: datetime) -> None:
    a_courier(session, now)
    for party in ("a", "b"):
        a_job(session, now, party, door=party)
    batch = a_planned_batch(session, now)
    batch.cost_fen = 9_999_00  # an operator may move stops as she sees fit
    share_batch(session, batch.id, now, cpu_seconds=0.4)
    found = shares(session, batch)
    assert batch.alone_fen is not None
    assert batch.alone_fen < 9_999_00
    assert all(share.share_fen == share.alone_fen for share in found.values())
    assert list(audit.breaks(session)) == []


def test_many_shops_shares_are_sampled_and_say_how_far_they_may_be_off(
    session: Session, now: datetime
) -> None:
    a_courier(session, now)
    for number in range(9):
        a_job(session, now, f"shop-{number}", Position(32.52 + 0.008 * number, 108.53), str(number))
    batch = a_planned_batch(session, now)
    told: list[float] = []
    share_batch(session, batch.id, now, told.append, cpu_seconds=0.5)
    found = shares(session, batch)
    assert len(found) == len(session.scalars(select(Job.id).where(Job.stop_id.is_not(None))).all()) >= 9
    assert sum(share.share_fen for share in found.values()) == batch.cost_fen
    assert all(share.error_fen > 0 for share in found.values())
    assert told == sorted(told)
    assert 0 < told[0] < told[-1] <= 1


def test_sharing_again_changes_nothing(session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_job(session, now, "a")
    batch = a_shared_batch(session, now)
    told: list[float] = []
    share_batch(session, batch.id, now, told.append)
    assert told == []
    assert session.scalar(select(func.count()).select_from(BatchShare)) == 1


def test_a_new_plan_asks_for_new_shares(session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_job(session, now, "a")
    batch = a_shared_batch(session, now)
    record_shares_progress(session, batch.id, 0.7, now)
    ask_for_shares(session, batch, now)
    told = progress(session, batch.id)
    assert told is not None
    assert (batch.alone_fen, batch.lower_bound_fen, shares(session, batch), told.shares_percent) == (
        None, None, {}, 0,
    )  # fmt: skip
    assert kinds(session).count("delivery.batch_planned") == 2


def test_what_is_released_is_frozen_once(session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_job(session, now, "a")
    batch = a_shared_batch(session, now)
    assert not is_frozen(batch)
    release_batch(session, "610924", batch.id, now)
    assert is_frozen(batch)
    share_batch(session, batch.id, now)
    assert kinds(session).count("delivery.shares_frozen") == 1


def test_a_batch_released_before_its_shares_were_found_is_frozen_by_them(
    session: Session, now: datetime
) -> None:
    a_courier(session, now)
    a_job(session, now, "a")
    batch = a_planned_batch(session, now)
    release_batch(session, "610924", batch.id, now)
    assert "delivery.shares_frozen" not in kinds(session)
    for _ in range(2):
        share_batch(session, batch.id, now, cpu_seconds=0.1)
    assert kinds(session).count("delivery.shares_frozen") == 1
    assert shares(session, batch)["a"].share_fen == batch.cost_fen


def test_shares_of_another_cost_than_is_released_are_asked_for_again(session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_job(session, now, "a")
    batch = a_shared_batch(session, now)
    assert batch.cost_fen is not None
    batch.cost_fen -= 1
    release_batch(session, "610924", batch.id, now)
    assert "delivery.shares_frozen" not in kinds(session)
    assert shares(session, batch) == {}
    assert kinds(session).count("delivery.batch_planned") == 2


def test_a_vehicle_sold_since_the_plan_still_counts_for_it(session: Session, now: datetime) -> None:
    a_courier(session, now)
    a_job(session, now, "a")
    batch = a_planned_batch(session, now)
    session.execute(update(Vehicle).values(active=False))
    share_batch(session, batch.id, now, cpu_seconds=0.1)
    assert shares(session, batch)["a"].share_fen == batch.cost_fen


def test_a_batch_without_a_run_or_with_nothing_left_is_not_shared(session: Session, now: datetime) -> None:
    a_courier(session, now)
    job = a_job(session, now, "a")
    batch = a_planned_batch(session, now)
    cancel_job(session, job.reference, now)
    share_batch(session, batch.id, now)
    assert (batch.alone_fen, shares(session, batch)) == (None, {})


def test_a_partys_goods_are_those_on_the_runs(session: Session, now: datetime) -> None:
    a_courier(session, now, people=1)
    carried = a_ready_job(session, now, party="a", people=1, recipient_phone="13912345679")
    a_ready_job(session, now, party="a", people=2)
    batch = a_planned_batch(session, now)
    assert references_of(session, batch.id, "a") == [carried.reference]
    assert references_of(session, batch.id, "b") == []


@pytest.mark.race
def test_shares_of_a_plan_that_changed_meanwhile_are_not_kept(fresh_engine: Engine, now: datetime) -> None:
    with Session(fresh_engine) as session, session.begin():
        a_courier(session, now)
        for party in ("a", "b"):
            a_job(session, now, party, door=party)
        batch_id = a_planned_batch(session, now).id

    def change(_: float) -> None:
        with Session(fresh_engine) as other, other.begin():
            other.execute(update(Run).values(cost_fen=Run.cost_fen + 1))
            other.execute(update(Batch).values(cost_fen=Batch.cost_fen + 1))

    with Session(fresh_engine) as session, session.begin():
        share_batch(session, batch_id, now, change, cpu_seconds=0.2)
    with Session(fresh_engine) as session:
        assert session.get_one(Batch, batch_id).alone_fen is None
        assert shares_of(session, batch_id) == []
        share_batch(session, batch_id, now, cpu_seconds=0.2)
        assert len(shares_of(session, batch_id)) == 2
        plan_batch(session, batch_id, now)
        assert len(shares_of(session, batch_id)) == 2
