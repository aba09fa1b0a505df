"""A claim's life with its order: held, committed when it is paid, delivered, or released; and its return."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.kernel.clock import local_date
from market.kernel.errors import Refused
from market.kernel.ids import new_id
from market.kernel.money import format_yuan
from market.ledger.post import hold as ledger_hold
from market.ledger.post import post, post_hold, void_hold
from market.ledger.rules import UNEARNED, Account, clawbacks, credit, debit, disallowed, pot
from market.subsidies import clawback, coupons, real_name, rules, serials
from market.subsidies.about import About, digest
from market.subsidies.evidence import follow, keep
from market.subsidies.give_up import take_back_from_shop
from market.subsidies.models import UNUSED_STATES, Claim, ClaimState, ProgrammeRow, Quota
from market.subsidies.pot_figures import move_pot
from market.subsidies.review_models import ClaimSignal, StepKind
from market.subsidies.rules import ANY_CATEGORY, Decision
from market.subsidies.schema import RESTORES_QUOTA
from market.subsidies.trail import move, note

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

_CLAIM = insert(Claim)
_TAKE_FROM_POT = text("""
UPDATE pots SET held = held + :amount_fen
 WHERE programme_id = :programme_id AND county_code = :county_code
   AND held + committed + paid + :amount_fen <= budget
RETURNING programme_id
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
    period = _use_quota(session, programme_id, account_id, category, decision.units, now)
    if decision.with_coupon:
        coupons.use(session, programme_id, account_id, category, reference, now)
    row = {
        "id": new_id(),
        "reference": reference,
        "programme_id": programme_id,
        "county_code": county_code,
        "account_id": account_id,
        "category": category,
        "period": period,
        "units": decision.units,
        "base_fen": decision.base_fen,
        "deducted_fen": decision.deducted_fen,
        "amount_fen": decision.amount_fen,
        "state": ClaimState.held,
        "created_at": now,
    }
    session.connection().execute(_CLAIM, row)
    lines = [
        debit(pot(programme_id, county_code), decision.amount_fen),
        credit(UNEARNED, decision.amount_fen),
    ]
    ledger_hold(session, "subsidy.claim", reference, _hold_key(reference), lines, now)
    # Last: everybody in the county who wants a part of this pot waits from here to the commit.
    _take_from_pot(session, programme_id, county_code, decision.amount_fen)


def commit(
    session: Session,
    reference: str,
    now: datetime,
    about: About | None = None,
    signals: Mapping[str, str] | None = None,
) -> None:
    """The order line is paid: its subsidy is spent. Nothing happens where there is no claim, or twice.

    `about` says what was bought; `signals` are what other people's claims are compared by, by kind.
    """
    claim = _locked(session, reference)
    if claim is None or claim.state is not ClaimState.held:
        return
    if about is not None:
        claim.shop_id, claim.about = about.shop_id, about.plain()
    move(session, claim, ClaimState.committed, now)
    move_pot(session, claim, held=-claim.amount_fen, committed=claim.amount_fen)
    post_hold(session, _hold_key(reference), now)
    if checked := real_name.of(session, claim.account_id):
        keep(session, claim, real_name.proof(checked.checked_at), now)
    for kind, shared in sorted((signals or {}).items()):
        note_signal(session, claim, kind, shared, now)


def note_signal(session: Session, claim: Claim, kind: str, text: str, now: datetime) -> None:
    """Keep the hash of what `claim` may share with other people's claims. Once a kind."""
    values = {"digest": digest(text), "account_id": claim.account_id, "seen_at": now}
    session.execute(
        insert(ClaimSignal).values(claim_id=claim.id, kind=kind, **values).on_conflict_do_nothing()
    )


def release(session: Session, reference: str, now: datetime, *, unpaid: bool = False) -> None:
    """The order line is undone: the money returns to the pot and the quota to the person. Once.

    A claim whose order was never paid in time has expired.
    """
    claim = _locked(session, reference)
    if claim is None or claim.state in UNUSED_STATES:
        return
    was = claim.state
    ends = ClaimState.expired if unpaid and was is ClaimState.held else ClaimState.released
    move(session, claim, ends, now)
    if was is ClaimState.held:
        move_pot(session, claim, held=-claim.amount_fen)
        void_hold(session, _hold_key(reference), now)
    else:
        move_pot(session, claim, committed=-claim.amount_fen)
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
    base_fen -= claim.deducted_fen * base_fen // claim.base_fen
    return min(
        claim.left_fen, rules.entitlement(programme, claim.category, grade, quantity, claim.units, base_fen)
    )


def give_back(
    session: Session, reference: str, amount_fen: int, key: str, now: datetime, *, goods_back: bool = False
) -> int:
    """Delivered goods came back, or their price fell: `amount_fen` is the state's again. Once per `key`.

    What of it the shop owes because the state has paid or was asked to (see `clawback`); before that it
    returns to the pot. The whole claim ends it, frees the person's quota where the programme says so (facts
    §1.3: the localities differ), and with the goods back their serial numbers. Raises ValueError where the
    claim has less.
    """
    claim = _locked(session, reference)
    if claim is None or amount_fen == 0:
        return 0
    asked = clawback.is_asked(session, claim)
    lines = [debit(UNEARNED, amount_fen), credit(_whose(claim, asked), amount_fen)]
    if not post(session, "subsidy.returned", reference, f"subsidy:return:{key}", lines, now):
        return clawback.owed_fen(session, key)
    if amount_fen > claim.left_fen:
        raise ValueError(f"the claim of {reference} has no {amount_fen} fen left")
    claim.returned_fen += amount_fen
    note(session, claim, StepKind.returned, now, reason=format_yuan(amount_fen))
    if asked:
        clawback.owe(session, claim, amount_fen, key, now)
    elif claim.state is ClaimState.withdrawn:
        take_back_from_shop(session, claim, amount_fen, key, now)
    else:
        move_pot(session, claim, committed=-amount_fen)
    if claim.left_fen == 0:
        _end(session, claim, asked, now)
        if goods_back:
            serials.release(session, claim, now)
    session.flush()
    return amount_fen if asked else 0


def deliver(session: Session, reference: str, evidence: dict[str, dict[str, Any]], now: datetime) -> None:
    """The goods have arrived: keep what proves it (by kind). Nothing happens where there is no claim."""
    claim = _locked(session, reference)
    if claim is None:
        return
    keep(session, claim, evidence, now)
    if claim.state is ClaimState.committed:
        move(session, claim, ClaimState.delivered, now)
    follow(session, claim, now)


def _whose(claim: Claim, asked: bool) -> Account:
    """Who gets what comes back: the treasury, the shop that had borne it, or the pot."""
    if asked:
        return clawbacks(claim.programme_id, claim.county_code)
    if claim.state is ClaimState.withdrawn:
        return disallowed(claim.county_code)
    return pot(claim.programme_id, claim.county_code)


def _end(session: Session, claim: Claim, asked: bool, now: datetime) -> None:
    """Nothing of the claim is left to the buyer."""
    if not asked and claim.state is not ClaimState.withdrawn:
        move(session, claim, ClaimState.returned, now)
    programme = session.get_one(ProgrammeRow, claim.programme_id)
    if programme.rules.get("refund", {}).get("full") == RESTORES_QUOTA:
        claim.returned_units = claim.units
        _give_quota_back(session, claim, claim.units)
        coupons.give_back(session, claim.reference, now)


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
    row = {"programme_id": programme_id, "county_code": county_code, "amount_fen": amount_fen}
    taken = session.connection().execute(_TAKE_FROM_POT, row).first()
    if taken is None:
        raise Refused("subsidy.pot_empty")


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
    got_all, period = session.connection().execute(_USE_QUOTA, values).one()
    if not got_all:
        raise Refused("subsidy.quota_used")
    return str(period)
