"""What the county does with freight campaigns: open one, and pay the carrier's bill out of it."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from market.kernel.clock import at, local_date
from market.kernel.errors import NotFound, Refused
from market.ledger.post import post
from market.ledger.rules import BANK, credit, debit, freight_due, freight_pledge, freight_pot
from market.recycling.freight import move_campaign
from market.recycling.parcel_models import FreightCampaign, FreightGrant, FreightState

NAME_CHARS = range(2, 41)
MOST_FEN = 10_000_000_00
MOST_PER_PERSON = 100
SLIP_CHARS = range(4, 41)


def open_campaign(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID | None,
    name: str,
    first_day: date,
    last_day: date,
    budget_fen: int,
    per_person: int,
    now: datetime,
) -> FreightCampaign:
    """The county pays freight from `first_day` to the end of `last_day`, `budget_fen` at most.

    Raises Refused: ``freight.name`` (field name), ``freight.days`` (field last_day), ``freight.amount``
    (field budget_fen), ``freight.per_person`` (field per_person).
    """
    if len(name.strip()) not in NAME_CHARS:
        raise Refused("freight.name", field="name")
    if last_day < max(first_day, local_date(now)):
        raise Refused("freight.days", field="last_day")
    if not 0 < budget_fen <= MOST_FEN:
        raise Refused("freight.amount", field="budget_fen")
    if not 0 < per_person <= MOST_PER_PERSON:
        raise Refused("freight.per_person", field="per_person")
    campaign = FreightCampaign(
        county_code=county_code,
        name=name.strip(),
        valid_from=at(first_day, time()),
        valid_to=at(last_day + timedelta(days=1), time()),
        per_person=per_person,
        budget_fen=budget_fen,
        opened_by_id=operator_id,
        created_at=now,
    )
    session.add(campaign)
    session.flush()
    lines = [debit(freight_pledge(county_code), budget_fen), credit(freight_pot(campaign.id), budget_fen)]
    post(session, "freight.pledged", f"freight:{campaign.id}", f"freight_pledge:{campaign.id}", lines, now)
    return campaign


def pay_bill(
    session: Session, county_code: str, campaign_id: uuid.UUID, slip_number: str, now: datetime
) -> int:
    """The bank has paid the carrier what the campaign owes it; how many fen. The pledge is paid in with it.

    Raises NotFound for another county's; Refused ``cash.slip_number``, ``cash.slip_taken`` (field
    slip_number), ``freight.nothing_due``.
    """
    campaign = session.get(FreightCampaign, campaign_id, with_for_update=True, populate_existing=True)
    if campaign is None or campaign.county_code != county_code:
        raise NotFound
    slip = slip_number.strip()
    if len(slip) not in SLIP_CHARS:
        raise Refused("cash.slip_number", field="slip_number")
    due_fen = campaign.committed_fen
    if not due_fen:
        raise Refused("freight.nothing_due")
    lines = [debit(freight_due(campaign_id), due_fen), credit(BANK, due_fen)]
    key = f"freight_bill:{county_code}:{slip}"
    if not post(session, "freight.bill_paid", f"freight:{campaign_id}", key, lines, now):
        raise Refused("cash.slip_taken", field="slip_number")
    paid_in = [debit(BANK, due_fen), credit(freight_pledge(county_code), due_fen)]
    post(session, "freight.paid_in", f"freight:{campaign_id}", f"{key}:paid_in", paid_in, now)
    _mark_paid(session, campaign_id)
    move_campaign(session, campaign_id, committed_fen=-due_fen, paid_fen=due_fen)
    return due_fen


def campaigns(session: Session, county_code: str) -> Sequence[FreightCampaign]:
    """The county's campaigns, the newest first."""
    return session.scalars(
        select(FreightCampaign)
        .where(FreightCampaign.county_code == county_code)
        .order_by(FreightCampaign.valid_to.desc(), FreightCampaign.id.desc())
        .limit(50)
    ).all()


def parcels_of(session: Session, campaign_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many parcels each campaign pays or has paid."""
    rows = session.execute(
        select(FreightGrant.campaign_id, func.count())
        .where(FreightGrant.campaign_id.in_(campaign_ids), FreightGrant.state != FreightState.released)
        .group_by(FreightGrant.campaign_id)
    )
    return {row[0]: row[1] for row in rows}


def _mark_paid(session: Session, campaign_id: uuid.UUID) -> None:
    session.execute(
        update(FreightGrant)
        .where(FreightGrant.campaign_id == campaign_id, FreightGrant.state == FreightState.committed)
        .values(state=FreightState.paid)
    )
