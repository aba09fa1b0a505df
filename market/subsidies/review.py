"""Who looks at a claim: the rules by themselves, a third party's auditor, and two operators of the county.

Three different people, each with a reason on the trail. Who rejected it does not decide its appeal.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.subsidies import fraud, trail
from market.subsidies.fraud_rules import PRICE_RULES, Found, Severity, find, thresholds
from market.subsidies.models import Claim, ClaimState
from market.subsidies.review_models import Auditor, ClaimFlag, ClaimReview, StepKind

MOST_APPEALS = 2  # the market's own rule: a shop and the county do not argue for ever
REASON_LENGTH = 300


def begin(session: Session, claim: Claim, now: datetime) -> None:
    """The claim's evidence is complete: let the rules look at it, and put it before people."""
    check(session, claim, now)
    if session.get(ClaimReview, claim.id) is None:
        session.add(ClaimReview(claim_id=claim.id, begun_at=now, is_rejected=False, appeals=0))
    trail.move(session, claim, ClaimState.under_review, now)


def check(session: Session, claim: Claim, now: datetime) -> None:
    """Flag every pattern that the rules find; what was flagged or lifted before stays as it is."""
    facts = fraud.facts_of(session, claim)
    for found in find(facts) if facts else ():
        _flag(session, claim, found, now)
    session.flush()


def flag_reuse(session: Session, claim: Claim, taken: Sequence[str], now: datetime) -> None:
    """These serial numbers were brought for `claim` although another claim has them."""
    _flag(session, claim, Found("serial_reused", Severity.block, {"serials": list(taken)}), now)


def flag_recalled(session: Session, claim: Claim, recalled: Sequence[str], now: datetime) -> None:
    """These serial numbers were brought for `claim` although the pieces are called back."""
    _flag(session, claim, Found("serial_recalled", Severity.block, {"serials": list(recalled)}), now)


def pass_audit(
    session: Session, county_code: str, auditor_id: uuid.UUID, claim_id: uuid.UUID, reason: str, now: datetime
) -> Claim:
    """The auditor has nothing against the claim. Unchanged the second time.

    Raises NotFound where it is not the auditor's county's; Refused: ``subsidy.reason_missing`` (field
    reason), ``subsidy.flags_stand``, ``subsidy.own_decision``, ``state.illegal_move``.
    """
    _auditor(session, county_code, auditor_id)
    claim, review = _under_review(session, county_code, claim_id)
    if review.audited_by_id == auditor_id:
        return claim
    if review.audited_by_id is not None:
        raise Refused("state.illegal_move")
    _decides_anew(review, auditor_id)
    _no_flags(session, claim)
    review.audited_by_id, review.audited_at = auditor_id, now
    trail.note(session, claim, StepKind.audited, now, by_id=auditor_id, reason=_reason(reason))
    return claim


def approve(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    claim_id: uuid.UUID,
    reason: str,
    now: datetime,
) -> Claim:
    """An operator agrees after the audit; with the second one, who is another, the claim is approved.

    Raises NotFound where it is another county's; Refused: ``subsidy.reason_missing`` (field reason),
    ``subsidy.not_audited``, ``subsidy.flags_stand``, ``subsidy.own_decision``, ``state.illegal_move``.
    """
    claim, review = _under_review(session, county_code, claim_id)
    if review.audited_by_id is None:
        raise Refused("subsidy.not_audited")
    _decides_anew(review, operator_id)
    _no_flags(session, claim)
    why = _reason(reason)
    if review.first_by_id is None:
        review.first_by_id, review.first_at = operator_id, now
        trail.note(session, claim, StepKind.approved, now, by_id=operator_id, reason=why)
    else:
        review.second_by_id, review.second_at = operator_id, now
        session.flush()
        kind = StepKind.approved
        trail.move(session, claim, ClaimState.approved, now, kind=kind, by_id=operator_id, reason=why)
        _rate(session, claim, "evidence_complete", now)
    return claim


def reject(
    session: Session, county_code: str, by_id: uuid.UUID, claim_id: uuid.UUID, reason: str, now: datetime
) -> Claim:
    """The auditor or an operator does not agree, for a reason that the shop reads and may appeal against.

    Raises as `approve`, but flags are no hindrance.
    """
    claim, review = _under_review(session, county_code, claim_id)
    _decides_anew(review, by_id)
    turn_down(session, claim, by_id, _reason(reason), now)
    return claim


def turn_down(session: Session, claim: Claim, by_id: uuid.UUID | None, reason: str, now: datetime) -> None:
    """Reject a claim that the caller has locked: a person of the county, or the treasury (None)."""
    review = session.get_one(ClaimReview, claim.id, with_for_update=True)
    review.is_rejected, review.reason = True, reason
    review.rejected_by_id, review.rejected_at = by_id, now
    session.flush()
    kind = StepKind.rejected if by_id else StepKind.treasury
    trail.move(session, claim, ClaimState.rejected, now, kind=kind, by_id=by_id, reason=reason)
    _rate(session, claim, "evidence_incomplete", now)
    if any(flag.rule in PRICE_RULES for flag in standing_flags(session, claim.id)):
        _rate(session, claim, "price_breach", now)


def lift(
    session: Session, county_code: str, auditor_id: uuid.UUID, flag_id: uuid.UUID, reason: str, now: datetime
) -> ClaimFlag:
    """The auditor has looked into a flag, and it stands no longer. What blocks is lifted only on appeal.

    Raises NotFound; Refused: ``subsidy.reason_missing`` (field reason), ``subsidy.blocked``,
    ``subsidy.own_decision``, ``state.illegal_move``.
    """
    _auditor(session, county_code, auditor_id)
    claim_id = session.scalar(select(ClaimFlag.claim_id).where(ClaimFlag.id == flag_id))
    if claim_id is None:
        raise NotFound
    claim, review = _under_review(session, county_code, claim_id)
    flag = session.get_one(ClaimFlag, flag_id, with_for_update=True)
    if flag.lifted_at is not None:
        return flag
    if flag.severity is Severity.block and not review.appeals:
        raise Refused("subsidy.blocked")
    if review.rejected_by_id == auditor_id:
        raise Refused("subsidy.own_decision")
    flag.lifted_by_id, flag.lifted_at, flag.lift_reason = auditor_id, now, _reason(reason)
    said = f"{flag.rule}: {flag.lift_reason}"
    trail.note(session, claim, StepKind.lifted, now, by_id=auditor_id, reason=said)
    return flag


def appeal(
    session: Session, shop_id: uuid.UUID, claim_id: uuid.UUID, note: str, by_id: uuid.UUID, now: datetime
) -> Claim:
    """The shop does not accept a rejection: other people look again, from the audit on.

    Raises NotFound where it is another shop's; Refused: ``subsidy.reason_missing`` (field reason),
    ``subsidy.appealed_enough``, ``state.illegal_move``.
    """
    claim = locked_of_shop(session, shop_id, claim_id)
    if claim.state is not ClaimState.rejected:
        raise Refused("state.illegal_move")
    review = session.get_one(ClaimReview, claim.id, with_for_update=True)
    if review.appeals >= MOST_APPEALS:
        raise Refused("subsidy.appealed_enough", most=MOST_APPEALS)
    why = _reason(note)
    review.audited_by_id = review.audited_at = None
    review.first_by_id = review.first_at = review.second_by_id = review.second_at = None
    review.is_rejected = False
    review.appeals += 1
    session.flush()
    kind = StepKind.appealed
    trail.move(session, claim, ClaimState.under_review, now, kind=kind, by_id=by_id, reason=why)
    check(session, claim, now)
    return claim


def may_be_closed_at(review: ClaimReview) -> datetime | None:
    """From when on the county may close a rejected claim: at once where no appeal is left."""
    if review.rejected_at is None:
        return None
    if review.appeals >= MOST_APPEALS:
        return review.rejected_at
    return review.rejected_at + timedelta(days=thresholds()["appeal_days"].value)


def standing_flags(session: Session, claim_id: uuid.UUID) -> list[ClaimFlag]:
    """The flags of a claim that nobody has lifted and that keep it from being approved."""
    found = select(ClaimFlag).where(
        ClaimFlag.claim_id == claim_id,
        ClaimFlag.lifted_at.is_(None),
        ClaimFlag.severity != Severity.flag,
    )
    return list(session.scalars(found))


def locked(session: Session, county_code: str, claim_id: uuid.UUID) -> Claim:
    """The county's claim, locked. Raises NotFound."""
    return _one(session, Claim.county_code == county_code, claim_id)


def locked_of_shop(session: Session, shop_id: uuid.UUID, claim_id: uuid.UUID) -> Claim:
    """The shop's claim, locked. Raises NotFound."""
    return _one(session, Claim.shop_id == shop_id, claim_id)


def _one(session: Session, whose: object, claim_id: uuid.UUID) -> Claim:
    found = session.scalars(
        select(Claim)
        .where(Claim.id == claim_id, whose)  # type: ignore[arg-type]
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def _rate(session: Session, claim: Claim, kind: str, now: datetime) -> None:
    """Let the shop's rating know, once a claim and kind; a claim without a shop is nobody's."""
    if claim.shop_id is not None:
        record_event(session, SubjectKind.shop, claim.shop_id, kind, f"claim:{claim.id}", now)


def _under_review(session: Session, county_code: str, claim_id: uuid.UUID) -> tuple[Claim, ClaimReview]:
    claim = locked(session, county_code, claim_id)
    if claim.state is not ClaimState.under_review:
        raise Refused("state.illegal_move")
    return claim, session.get_one(ClaimReview, claim.id, with_for_update=True)


def _auditor(session: Session, county_code: str, account_id: uuid.UUID) -> None:
    known = select(Auditor.account_id).where(
        Auditor.account_id == account_id, Auditor.county_code == county_code
    )
    if session.scalar(known) is None:
        raise NotFound


def _decides_anew(review: ClaimReview, by_id: uuid.UUID) -> None:
    if by_id in (review.audited_by_id, review.first_by_id, review.second_by_id, review.rejected_by_id):
        raise Refused("subsidy.own_decision")


def _no_flags(session: Session, claim: Claim) -> None:
    if standing_flags(session, claim.id):
        raise Refused("subsidy.flags_stand")


def _reason(text: str) -> str:
    if not text.strip():
        raise Refused("subsidy.reason_missing", field="reason")
    return text.strip()[:REASON_LENGTH]


def _flag(session: Session, claim: Claim, found: Found, now: datetime) -> None:
    session.execute(
        insert(ClaimFlag)
        .values(
            id=new_id(),
            claim_id=claim.id,
            rule=found.rule,
            severity=found.severity,
            detail=dict(found.detail),
            found_at=now,
        )
        .on_conflict_do_nothing(index_elements=["claim_id", "rule"])
    )
