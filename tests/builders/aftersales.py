"""Returns and repairs for tests: what was delivered, wishes and troubles, and the truck's news."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import audit
from market.aftersales.models import Fault, Found, ReturnRequest, Way
from market.aftersales.request_repair import Trouble
from market.aftersales.request_return import Wish, request_return
from market.aftersales.rules import Ground, Remedy
from market.aftersales.take_in_return import Seen
from market.catalog.models import Listing
from market.delivery.models import Courier, Job, JobState
from market.orders.models import Order, OrderLine
from market.people.models import Account
from tests.builders.claims import a_sold_washer, a_washer
from tests.builders.life import react
from tests.builders.recycling import a_photo
from tests.builders.subsidies import a_checked_name
from worker.handlers import HANDLERS


def a_delivered_washer(
    session: Session, buyer: Account, now: datetime, washer: Listing | None = None
) -> Order:
    return a_sold_washer(session, now, washer or a_washer(session, now), a_checked_name(session, buyer, now))


def a_wish(**changes: Any) -> Wish:
    """One piece back without a reason, for money, fetched by the courier."""
    fields = {
        "ground": Ground.no_reason,
        "remedy": Remedy.refund,
        "quantity": 1,
        "words": "",
        "way": Way.pickup,
    }
    return Wish(**{**fields, **changes})


def a_faulty_wish(**changes: Any) -> Wish:
    return a_wish(**{"ground": Ground.fault, "words": "不脱水", **changes})


def a_damaged_wish(**changes: Any) -> Wish:
    return a_wish(**{"ground": Ground.damaged, "words": "外壳裂了", "photos": [a_photo()], **changes})


def a_trouble(**changes: Any) -> Trouble:
    return Trouble(**{"fault": Fault.no_work, "words": "不脱水", "way": Way.pickup, **changes})


def as_told(**changes: Any) -> Seen:
    return Seen(**{"found": Found.as_told, "sellable": 1, **changes})


def asked(session: Session, line: OrderLine, now: datetime, **changes: Any) -> ReturnRequest:
    """The buyer's return of one piece."""
    return request_return(session, line.shop_order.order.account_id, line.id, a_wish(**changes), now)


def job(session: Session, reference: str) -> Job:
    found = select(Job).where(Job.reference == reference).execution_options(populate_existing=True)
    return session.scalars(found).one()


def driven(session: Session, reference: str, now: datetime) -> None:
    """The courier has done the job of `reference`, as the worker hears of it."""
    courier = session.scalars(select(Courier)).first()
    assert courier is not None
    found = job(session, reference)
    found.state = JobState.done
    session.flush()
    news = {
        "job_id": str(found.id),
        "reference": reference,
        "courier_id": str(courier.id),
        "done_at": now.isoformat(),
    }
    for _twice in range(2):
        for handle in HANDLERS["delivery.job_done"]:
            handle(session, news, now)
    react(session, now)
    session.expire_all()


def not_taken(session: Session, reference: str, now: datetime) -> None:
    """The recipient did not take it."""
    found = job(session, reference)
    found.state = JobState.refused
    session.flush()
    for handle in HANDLERS["delivery.job_refused"]:
        handle(session, {"job_id": str(found.id), "reference": reference}, now)
    session.expire_all()


def breaks(session: Session, now: datetime) -> list[str]:
    """What the audit finds in the books; timers that a test lets lie are not its subject."""
    session.flush()
    session.expire_all()
    return [f"{found.book}: {found.detail}" for found in audit.run(session, now) if found.book != "outbox"]
