"""Goods wait at a station for whoever knows the code: once, for a while, and never where cash is due."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from market import audit
from market.credit.models import RatingEvent
from market.delivery import kept
from market.delivery.drive import Left, complete_stop
from market.delivery.models import Courier, Job, JobKind, JobState, Kept, KeptEnd, StopState
from market.delivery.queries import kept_at, kept_too_long
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow
from market.notices.models import Notice
from market.orders.cart import Owner, put
from market.orders.checkout import checkout
from market.orders.models import Fulfillment, Order, PaymentMethod, ShopOrder
from market.orders.stop_recalled import stop_recalled
from market.places.models import Station
from tests.builders.catalog import a_listing
from tests.builders.delivery import a_courier, a_ready_job, a_run_underway
from tests.builders.life import at_once, react
from tests.builders.people import an_account
from tests.builders.places import a_station
from tests.builders.shops import a_shop
from tests.builders.stations import a_paid_part, left_at_station, station_choices
from worker.handlers import HANDLERS


@pytest.fixture
def courier(session: Session, now: datetime) -> Courier:
    return a_courier(session, now)


@pytest.fixture
def station(session: Session) -> Station:
    return a_station(session)


@pytest.fixture
def part(session: Session, courier: Courier, station: Station, now: datetime) -> ShopOrder:
    """A washer with the keeper; everybody has been told."""
    listing = a_listing(session, a_shop(session, now), now)
    part = a_paid_part(session, an_account(session, now), listing, station, now)
    left_at_station(session, courier, now)
    react(session, now)
    return part


def job_of(session: Session, part: ShopOrder) -> Job:
    return session.scalars(select(Job).where(Job.reference == part.reference)).one()


def kinds(session: Session) -> list[str]:
    return list(session.scalars(select(Notice.kind).order_by(Notice.created_at, Notice.id)))


def told(session: Session, kind: str) -> int:
    return session.scalar(select(func.count()).select_from(OutboxRow).where(OutboxRow.kind == kind)) or 0


def breaks(session: Session, now: datetime) -> list[str]:
    """But for the card's side of the payment, which these tests only say has come."""
    found = [it.detail for it in audit.run(session, now) if it.book != "outbox"]
    return [detail for detail in found if not detail.startswith("Stripe clearing")]


def test_what_the_keeper_has_is_not_yet_the_buyers(session: Session, part: ShopOrder, now: datetime) -> None:
    job = job_of(session, part)
    assert (job.state, part.state, part.order.state) == (JobState.kept, Fulfillment.at_station, "placed")
    assert job.stop is not None
    assert (job.stop.state, len(job.pickup_code or "")) == (StopState.done, 6)
    notice = session.scalars(select(Notice).where(Notice.kind == "order.at_station")).one()
    assert notice.params["code"] == job.pickup_code
    assert notice.params["station"] == "大连村服务站"
    assert notice.params["until"] == (now + timedelta(days=7)).isoformat()
    assert told(session, "orders.shop_order_delivered") == 0
    assert breaks(session, now) == []


def test_her_code_makes_it_hers_and_her_days_begin(
    session: Session, part: ShopOrder, station: Station, now: datetime
) -> None:
    job, later = job_of(session, part), now + timedelta(days=2)
    for _ in range(2):
        assert kept.hand_out(session, station.id, job.id, f" {job.pickup_code} ", later) is True
        react(session, later)
    assert (job.state, part.state, part.order.state) == (JobState.done, Fulfillment.delivered, "completed")
    assert [step.at for step in part.steps][-2:] == [now, later]
    assert told(session, "delivery.job_done") == 1
    rated = session.scalars(select(RatingEvent.kind).where(RatingEvent.subject_kind == "courier")).all()
    assert sorted(rated) == ["delivered_on_time", "delivered_whole"]
    assert kept_at(session, station.id) == []
    assert breaks(session, later) == []


def test_a_wrong_code_moves_nothing_and_the_fifth_makes_a_new_one(
    session: Session, part: ShopOrder, station: Station, now: datetime
) -> None:
    job = job_of(session, part)
    before = job.pickup_code
    wrong = "000000" if before != "000000" else "000001"
    for count in (1, 2, 3, 4):
        assert kept.hand_out(session, station.id, job.id, wrong, now) is False
        assert session.get_one(Kept, job.id).wrong_codes == count
        assert job.pickup_code == before
    assert kept.hand_out(session, station.id, job.id, wrong, now) is False
    assert (session.get_one(Kept, job.id).wrong_codes, job.state) == (0, JobState.kept)
    assert (job.pickup_code != before, len(job.pickup_code or "")) == (True, 6)


def test_another_stations_keeper_finds_nothing(session: Session, part: ShopOrder, now: datetime) -> None:
    job, other = job_of(session, part), a_station(session, name="别处服务站")
    for act in (
        lambda: kept.hand_out(session, other.id, job.id, job.pickup_code or "", now),
        lambda: kept.send_back(session, other.id, job.id, now),
    ):
        with pytest.raises(NotFound):
            act()
    assert job.state is JobState.kept


def test_the_buyer_may_say_herself_that_she_has_it(session: Session, part: ShopOrder, now: datetime) -> None:
    for _ in range(2):
        kept.sign_off(session, part.reference, now)
        react(session, now)
    assert session.get_one(Kept, job_of(session, part).id).ended_by is KeptEnd.recipient
    assert part.state is Fulfillment.delivered


def test_what_nobody_wants_goes_back_on_the_next_truck_and_her_money_to_her(
    session: Session, part: ShopOrder, station: Station, now: datetime
) -> None:
    job, later = job_of(session, part), now + timedelta(days=8)
    for _ in range(2):
        kept.send_back(session, station.id, job.id, later)
        react(session, later)
    assert (job.state, part.state, part.order.state) == (JobState.refused, Fulfillment.refused, "canceled")
    back = session.scalars(select(Job).where(Job.kind == JobKind.collect)).one()
    assert (back.reference, back.state, back.station_id) == (
        f"sent_back:{job.id}",
        JobState.ready,
        station.id,
    )
    assert (back.weight_grams, back.party) == (job.weight_grams, job.party)
    undone = session.scalars(select(OutboxRow).where(OutboxRow.kind == "orders.shop_order_undone")).one()
    assert undone.payload["refund_fen"] == part.payable_fen
    with pytest.raises(Refused, match="illegal_move"):
        kept.hand_out(session, station.id, job.id, job.pickup_code or "", later)
    assert breaks(session, later) == []


def test_what_is_called_back_is_not_handed_out_at_a_station(
    session: Session, part: ShopOrder, station: Station, now: datetime
) -> None:
    job = job_of(session, part)
    assert stop_recalled(session, part.id, now) is True
    assert stop_recalled(session, part.id, now) is False
    react(session, now)
    assert (job.state, part.state, part.reason) == (JobState.refused, Fulfillment.refused, "recalled")
    with pytest.raises(Refused, match="illegal_move"):
        kept.hand_out(session, station.id, job.id, job.pickup_code or "", now)
    assert breaks(session, now) == []


def test_what_she_has_just_fetched_is_not_stopped(session: Session, part: ShopOrder, now: datetime) -> None:
    kept.sign_off(session, part.reference, now)
    assert stop_recalled(session, part.id, now) is False
    react(session, now)
    assert part.state is Fulfillment.delivered


def test_she_is_reminded_on_the_third_and_the_sixth_day_while_it_waits(
    session: Session, part: ShopOrder, now: datetime
) -> None:
    job = job_of(session, part)
    timers = session.scalars(
        select(OutboxRow.due_at).where(OutboxRow.kind == "delivery.pick_up_due").order_by(OutboxRow.due_at)
    ).all()
    assert timers == [now + timedelta(days=3), now + timedelta(days=6)]
    react(session, now + timedelta(days=3, seconds=-1))
    kept.remind(session, job.id, now + timedelta(days=3, seconds=-1))
    react(session, now + timedelta(days=3, seconds=-1))
    assert kinds(session).count("order.still_at_station") == 0
    for days, reminders in ((3, 1), (6, 2)):
        then = now + timedelta(days=days)
        react(session, then)
        kept.remind(session, job.id, then)  # a message may come twice
        react(session, then)
        assert kinds(session).count("order.still_at_station") == reminders
    kept.sign_off(session, part.reference, now + timedelta(days=6))
    kept.remind(session, job.id, now + timedelta(days=7))
    assert told(session, "delivery.job_still_kept") == 2


def test_after_a_week_the_county_sees_it(session: Session, part: ShopOrder, now: datetime) -> None:
    week = timedelta(days=7)
    assert kept_too_long(session, "610924", now + week - timedelta(seconds=1)) == []
    assert [it.job_id for it in kept_too_long(session, "610924", now + week)] == [job_of(session, part).id]
    assert kept_too_long(session, "610728", now + week) == []


def test_news_that_she_has_it_may_overtake_the_news_that_it_waits(
    session: Session, courier: Courier, station: Station, now: datetime
) -> None:
    listing = a_listing(session, a_shop(session, now), now)
    part = a_paid_part(session, an_account(session, now), listing, station, now)
    left_at_station(session, courier, now)
    kept.sign_off(session, part.reference, now)
    for row in session.scalars(select(OutboxRow).order_by(OutboxRow.id.desc())).all():
        if row.kind in ("delivery.job_done", "delivery.job_kept"):
            for handler in HANDLERS[row.kind]:
                handler(session, row.payload, now)
    assert (part.state, part.order.state) == (Fulfillment.delivered, "completed")


def test_cash_is_not_taken_by_a_keeper(
    session: Session, courier: Courier, station: Station, now: datetime
) -> None:
    a_ready_job(
        session, now, place="station", station_id=station.id, station_consent_at=now, cash_due_fen=100_00
    )
    stop = a_run_underway(session, courier, now).stops[0]
    with pytest.raises(Refused, match="keeper_cash"):
        complete_stop(session, courier, stop.id, Left("服务站", 100_00, with_keeper=True), now)
    assert (stop.state, stop.jobs[0].state) == (StopState.pending, JobState.underway)
    complete_stop(session, courier, stop.id, Left("王秀英", 100_00), now)
    assert stop.jobs[0].state is JobState.done


def test_nobody_orders_for_cash_to_a_station(session: Session, station: Station, now: datetime) -> None:
    buyer = an_account(session, now)
    put(session, Owner(account_id=buyer.id), a_listing(session, a_shop(session, now), now).id, 1, now)
    choices = station_choices(session, buyer, station, now, PaymentMethod.cash)
    with pytest.raises(Refused, match="station_cash"):
        checkout(session, buyer, choices, "key", now)
    assert session.scalars(select(Order)).all() == []


@pytest.mark.parametrize(("said", "matches"), [("", None), ("wrong", False), ("right", True)])
def test_at_the_door_the_code_is_evidence_and_never_a_hurdle(
    session: Session, courier: Courier, now: datetime, said: str, matches: bool | None
) -> None:
    job = a_ready_job(session, now, skills=frozenset())
    stop = a_run_underway(session, courier, now).stops[0]
    code = f" {job.pickup_code}" if said == "right" else said
    complete_stop(session, courier, stop.id, Left("王秀英", 0, pickup_code=code), now)
    assert stop.proof is not None
    assert (stop.proof.code_matches, job.state) == (matches, JobState.done)


@pytest.mark.race
def test_a_code_and_a_way_back_at_once_give_one_end(fresh_engine: Engine, now: datetime) -> None:
    with Session(fresh_engine) as session, session.begin():
        courier, station = a_courier(session, now), a_station(session)
        a_ready_job(session, now, place="station", station_id=station.id, station_consent_at=now)
        left = left_at_station(session, courier, now)
        job_id, code, station_id = left.jobs[0].id, left.jobs[0].pickup_code or "", station.id

    def act(own: Session, number: int) -> object:
        if number:
            return kept.send_back(own, station_id, job_id, now)
        return kept.hand_out(own, station_id, job_id, code, now)

    assert at_once(fresh_engine, 2, act) == {"done": 1, "state.illegal_move": 1}
    with Session(fresh_engine) as session:
        assert told(session, "delivery.job_done") + told(session, "delivery.job_refused") == 1
