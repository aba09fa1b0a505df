"""Recalls for tests."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.catalog.recall_rule import Scope, ScopeKind
from market.kernel.seal import Seal
from market.recalls.declare import Declaration, confirm, declare, investigate
from market.recalls.models import Recall
from market.recalls.publish import publish
from market.recalls.states import Remedy
from tests.builders.people import an_operator

COUNTY = "610924"
SEAL = Seal(["tests-only-secret-key-of-40-characters-00"], "real_name")
MODEL = Scope(ScopeKind.model)


def a_declaration(**changes: Any) -> Declaration:
    """What an operator writes of a washer that may catch fire."""
    fields: dict[str, Any] = {
        "scope": MODEL,
        "maker": "禾润电器公司",
        "hazard": "电源线过热，可能起火",
        "advice": "请马上拔掉插头，不要再用",
        "remedies": tuple(Remedy),
        "source": "县市场监管局转来的缺陷通报",
    }
    return Declaration(**{**fields, **changes})


def a_confirmed_recall(
    session: Session, listing: Listing, now: datetime, scope: Scope = MODEL, **changes: Any
) -> Recall:
    """Declared, looked into and confirmed by one operator."""
    by = an_operator(session, now, listing.shop.county_code).id
    what = a_declaration(scope=scope, **changes)
    recall = declare(session, listing.shop.county_code, listing.product_id, what, by, now)
    investigate(session, recall.county_code, recall.id, "抽检", by, now)
    return confirm(session, recall.county_code, recall.id, "属实", by, now)


def a_published_recall(
    session: Session, listing: Listing, now: datetime, scope: Scope = MODEL, **changes: Any
) -> Recall:
    """A confirmed one that another operator has published; nothing has followed from it yet."""
    recall = a_confirmed_recall(session, listing, now, scope, **changes)
    by = an_operator(session, now, recall.county_code).id
    return publish(session, recall.county_code, recall.id, by, now)
