import pytest
from sqlalchemy import select

from market.kernel.errors import Refused
from market.ledger.queries import balance, held
from market.ledger.rules import UNEARNED, pot
from market.subsidies import audit, claim, queries
from market.subsidies.models import Claim, ClaimState, Evidence, Pot, Quota
from market.subsidies.rules import Decision, Item, Reason
from tests.builders.people import an_account
from tests.builders.places import a_county
from tests.builders.subsidies import GB_2026, a_funded_programme

COUNTY = "610924"
TV = Decision("tv", 3000_00, 450_00, 1, GB_2026)


@pytest.fixture
def buyer(session, now):
    a_county(session, COUNTY)
    a_funded_programme(session, COUNTY, now, 1000_00)
    return an_account(session, now).id


def hold(session, buyer, now, decision=TV, reference="order_line:1", category="tv"):
    claim.hold(session, decision, COUNTY, buyer, category, reference, now)


def the_pot(session):
    session.expire_all()
    row = session.get(Pot, (GB_2026, COUNTY))
    return (row.held, row.committed, row.paid)


def used(session, buyer):
    return session.scalar(select(Quota.used).where(Quota.account_id == buyer))


def test_a_held_claim_takes_from_the_pot_and_the_quota_but_not_yet_from_the_book(session, buyer, now):
    hold(session, buyer, now)
    assert the_pot(session) == (450_00, 0, 0)
    assert used(session, buyer) == 1
    account = pot(GB_2026, COUNTY)
    assert (balance(session, account), held(session, account)) == (1000_00, 450_00)
    assert list(audit.breaks(session)) == []


def test_a_paid_line_commits_its_claim_once(session, buyer, now):
    hold(session, buyer, now)
    claim.commit(session, "order_line:1", now)
    claim.commit(session, "order_line:1", now)
    assert the_pot(session) == (0, 450_00, 0)
    assert (balance(session, pot(GB_2026, COUNTY)), balance(session, UNEARNED)) == (550_00, 450_00)
    assert list(audit.breaks(session)) == []


@pytest.mark.parametrize("paid", [False, True])
def test_an_undone_line_gives_pot_quota_and_book_back_once(session, buyer, now, paid):
    hold(session, buyer, now)
    if paid:
        claim.commit(session, "order_line:1", now)
    claim.release(session, "order_line:1", now)
    claim.release(session, "order_line:1", now)
    assert the_pot(session) == (0, 0, 0)
    assert used(session, buyer) == 0
    assert (balance(session, pot(GB_2026, COUNTY)), balance(session, UNEARNED)) == (1000_00, 0)
    assert list(audit.breaks(session)) == []


def test_a_released_claim_is_not_committed_by_a_late_payment(session, buyer, now):
    hold(session, buyer, now)
    claim.release(session, "order_line:1", now)
    claim.commit(session, "order_line:1", now)
    assert the_pot(session) == (0, 0, 0)


def test_the_pot_is_never_overspent(session, buyer, now):
    hold(session, buyer, now)
    savepoint = session.begin_nested()
    with pytest.raises(Refused) as refused:
        hold(session, buyer, now, Decision("ac", 6000_00, 550_01, 1, GB_2026), "order_line:2", "ac")
    savepoint.rollback()
    assert refused.value.code == "subsidy.pot_empty"
    assert the_pot(session) == (450_00, 0, 0)
    hold(session, buyer, now, Decision("ac", 6000_00, 550_00, 1, GB_2026), "order_line:2", "ac")
    assert the_pot(session) == (1000_00, 0, 0)


def test_a_second_television_is_not_subsidized(session, buyer, now):
    hold(session, buyer, now)
    savepoint = session.begin_nested()
    with pytest.raises(Refused) as refused:
        hold(session, buyer, now, reference="order_line:2")
    savepoint.rollback()
    assert refused.value.code == "subsidy.quota_used"
    assert (the_pot(session), used(session, buyer)) == ((450_00, 0, 0), 1)
    [decision] = queries.quote(session, [Item("x", "tv", 1, 1, 3000_00)], COUNTY, buyer, now)
    assert decision.reason is Reason.quota_used


def test_delivery_keeps_its_evidence_with_the_claim(session, buyer, now):
    hold(session, buyer, now)
    claim.commit(session, "order_line:1", now)
    claim.deliver(session, "order_line:1", {"serial_number": {"value": "SN1"}}, now)
    found = session.scalars(select(Claim)).one()
    kept = session.scalars(select(Evidence).where(Evidence.claim_id == found.id)).one()
    assert (found.state, kept.kind, kept.value) == (ClaimState.delivered, "serial_number", {"value": "SN1"})
    assert list(audit.breaks(session)) == []


def test_a_line_without_a_claim_is_left_alone(session, buyer, now):
    claim.hold(
        session, Decision("x", 100, 0, reason=Reason.no_programme), COUNTY, buyer, "", "order_line:9", now
    )
    claim.commit(session, "order_line:9", now)
    claim.release(session, "order_line:9", now)
    claim.deliver(session, "order_line:9", {"gtin": {"value": "1"}}, now)
    assert session.scalars(select(Claim)).all() == []


def test_a_spoiled_pot_is_a_break(session, buyer, now):
    hold(session, buyer, now)
    session.get(Pot, (GB_2026, COUNTY)).held -= 1
    session.flush()
    [found] = audit.breaks(session)
    assert found.startswith("pot GB-2026:1 of 610924")
