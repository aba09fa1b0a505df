"""Freight out of a dated, capped campaign: held with the label, committed on the way, paid with the bill."""

import uuid
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.ledger.post import hold as ledger_hold
from market.ledger.post import post_hold, void_hold
from market.ledger.rules import credit, debit, freight_due, freight_pot
from market.recycling.models import RecyclingOrder
from market.recycling.parcel_models import (
    FREIGHT_STATES,
    FreightCampaign,
    FreightGrant,
    FreightState,
    FreightUse,
)
from market.recycling.queries import IN_FORCE


def hold(session: Session, order: RecyclingOrder, amount_fen: int, now: datetime) -> bool:
    """Promise the freight of `order` out of a campaign of its county. False where none has it.

    Of several the one that ends first pays. The campaign's row is changed last: whoever else wants a part
    of it waits from there to the commit.
    """
    for campaign in in_force(session, order.county_code, now):
        if not _use(session, campaign, order.account_id):
            continue
        if _take(session, campaign.id, amount_fen):
            _grant(session, campaign.id, order, amount_fen, now)
            return True
        _give_use_back(session, campaign.id, order.account_id)
    return False


def commit(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """The carrier has the parcel: its freight is owed. Nothing happens without a grant, or twice."""
    grant = _locked(session, order_id)
    if grant is None or grant.state is not FreightState.held:
        return
    FREIGHT_STATES.move(grant, FreightState.committed)
    session.flush()
    post_hold(session, _key(order_id), now)
    move_campaign(session, grant.campaign_id, held_fen=-grant.amount_fen, committed_fen=grant.amount_fen)


def release(session: Session, order_id: uuid.UUID, now: datetime) -> None:
    """The label will not be used: money and place go back. Nothing happens without a grant, or twice."""
    grant = _locked(session, order_id)
    if grant is None or grant.state is not FreightState.held:
        return
    FREIGHT_STATES.move(grant, FreightState.released)
    session.flush()
    void_hold(session, _key(order_id), now)
    _give_use_back(session, grant.campaign_id, grant.account_id)
    move_campaign(session, grant.campaign_id, held_fen=-grant.amount_fen)


def in_force(session: Session, county_code: str, now: datetime) -> list[FreightCampaign]:
    """The county's campaigns at `now`, the one that ends first at the head."""
    return list(session.scalars(IN_FORCE, {"county_code": county_code, "now": now}))


def grant_of(session: Session, order_id: uuid.UUID) -> FreightGrant | None:
    """What a campaign pays for the order's parcel; None where the recycler pays."""
    found = session.get(FreightGrant, order_id)
    return None if found is None or found.state is FreightState.released else found


def move_campaign(
    session: Session,
    campaign_id: uuid.UUID,
    *,
    held_fen: int = 0,
    committed_fen: int = 0,
    paid_fen: int = 0,
) -> None:
    """Add so many fen (less, where negative) to a campaign's figures; its CHECKs stand behind."""
    own = FreightCampaign
    session.execute(
        update(own)
        .where(own.id == campaign_id)
        .values(
            held_fen=own.held_fen + held_fen,
            committed_fen=own.committed_fen + committed_fen,
            paid_fen=own.paid_fen + paid_fen,
        )
        .execution_options(synchronize_session="fetch")
    )


def _use(session: Session, campaign: FreightCampaign, account_id: uuid.UUID) -> bool:
    """One more of the person's parcels, where the cap lets it."""
    used = session.scalar(
        insert(FreightUse)
        .values(campaign_id=campaign.id, account_id=account_id, used=1, most=campaign.per_person)
        .on_conflict_do_update(
            index_elements=["campaign_id", "account_id"],
            set_={"used": FreightUse.used + 1},
            where=FreightUse.used < FreightUse.most,
        )
        .returning(FreightUse.used)
    )
    return used is not None


def _give_use_back(session: Session, campaign_id: uuid.UUID, account_id: uuid.UUID) -> None:
    session.execute(
        update(FreightUse)
        .where(FreightUse.campaign_id == campaign_id, FreightUse.account_id == account_id)
        .values(used=FreightUse.used - 1)
    )


def _take(session: Session, campaign_id: uuid.UUID, amount_fen: int) -> bool:
    own = FreightCampaign
    taken = session.scalar(
        update(own)
        .where(
            own.id == campaign_id,
            own.held_fen + own.committed_fen + own.paid_fen + amount_fen <= own.budget_fen,
        )
        .values(held_fen=own.held_fen + amount_fen)
        .returning(own.id)
        .execution_options(synchronize_session="fetch")
    )
    return taken is not None


def _grant(
    session: Session, campaign_id: uuid.UUID, order: RecyclingOrder, amount_fen: int, now: datetime
) -> None:
    session.add(
        FreightGrant(
            order_id=order.id,
            campaign_id=campaign_id,
            account_id=order.account_id,
            amount_fen=amount_fen,
            state=FreightState.held,
            created_at=now,
        )
    )
    session.flush()
    lines = [debit(freight_pot(campaign_id), amount_fen), credit(freight_due(campaign_id), amount_fen)]
    ledger_hold(session, "freight.parcel", f"recycling:{order.id}", _key(order.id), lines, now)


def _locked(session: Session, order_id: uuid.UUID) -> FreightGrant | None:
    return session.get(FreightGrant, order_id, with_for_update=True, populate_existing=True)


def _key(order_id: uuid.UUID) -> str:
    return f"freight:{order_id}"
