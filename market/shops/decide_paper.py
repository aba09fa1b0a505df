"""The county looks at a shop's papers, and the clock lets them run out."""

import uuid
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.clock import at, local_date
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import emit
from market.notices.notify import notify
from market.shops.events import PaperExpires
from market.shops.history import SHOP, note
from market.shops.models import (
    ON_SHOW,
    PAPER_STATES,
    SHOP_STATES,
    PaperState,
    Shop,
    ShopPaper,
    ShopRole,
    ShopState,
)
from market.shops.papers import requirements
from market.shops.queries import shop_in_county, staff
from market.shops.submit_paper import lock_shop, paper_of, review_when_complete

DECISIONS = (PaperState.accepted, PaperState.rejected, PaperState.waived)


def decide_paper(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    shop_id: uuid.UUID,
    kind: str,
    to: PaperState,
    reason: str,
    now: datetime,
) -> ShopPaper:
    """Accept, reject or waive a paper; only to accept it needs no reason.

    Raises NotFound; Refused: ``shops.own_review`` by somebody of the shop, ``shops.reason_missing`` (field
    reason), ``shops.paper_day`` where it has run out meanwhile, ``state.illegal_move``.
    """
    shop = reviewed_shop(session, county_code, operator_id, shop_id)
    if kind not in requirements() or to not in DECISIONS:
        raise NotFound
    if to is not PaperState.accepted and not reason.strip():
        raise Refused("shops.reason_missing", field="reason")
    paper = paper_of(session, shop_id, kind)
    if to is PaperState.accepted and paper.valid_to and paper.valid_to < local_date(now):
        raise Refused("shops.paper_day", field="to")
    PAPER_STATES.move(paper, to)
    paper.reason = reason.strip() or None
    paper.decided_by_id, paper.decided_at = operator_id, now
    session.flush()
    note(session, shop_id, kind, to, paper.reason or "", operator_id, now)
    if to is PaperState.accepted and paper.valid_to:
        over_at = at(paper.valid_to + timedelta(days=1), time())
        key = f"paper_expires:{paper.id}:{paper.valid_to}"
        emit(session, PaperExpires(paper.id), now, due_at=over_at, dedupe_key=key)
    if to is PaperState.rejected:
        tell_owners(session, shop, "shops.paper_rejected", {"paper": kind, "reason": paper.reason}, now)
        _stop_without(session, shop, kind, "没有通过核查", operator_id, now)
    review_when_complete(session, shop, operator_id, now)
    return paper


def reviewed_shop(session: Session, county_code: str, operator_id: uuid.UUID, shop_id: uuid.UUID) -> Shop:
    """The county's shop, locked, for an operator who does not work there. Raises as `decide_paper`."""
    shop = shop_in_county(session, county_code, shop_id, lock=True)
    if shop is None:
        raise NotFound
    if operator_id in {member.account_id for member in staff(session, shop_id)}:
        raise Refused("shops.own_review")
    return shop


def expire_paper(session: Session, paper_id: uuid.UUID, now: datetime) -> None:
    """A paper whose last day is over counts no more; where none may sell without it, the shop stops.

    Harmless before that day, after a renewal, and the second time.
    """
    paper = session.get_one(ShopPaper, paper_id)
    shop = lock_shop(session, paper.shop_id)
    session.refresh(paper)
    over = paper.valid_to is not None and paper.valid_to < local_date(now)
    if paper.state is not PaperState.accepted or not over:
        return
    PAPER_STATES.move(paper, PaperState.expired)
    session.flush()
    note(session, shop.id, paper.kind, PaperState.expired, "", None, now)
    tell_owners(session, shop, "shops.paper_expired", {"paper": paper.kind}, now)
    _stop_without(session, shop, paper.kind, "已过期", None, now)


def _stop_without(
    session: Session, shop: Shop, kind: str, why: str, by_id: uuid.UUID | None, now: datetime
) -> None:
    """A shop that sells stops where it may not sell without this paper."""
    requirement = requirements().get(kind)
    if requirement and requirement.suspends and shop.state in ON_SHOW:
        SHOP_STATES.move(shop, ShopState.suspended)
        shop.state_reason, shop.state_since = f"{requirement.name_zh}{why}", now
        shop.holiday_from = shop.holiday_until = shop.holiday_words = None
        session.flush()
        note(session, shop.id, SHOP, ShopState.suspended, shop.state_reason, by_id, now)


def tell_owners(session: Session, shop: Shop, kind: str, params: dict[str, object], now: datetime) -> None:
    """Tell everybody who owns the shop."""
    for member in staff(session, shop.id):
        if member.role is ShopRole.owner:
            notify(session, member.account_id, kind, params | {"shop": shop.name}, now, f"shop:{shop.id}")


def waiting(session: Session, county_code: str) -> int:
    """How many of the county's shops have a paper that nobody has looked at."""
    of = (
        select(Shop.id)
        .join(ShopPaper)
        .where(Shop.county_code == county_code, ShopPaper.state == PaperState.submitted)
    )
    return len(session.scalars(of.distinct()).all())
