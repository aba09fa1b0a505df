"""Coupons by lot: register, then a draw that anybody can repeat.

The seed's hash is published when a round opens and the seed when it is drawn: nobody can choose it once
the tickets are known. Tickets are known by their number alone.
"""

import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.kernel.outbox import emit
from market.kernel.seal import Seal, hashed
from market.people.models import Account
from market.subsidies import coupons, queries
from market.subsidies.coupon_models import ROUND_STATES, LotteryRound, LotteryTicket, RoundState
from market.subsidies.events import RoundCloses
from market.subsidies.models import ProgrammeRow
from market.subsidies.schema import Issue

SEAL_PURPOSE = "lottery"


def winners(seed: str, numbers: Iterable[int], places: int) -> list[int]:
    """The numbers that win: those with the smallest SHA-256 of ``seed:number``, in that order."""
    return sorted(numbers, key=lambda number: hashed(f"{seed}:{number}"))[:places]


def open_round(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    programme_id: str,
    category: str,
    places: int,
    closes_at: datetime,
    seal: Seal,
    now: datetime,
) -> LotteryRound:
    """Open a round from now to `closes_at` for so many of the pool's places.

    Raises NotFound; Refused(``lottery.not_by_lot`` | ``lottery.closes``, field closes_on |
    ``subsidy.coupons_gone``).
    """
    row = queries.county_programme(session, county_code, programme_id)
    terms = queries.parsed(row).coupons
    if terms is None or terms.issue is not Issue.lottery:
        raise Refused("lottery.not_by_lot")
    if closes_at <= now:
        raise Refused("lottery.closes", field="closes_on")
    coupons.take_from_pool(session, programme_id, county_code, category, places)
    seed = secrets.token_hex(32)
    found = LotteryRound(
        id=new_id(),
        programme_id=programme_id,
        county_code=county_code,
        category=category,
        opens_at=now,
        closes_at=closes_at,
        places=places,
        tickets=0,
        seed_hash=hashed(seed),
        sealed_seed=seal.close(seed),
        state=RoundState.open,
        opened_by=operator_id,
    )
    session.add(found)
    session.flush()
    emit(session, RoundCloses(found.id), now, due_at=closes_at, dedupe_key=f"round:{found.id}")
    return found


def register(
    session: Session, account: Account, county_code: str, round_id: uuid.UUID, now: datetime
) -> LotteryTicket:
    """The person's ticket in the round; registered again she has the same one.

    Raises NotFound; Refused(``lottery.over`` | ``subsidy.name_first`` | ``subsidy.quota_used``).
    """
    found = session.scalar(
        select(LotteryRound)
        .where(LotteryRound.id == round_id, LotteryRound.county_code == county_code)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    mine = session.get(LotteryTicket, (round_id, account.id))
    if mine is not None:
        return mine
    if found.state is not RoundState.open or now >= found.closes_at:
        raise Refused("lottery.over")
    programme = queries.parsed(session.get_one(ProgrammeRow, found.programme_id))
    coupons.require_name(session, programme, account)
    coupons.require_quota(session, programme, account.id, found.category, now)
    found.tickets += 1
    ticket = LotteryTicket(round_id=round_id, account_id=account.id, number=found.tickets)
    session.add(ticket)
    session.flush()
    return ticket


def draw(session: Session, round_id: uuid.UUID, seal: Seal, now: datetime) -> None:
    """Registration is over: reveal the seed, give the winners their coupons and the rest back. Once."""
    found = session.get_one(LotteryRound, round_id, with_for_update=True, populate_existing=True)
    if found.state is not RoundState.open or now < found.closes_at:
        return
    seed = seal.open(found.sealed_seed)
    tickets = session.scalars(select(LotteryTicket).where(LotteryTicket.round_id == round_id)).all()
    drawn = set(winners(seed, [ticket.number for ticket in tickets], found.places))
    found.seed = seed
    ROUND_STATES.move(found, RoundState.drawn)
    given = 0
    for ticket in sorted(tickets, key=lambda ticket: ticket.account_id):
        ticket.won = ticket.number in drawn
        given += ticket.won and _give(session, found, ticket.account_id, now)
    coupons.give_to_pool(session, found.programme_id, found.county_code, found.category, found.places - given)
    session.flush()


def _give(session: Session, found: LotteryRound, account_id: uuid.UUID, now: datetime) -> bool:
    """A winner's coupon; False where she has one from elsewhere by now."""
    terms = queries.parsed(session.get_one(ProgrammeRow, found.programme_id)).coupons
    held = coupons.live(session, account_id, found.programme_id, found.category, now)
    if terms is None or held is not None:
        return False
    coupons.issue(
        session, found.programme_id, found.county_code, found.category, account_id, terms, now, found.id
    )
    return True


def rounds(session: Session, county_code: str, limit: int = 20) -> list[LotteryRound]:
    """The county's rounds, the latest first."""
    return list(
        session.scalars(
            select(LotteryRound)
            .where(LotteryRound.county_code == county_code)
            .order_by(LotteryRound.closes_at.desc())
            .limit(limit)
        )
    )


ROUNDS_WITH_TICKETS = (
    select(LotteryRound, LotteryTicket)
    .outerjoin(
        LotteryTicket,
        and_(LotteryTicket.round_id == LotteryRound.id, LotteryTicket.account_id == bindparam("account_id")),
    )
    .where(LotteryRound.county_code == bindparam("county_code"))
    .order_by(LotteryRound.closes_at.desc())
    .limit(20)
)
"""The county's rounds, the latest first, each with the person's ticket; for `kernel.together`."""


def winning_numbers(session: Session, round_id: uuid.UUID) -> list[int]:
    """The drawn numbers of a round."""
    return list(
        session.scalars(
            select(LotteryTicket.number)
            .where(LotteryTicket.round_id == round_id, LotteryTicket.won.is_(True))
            .order_by(LotteryTicket.number)
        )
    )
