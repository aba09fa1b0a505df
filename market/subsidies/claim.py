"""A claim's life: held with the order, committed when it is paid, delivered, or released; and its return."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.clock import local_date
from market.kernel.errors import Refused
from market.kernel.ids import new_id
from market.ledger.post import hold as ledger_hold
from market.ledger.post import post, post_hold, void_hold
from market.ledger.rules import UNEARNED, credit, debit, pot
from market.subsidies import coupons, rules
from market.subsidies.models import CLAIM_STATES, Claim, ClaimState, Evidence, Pot, ProgrammeRow, Quota
from market.subsidies.rules import ANY_CATEGORY, Decision
from market.subsidies.schema import RESTORES_QUOTA

# One row for the category, and one for all of them where the programme limits that: both or neither. A limit
# that a newer version of the programme has changed is the limit from now on.
_USE_QUOTA = text("""
WITH wanted AS (
  SELECT code, limits.category, limits.quota,
         CASE WHEN rules->>'period_reset' = 'calendar_year' THEN CAST(:year AS text) ELSE '' END AS period
    FROM programmes, LATERAL (VALUES
           (0, CAST(:category AS text), (rules->'categories'->CAST(:category AS text)->>'qty_limit')::bigint),
           (1, CAST(:any AS text), (rules->>'total_qty_limit')::bigint)) AS limits (turn, category, quota)
   WHERE programmes.id = :programme_id AND limits.quota IS NOT NULL
   ORDER BY limits.turn
), taken AS (
  INSERT INTO quotas AS mine (programme_code, period, account_id, category, used, quota)
  SELECT code, period, :account_id, category, :units, quota FROM wanted WHERE quota >= :units
      ON CONFLICT (programme_code, period, account_id, category)
      DO UPDATE SET used = mine.used + :units, quota = excluded.quota
      WHERE mine.used + :units <= excluded.quota
  RETURNING 1
)
SELECT (SELECT count(*) FROM taken) = count(*) AS got_all, min(period) FROM wanted
""")


def hold(
    session: Session,
    decision: Decision,
    county_code: str,
    account_id: uuid.UUID,
    category: str,
    reference: str,
    now: datetime,
) -> None:
    """Hold what `decision` grants for the order line `reference`.

    Raises Refused(``subsidy.pot_empty`` | ``subsidy.quota_used`` | ``subsidy.coupon_missing``) where it has
    gone since the quote; the caller rolls back.
    """
    programme_id = decision.programme_id
    if programme_id is None:
        return
    _take_from_pot(session, programme_id, county_code, decision.amount_fen)
    period = _use_quota(session, programme_id, account_id, category, decision.units, now)
    if decision.with_coupon:
        coupons.use(session, programme_id, account_id, category, reference, now)
    session.add(
        Claim(
            id=new_id(),
            reference=reference,
            programme_id=programme_id,
            county_code=county_code,
            account_id=account_id,
            category=category,
            period=period,
            units=decision.units,
            base_fen=decision.base_fen,
            deducted_fen=decision.deducted_fen,
            amount_fen=decision.amount_fen,
            state=ClaimState.held,
            created_at=now,
        )
    )
    lines = [
        debit(pot(programme_id, county_code), decision.amount_fen),
        credit(UNEARNED, decision.amount_fen),
    ]
    ledger_hold(session, "subsidy.claim", reference, _hold_key(reference), lines, now)
    session.flush()


def commit(session: Session, reference: str, now: datetime) -> None:
    """The order line is paid: its subsidy is spent. Nothing happens where there is no claim, or twice."""
    claim = _locked(session, reference)
    if claim is None or claim.state is not ClaimState.held:
        return
    CLAIM_STATES.move(claim, ClaimState.committed)
    _move_pot(session, claim, held=-claim.amount_fen, committed=claim.amount_fen)
    post_hold(session, _hold_key(reference), now)


def release(session: Session, reference: str, now: datetime) -> None:
    """The order line is undone: the money returns to the pot and the quota to the person. Once."""
    claim = _locked(session, reference)
    if claim is None or claim.state is ClaimState.released:
        return
    was = claim.state
    CLAIM_STATES.move(claim, ClaimState.released)
    if was is ClaimState.held:
        _move_pot(session, claim, held=-claim.amount_fen)
        void_hold(session, _hold_key(reference), now)
    else:
        _move_pot(session, claim, committed=-claim.amount_fen)
        source = pot(claim.programme_id, claim.county_code)
        lines = [debit(UNEARNED, claim.amount_fen), credit(source, claim.amount_fen)]
        post(session, "subsidy.released", reference, f"subsidy:release:{reference}", lines, now)
    _give_quota_back(session, claim, claim.units)
    coupons.give_back(session, reference, now)


def entitled_fen(session: Session, reference: str, grade: int | None, quantity: int, base_fen: int) -> int:
    """What the line's claim grants for `quantity` pieces of `base_fen` together: never more than it has.

    0 where the line has no claim.
    """
    claim = _locked(session, reference)
    if claim is None:
        return 0
    row = session.get_one(ProgrammeRow, claim.programme_id)
    programme = rules.read(row.id, row.valid_from, row.valid_to, row.rules)
    left = claim.amount_fen - claim.returned_fen
    base_fen -= claim.deducted_fen * base_fen // claim.base_fen
    return min(left, rules.entitlement(programme, claim.category, grade, quantity, claim.units, base_fen))


def give_back(session: Session, reference: str, amount_fen: int, key: str, now: datetime) -> None:
    """Delivered goods came back, or their price fell: `amount_fen` returns to the pot. Once per `key`.

    The whole claim ends it, and frees the person's quota where the programme says so (facts §1.3: the
    localities differ). Raises ValueError where the claim has less.
    """
    claim = _locked(session, reference)
    if claim is None or amount_fen == 0:
        return
    source = pot(claim.programme_id, claim.county_code)
    lines = [debit(UNEARNED, amount_fen), credit(source, amount_fen)]
    if not post(session, "subsidy.returned", reference, f"subsidy:return:{key}", lines, now):
        return
    if amount_fen > claim.amount_fen - claim.returned_fen:
        raise ValueError(f"the claim of {reference} has no {amount_fen} fen left")
    claim.returned_fen += amount_fen
    _move_pot(session, claim, committed=-amount_fen)
    if claim.returned_fen == claim.amount_fen:
        CLAIM_STATES.move(claim, ClaimState.returned)
        programme = session.get_one(ProgrammeRow, claim.programme_id)
        if programme.rules.get("refund", {}).get("full") == RESTORES_QUOTA:
            claim.returned_units = claim.units
            _give_quota_back(session, claim, claim.units)
            coupons.give_back(session, reference, now)
    session.flush()


def deliver(session: Session, reference: str, evidence: dict[str, dict[str, Any]], now: datetime) -> None:
    """The goods have arrived: keep what proves it (by kind). Nothing happens where there is no claim."""
    claim = _locked(session, reference)
    if claim is None:
        return
    for kind, value in evidence.items():
        session.execute(
            insert(Evidence)
            .values(claim_id=claim.id, kind=kind, value=value, recorded_at=now)
            .on_conflict_do_nothing()
        )
    if claim.state is ClaimState.committed:
        CLAIM_STATES.move(claim, ClaimState.delivered)


def _give_quota_back(session: Session, claim: Claim, units: int) -> None:
    code = select(ProgrammeRow.code).where(ProgrammeRow.id == claim.programme_id).scalar_subquery()
    session.execute(
        update(Quota)
        .where(
            Quota.programme_code == code,
            Quota.period == claim.period,
            Quota.account_id == claim.account_id,
            Quota.category.in_((claim.category, ANY_CATEGORY)),
        )
        .values(used=Quota.used - units)
    )


def _hold_key(reference: str) -> str:
    return f"subsidy:hold:{reference}"


def _locked(session: Session, reference: str) -> Claim | None:
    return session.scalar(select(Claim).where(Claim.reference == reference).with_for_update())


def _take_from_pot(session: Session, programme_id: str, county_code: str, amount_fen: int) -> None:
    taken = session.execute(
        update(Pot)
        .where(
            Pot.programme_id == programme_id,
            Pot.county_code == county_code,
            Pot.held + Pot.committed + Pot.paid + amount_fen <= Pot.budget,
        )
        .values(held=Pot.held + amount_fen)
        .returning(Pot.programme_id)
    ).first()
    if taken is None:
        raise Refused("subsidy.pot_empty")


def _move_pot(session: Session, claim: Claim, *, held: int = 0, committed: int = 0) -> None:
    session.execute(
        update(Pot)
        .where(Pot.programme_id == claim.programme_id, Pot.county_code == claim.county_code)
        .values(held=Pot.held + held, committed=Pot.committed + committed)
    )


def _use_quota(
    session: Session, programme_id: str, account_id: uuid.UUID, category: str, units: int, now: datetime
) -> str:
    """Count `units` against the person's quota. Returns the period they count within."""
    values = {
        "programme_id": programme_id,
        "account_id": account_id,
        "category": category,
        "any": ANY_CATEGORY,
        "units": units,
        "year": str(local_date(now).year),
    }
    got_all, period = session.execute(_USE_QUOTA, values).one()
    if not got_all:
        raise Refused("subsidy.quota_used")
    return str(period)
