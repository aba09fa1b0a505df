"""Call a product back, and lift the recall: it is out of the green zone as long as it is open."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.catalog.evidence import ProductRecall
from market.catalog.queries import product_in_county
from market.catalog.zone import locked_product, open_recall, reconsider
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id


def recall(
    session: Session, county_code: str, product_id: uuid.UUID, reason: str, by: uuid.UUID, now: datetime
) -> ProductRecall:
    """Call a product back that the county's shops sell.

    Raises NotFound; Refused: ``catalog.reason_missing`` (field reason), ``catalog.recalled_already``.
    """
    if product_in_county(session, county_code, product_id) is None:
        raise NotFound
    if not reason.strip():
        raise Refused("catalog.reason_missing", field="reason")
    locked_product(session, product_id)
    if open_recall(session, product_id) is not None:
        raise Refused("catalog.recalled_already")
    found = ProductRecall(
        id=new_id(), product_id=product_id, reason=reason.strip(), opened_by=by, opened_at=now
    )
    session.add(found)
    reconsider(session, product_id, now)
    return found


def lift_recall(
    session: Session, county_code: str, product_id: uuid.UUID, reason: str, by: uuid.UUID, now: datetime
) -> ProductRecall:
    """Lift the product's recall: the zone's rule decides anew.

    Raises NotFound; Refused(``catalog.reason_missing``, field reason | ``catalog.not_recalled``).
    """
    if product_in_county(session, county_code, product_id) is None:
        raise NotFound
    if not reason.strip():
        raise Refused("catalog.reason_missing", field="reason")
    locked_product(session, product_id)
    found = open_recall(session, product_id)
    if found is None:
        raise Refused("catalog.not_recalled")
    found.lift_reason, found.lifted_by, found.lifted_at = reason.strip(), by, now
    reconsider(session, product_id, now)
    return found
