"""Empty a point: what is there goes on jobs, each with its manifest and its recycler."""

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.collection.models import CollectionPoint, PointItem, Transfer
from market.collection.rules import COLLECT_WITHIN_DAYS, Piece, jobs_for
from market.collection.states import (
    ITEM_STATES,
    ItemState,
    PointState,
    TransferState,
    Why,
)
from market.collection.take_room import is_nearly_full, lock
from market.delivery.jobs import JobRequest, create_job, mark_at_hub
from market.delivery.models import COUNTY
from market.kernel.clock import local_date
from market.kernel.ids import new_id
from market.notices.notify import notify
from market.people.models import CountyStaff
from market.recycling.codes import new_code
from market.recycling.models import Recycler
from market.recycling.queries import recycler_for

JOB = "hand_on"  # the job that carries a transfer is ``hand_on:`` and its id
LOADING_SECONDS = 120  # for each thing; an estimate


def plan_emptying(session: Session, point_id: uuid.UUID, why: Why, now: datetime) -> list[Transfer]:
    """Put everything that is held at a point, and on no transfer yet, on jobs that wait for the next batch.

    What nobody is licensed to take stays where it is. Safe to repeat.
    """
    point = lock(session, point_id)
    held = session.scalars(
        select(PointItem)
        .where(PointItem.point_id == point_id, PointItem.state == ItemState.held)
        .order_by(PointItem.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    made = []
    for recycler, items in _by_recycler(session, point, held, now):
        known = {str(item.id): item for item in items}
        pieces = [Piece(key, item.weight_grams, item.volume_cm3) for key, item in known.items()]
        for job in jobs_for(pieces):
            made.append(_hand_on(session, point, recycler, [known[it.key] for it in job], why, now))
    session.flush()
    return made


def empty_nearly_full(session: Session, point_id: uuid.UUID, now: datetime) -> None:
    """The alarm: tell the county once, and ask for the truck. Nothing where it is no longer nearly full."""
    point = lock(session, point_id)
    if not is_nearly_full(point) or point.alarmed_at is None:
        return
    once = f"{point.id}:{point.alarmed_at.isoformat()}"
    tell_county(session, point, "collection.nearly_full", once, now)
    plan_emptying(session, point_id, Why.nearly_full, now)


def empty_waiting(session: Session, recycler_id: uuid.UUID, now: datetime) -> None:
    """A recycler may work: points that could not be emptied for want of one are."""
    county_code = session.get_one(Recycler, recycler_id).county_code
    waiting = select(CollectionPoint).where(
        CollectionPoint.county_code == county_code,
        (CollectionPoint.state == PointState.closing) | CollectionPoint.alarmed_at.is_not(None),
    )
    for point in session.scalars(waiting.order_by(CollectionPoint.id)).all():
        why = Why.closing if point.state is PointState.closing else Why.nearly_full
        plan_emptying(session, point.id, why, now)


def tell_county(session: Session, point: CollectionPoint, kind: str, once: str, now: datetime) -> None:
    """A notice about a point to everybody who works for its county, once for each `once`."""
    staff = select(CountyStaff.account_id).where(CountyStaff.county_code == point.county_code)
    params = {"point": point.name}
    for account_id in session.scalars(staff.order_by(CountyStaff.account_id)):
        notify(session, account_id, kind, params, now, dedupe_key=f"{kind}:{once}:{account_id}")


def _by_recycler(
    session: Session, point: CollectionPoint, held: Sequence[PointItem], now: datetime
) -> list[tuple[Recycler, list[PointItem]]]:
    """The held things, by who takes their kind."""
    today = local_date(now)
    taker = {
        kind: recycler_for(session, point.county_code, kind, today) for kind in {item.kind for item in held}
    }
    groups: dict[uuid.UUID, tuple[Recycler, list[PointItem]]] = {}
    for item in held:
        recycler = taker[item.kind]
        if recycler is not None:
            groups.setdefault(recycler.id, (recycler, []))[1].append(item)
    return list(groups.values())


def _hand_on(
    session: Session,
    point: CollectionPoint,
    recycler: Recycler,
    items: Sequence[PointItem],
    why: Why,
    now: datetime,
) -> Transfer:
    made = Transfer(
        id=new_id(),
        number=new_code("Y"),
        point_id=point.id,
        recycler_id=recycler.id,
        state=TransferState.planned,
        why=why,
        units=len(items),
        weight_grams=sum(item.weight_grams for item in items),
        volume_cm3=sum(item.volume_cm3 for item in items),
        planned_at=now,
    )
    session.add(made)
    session.flush()
    for item in items:
        item.transfer_id = made.id
        ITEM_STATES.move(item, ItemState.awaiting_truck)
    session.flush()
    job = create_job(session, _request(point, made, items, now), now)
    mark_at_hub(session, job.reference, now)  # nothing has to come to the hub first
    return made


def _request(point: CollectionPoint, made: Transfer, items: Sequence[PointItem], now: datetime) -> JobRequest:
    """Fetch a transfer from its point to the hub, where recyclers take over what was collected."""
    return JobRequest(
        county_code=point.county_code,
        kind="collect",
        reference=f"{JOB}:{made.id}",
        order_number=made.number,
        party=COUNTY,
        place="door",
        station_id=None,
        station_consent_at=None,
        position=point.position,
        address_text=f"{point.address}（{point.name}）",
        recipient_name=point.operator_name,
        recipient_phone=point.phone,
        weight_grams=made.weight_grams,
        volume_cm3=made.volume_cm3,
        longest_side_mm=max(item.longest_side_mm for item in items),
        people=max(item.people for item in items),
        skills=frozenset(),
        service_seconds=LOADING_SECONDS * len(items),
        promised_on=local_date(now) + timedelta(days=COLLECT_WITHIN_DAYS),
        cash_due_fen=0,
        items=tuple(sorted(Counter(item.kind for item in items).items())),
    )
