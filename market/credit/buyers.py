"""Buyers' credit: kept promises at the door and at the station, and the services that they open.

It never touches a price, and knows neither subsidy claims nor what anybody recycled (PIPL art. 24).
Whoever switches it off is served as everybody was before there was any credit.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.credit.appeal_models import BuyerCreditChoice
from market.credit.effects import NEW, effects
from market.credit.models import Rating, SubjectKind
from market.credit.record_event import record_event
from market.kernel.together import Together

_BUYER = bindparam("account_id", type_=Uuid())
SERVICES = (
    select(BuyerCreditChoice.is_off).where(BuyerCreditChoice.account_id == _BUYER),
    select(Rating).where(Rating.subject_kind == SubjectKind.buyer, Rating.subject_id == _BUYER),
)
"""What `services_of` takes, for `kernel.together`."""
_SERVICES = Together(*SERVICES)


def choose(session: Session, account_id: uuid.UUID, is_off: bool, now: datetime) -> None:
    """Switch a buyer's credit off, or on again. Nothing is recorded of the time in between."""
    chosen = {"is_off": is_off, "changed_at": now}
    session.execute(
        insert(BuyerCreditChoice)
        .values(account_id=account_id, **chosen)
        .on_conflict_do_update(index_elements=["account_id"], set_=chosen)
    )
    session.flush()


def is_off(session: Session, account_id: uuid.UUID) -> bool:
    """Whether she wants no credit kept of her."""
    chosen = session.get(BuyerCreditChoice, account_id, populate_existing=True)
    return chosen is not None and chosen.is_off


def record_of_buyer(
    session: Session, account_id: uuid.UUID, kind: str, reference: str, now: datetime
) -> None:
    """Record a fact about a buyer who has not switched her credit off. Raises as `record_event`."""
    if not is_off(session, account_id):
        record_event(session, SubjectKind.buyer, account_id, kind, reference, now)


def has_services(session: Session, account_id: uuid.UUID) -> bool:
    """Whether a buyer has the services that credit opens."""
    return services_of(*_SERVICES.read(session, account_id=account_id))


def services_of(off: Sequence[bool], ratings: Sequence[Rating]) -> bool:
    """As `has_services`, of the rows of `SERVICES`."""
    if any(off):
        return False
    letter = ratings[0].letter if ratings else None
    return effects().buyer_services[letter or NEW]
