"""Fraud is found by two people: one charges with evidence, the charged is heard, another decides.

The gate of a rating opens with the finding and closes when it is cleared. That the charged is told the
grounds and heard before it is decided, and that another decides than who investigated, follows the
Administrative Penalty Law (arts. 44, 45 and 57). She may appeal against the finding as against any event.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.credit.fraud_models import FRAUD_STATES, WORDS_CHARS, FraudCharge, FraudState
from market.credit.models import SubjectKind
from market.credit.record_event import record_event
from market.delivery.models import Courier
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.notices.notify import notify
from market.shops.models import Shop, ShopRole, ShopStaff

ANSWER_WITHIN = timedelta(days=10)
CHARGED = (SubjectKind.shop, SubjectKind.courier)


def charge(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    subject: tuple[SubjectKind, uuid.UUID],
    words: str,
    evidence: str,
    now: datetime,
) -> FraudCharge:
    """Charge a shop or courier of the county, and ask for an answer. Nothing counts against her yet.

    Raises NotFound where she is not the county's; Refused ``credit.charge_words`` (field words or evidence).
    """
    kind, subject_id = subject
    accounts = _accounts(session, county_code, kind, subject_id)
    for field, text in (("words", words), ("evidence", evidence)):
        if not 0 < len(text.strip()) <= WORDS_CHARS:
            raise Refused("credit.charge_words", field=field, most=WORDS_CHARS)
    made = FraudCharge(
        id=new_id(),
        county_code=county_code,
        subject_kind=kind,
        subject_id=subject_id,
        words=words.strip(),
        evidence=evidence.strip(),
        charged_by_id=operator_id,
        charged_at=now,
        answer_by=now + ANSWER_WITHIN,
    )
    session.add(made)
    session.flush()
    _tell(session, made, accounts, "credit.fraud_charged", now)
    return made


def answer(
    session: Session,
    subject: tuple[SubjectKind, uuid.UUID],
    account_id: uuid.UUID,
    charge_id: uuid.UUID,
    words: str,
    now: datetime,
) -> FraudCharge:
    """Say what the charged has to say, once, until it is decided.

    Raises NotFound where the charge is another's; Refused ``credit.charge_words`` (field answer),
    ``credit.charge_answered``, ``state.illegal_move``.
    """
    found = _locked(session, charge_id)
    if (found.subject_kind, found.subject_id) != subject:
        raise NotFound
    if not 0 < len(words.strip()) <= WORDS_CHARS:
        raise Refused("credit.charge_words", field="answer", most=WORDS_CHARS)
    if found.answer is not None:
        raise Refused("credit.charge_answered")
    FRAUD_STATES.step(found.state, FraudState.found)
    found.answer, found.answered_by_id, found.answered_at = words.strip(), account_id, now
    session.flush()
    return found


def decide(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    charge_id: uuid.UUID,
    is_found: bool,
    reasons: str,
    now: datetime,
) -> FraudCharge:
    """Find fraud, which opens the rating's gate, or drop the charge; the charged is told why.

    Raises NotFound; Refused ``credit.charge_words`` (field reasons), ``credit.own_charge``,
    ``credit.not_heard`` (she may still answer), ``state.illegal_move``.
    """
    found = _own(session, county_code, charge_id)
    if not 0 < len(reasons.strip()) <= WORDS_CHARS:
        raise Refused("credit.charge_words", field="reasons", most=WORDS_CHARS)
    if found.charged_by_id == operator_id:
        raise Refused("credit.own_charge")
    FRAUD_STATES.step(found.state, FraudState.found if is_found else FraudState.dropped)
    if is_found and found.answer is None and now < found.answer_by:
        raise Refused("credit.not_heard", time=found.answer_by.isoformat())
    if is_found:
        found.event_id = record_event(
            session, found.subject_kind, found.subject_id, "fraud_found", f"fraud:{found.id}", now
        )
    FRAUD_STATES.move(found, FraudState.found if is_found else FraudState.dropped)
    found.reasons, found.decided_by_id, found.decided_at = reasons.strip(), operator_id, now
    session.flush()
    kind = "credit.fraud_found" if is_found else "credit.fraud_dropped"
    _tell(session, found, _accounts_of(session, found), kind, now)
    return found


def clear(
    session: Session, county_code: str, operator_id: uuid.UUID, charge_id: uuid.UUID, now: datetime
) -> FraudCharge:
    """What was found did not hold, or was made good: the gate closes.

    Raises NotFound; Refused ``credit.own_charge`` (whoever charged cannot clear), ``state.illegal_move``.
    """
    found = _own(session, county_code, charge_id)
    if found.charged_by_id == operator_id:
        raise Refused("credit.own_charge")
    FRAUD_STATES.move(found, FraudState.cleared)
    found.cleared_by_id, found.cleared_at = operator_id, now
    record_event(session, found.subject_kind, found.subject_id, "fraud_cleared", f"fraud:{found.id}", now)
    session.flush()
    _tell(session, found, _accounts_of(session, found), "credit.fraud_cleared", now)
    return found


def _locked(session: Session, charge_id: uuid.UUID) -> FraudCharge:
    found = session.get(FraudCharge, charge_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound
    return found


def _own(session: Session, county_code: str, charge_id: uuid.UUID) -> FraudCharge:
    found = _locked(session, charge_id)
    if found.county_code != county_code:
        raise NotFound
    return found


def _accounts_of(session: Session, found: FraudCharge) -> list[uuid.UUID]:
    return _accounts(session, found.county_code, found.subject_kind, found.subject_id)


def _accounts(
    session: Session, county_code: str, kind: SubjectKind, subject_id: uuid.UUID
) -> list[uuid.UUID]:
    """Who answers for the subject: a shop's owners, a courier herself. NotFound for another county's."""
    if kind is SubjectKind.shop:
        here = select(Shop.id).where(Shop.id == subject_id, Shop.county_code == county_code)
        owners = select(ShopStaff.account_id).where(
            ShopStaff.shop_id == subject_id, ShopStaff.role == ShopRole.owner
        )
        is_here, accounts = session.scalar(here) is not None, list(session.scalars(owners))
    else:
        courier = session.get(Courier, subject_id) if kind is SubjectKind.courier else None
        is_here = courier is not None and courier.county_code == county_code
        accounts = [courier.account_id] if courier else []
    if not is_here:
        raise NotFound
    return accounts


def _tell(
    session: Session, found: FraudCharge, accounts: Iterable[uuid.UUID], kind: str, now: datetime
) -> None:
    for account_id in accounts:
        reference = f"fraud_{found.subject_kind}:{found.id}"
        notify(session, account_id, kind, {}, now, reference, f"{kind}:{found.id}:{account_id}")
