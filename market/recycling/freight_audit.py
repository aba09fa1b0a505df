"""Freight campaigns: their figures against their grants, and against the book."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.ledger.queries import balance
from market.ledger.rules import freight_due, freight_pot
from market.recycling.parcel_models import FreightCampaign, FreightGrant, FreightState, FreightUse


def freight_breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each campaign whose figures, grants, uses and book disagree."""
    for campaign in session.scalars(select(FreightCampaign).order_by(FreightCampaign.id)):
        told = (campaign.held_fen, campaign.committed_fen, campaign.paid_fen)
        granted = _granted(session, campaign)
        if told != granted:
            yield f"freight campaign {campaign.name}: figures {told}, grants {granted}"
        left_fen = campaign.budget_fen - campaign.committed_fen - campaign.paid_fen
        booked = (balance(session, freight_pot(campaign.id)), balance(session, freight_due(campaign.id)))
        if booked != (left_fen, campaign.committed_fen):
            expected = (left_fen, campaign.committed_fen)
            yield f"freight campaign {campaign.name}: book {booked}, figures {expected}"
        if _used(session, campaign) != _parcels(session, campaign):
            yield f"freight campaign {campaign.name}: what people used are not its parcels"


def _granted(session: Session, campaign: FreightCampaign) -> tuple[int, int, int]:
    rows = session.execute(
        select(FreightGrant.state, func.sum(FreightGrant.amount_fen))
        .where(FreightGrant.campaign_id == campaign.id)
        .group_by(FreightGrant.state)
    )
    by_state = Counter({state: int(fen) for state, fen in rows})
    return by_state[FreightState.held], by_state[FreightState.committed], by_state[FreightState.paid]


def _used(session: Session, campaign: FreightCampaign) -> int:
    uses = select(func.coalesce(func.sum(FreightUse.used), 0)).where(FreightUse.campaign_id == campaign.id)
    return int(session.scalar(uses) or 0)


def _parcels(session: Session, campaign: FreightCampaign) -> int:
    grants = select(func.count()).where(
        FreightGrant.campaign_id == campaign.id, FreightGrant.state != FreightState.released
    )
    return int(session.scalar(grants) or 0)
