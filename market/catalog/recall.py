"""Out of the green zone while a product is called back, and in again, by the rule, once that is over.

`market.recalls` calls this when it publishes and closes a recall; `lift_recall` is for one from before.
"""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.catalog.evidence import ProductRecall
from market.catalog.queries import product_in_county
from market.catalog.recalled import scopes_of
from market.catalog.zone import locked_product, open_recall, reconsider
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id


def leave_zone(
    session: Session, product_id: uuid.UUID, reason: str, by: uuid.UUID, now: datetime
) -> ProductRecall:
    """The product is called back: it is out of the zone from now on. The same one where it was before."""
    locked_product(session, product_id)
    known = open_recall(session, product_id)
    if known is not None:
        return known
    found = ProductRecall(
        id=new_id(), product_id=product_id, reason=reason.strip(), opened_by=by, opened_at=now
    )
    session.add(found)
    reconsider(session, product_id, now)
    return found


def may_return(session: Session, product_id: uuid.UUID, reason: str, by: uuid.UUID, now: datetime) -> None:
    """A recall of the product is over: with no other one open, the zone's rule decides anew."""
    locked_product(session, product_id)
    found = open_recall(session, product_id)
    if found is None or scopes_of(session, product_id):
        return
    found.lift_reason, found.lifted_by, found.lifted_at = reason.strip(), by, now
    reconsider(session, product_id, now)


def lift_recall(
    session: Session, county_code: str, product_id: uuid.UUID, reason: str, by: uuid.UUID, now: datetime
) -> ProductRecall:
    """Lift a recall of the product that nothing but this row says: the zone's rule decides anew.

    Raises NotFound; Refused(``catalog.reason_missing``, field reason | ``catalog.not_recalled`` |
    ``catalog.recall_runs``).
    """
    if product_in_county(session, county_code, product_id) is None:
        raise NotFound
    if not reason.strip():
        raise Refused("catalog.reason_missing", field="reason")
    locked_product(session, product_id)
    found = open_recall(session, product_id)
    if found is None:
        raise Refused("catalog.not_recalled")
    if scopes_of(session, product_id):
        raise Refused("catalog.recall_runs")
    found.lift_reason, found.lifted_by, found.lifted_at = reason.strip(), by, now
    reconsider(session, product_id, now)
    return found
