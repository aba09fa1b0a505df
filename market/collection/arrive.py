"""A transfer arrives: the recycler counts, weighs and signs. A difference is the county's to find out."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.collection.empty import JOB, tell_county
from market.collection.models import CollectionPoint, Transfer
from market.collection.rules import differs
from market.collection.states import TRANSFER_STATES, TransferState
from market.collection.transfers import codes_on
from market.kernel.errors import NotFound, Refused
from market.recycling.carried import lock_labelled, sign_on
from market.recycling.custody import recycler as staff
from market.recycling.held import party_of
from market.recycling.models import Recycler

WORDS_CHARS = range(4, 301)


def sign_transfer(
    session: Session,
    recycler: Recycler,
    staff_id: uuid.UUID,
    transfer_id: uuid.UUID,
    units: int,
    weight_grams: int,
    now: datetime,
) -> Transfer:
    """`recycler` has a collected transfer: so many things, so heavy together. Signed before: unchanged.

    What has an order of its own is the recycler's from now on by custody, where nothing is missing; it still
    takes in each by its own seal and weight. Raises NotFound for another's; Refused ``collection.counted``
    (field units), ``recycling.weight`` (field weight_grams), ``state.illegal_move`` before it was collected.
    """
    orders = lock_labelled(session, codes_on(session, f"{JOB}:{transfer_id}"))
    found = session.get(Transfer, transfer_id, with_for_update=True, populate_existing=True)
    if found is None or found.recycler_id != recycler.id:
        raise NotFound
    if found.state is TransferState.signed:
        return found
    if units < 0 or (units == 0) != (weight_grams == 0):
        raise Refused("collection.counted", field="units")
    if weight_grams < 0:
        raise Refused("recycling.weight", field="weight_grams")
    TRANSFER_STATES.move(found, TransferState.signed)
    found.found_units, found.found_grams = units, weight_grams
    found.signed_by_id, found.signed_at = staff_id, now
    found.differs = differs((found.units, found.weight_grams), (units, weight_grams))
    for order in orders:
        order.recycler_id = recycler.id
        if units == found.units:
            sign_on(session, order, party_of(recycler), staff(staff_id), found.number, now)
    session.flush()
    if found.differs:
        tell_county(session, found.point, "collection.differs", str(found.id), now)
    return found


def explain(
    session: Session, county_code: str, transfer_id: uuid.UUID, words: str, by_id: uuid.UUID, now: datetime
) -> None:
    """The county says where a difference comes from; it stays in the records. The last words count.

    Raises NotFound for another county's, or where nothing differs; Refused(``collection.words``).
    """
    found = session.get(Transfer, transfer_id, with_for_update=True, populate_existing=True)
    if found is None or not found.differs or found.point.county_code != county_code:
        raise NotFound
    if len(words.strip()) not in WORDS_CHARS:
        raise Refused("collection.words", field="words")
    found.explained, found.explained_by_id, found.explained_at = words.strip(), by_id, now
    session.flush()


def differences(session: Session, county_code: str) -> Sequence[Transfer]:
    """The county's transfers that arrived otherwise than they left, those without an explanation first."""
    return session.scalars(
        select(Transfer)
        .join(CollectionPoint, CollectionPoint.id == Transfer.point_id)
        .where(CollectionPoint.county_code == county_code, Transfer.differs.is_(True))
        .order_by(Transfer.explained_at.is_not(None), Transfer.signed_at.desc())
        .limit(50)
    ).all()
