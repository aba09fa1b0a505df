"""The maker bears what remedies cost: the claim, what was paid in, and what a shop bears itself."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from market.inventory.serials import add_serials, sell_serials
from market.kernel.errors import NotFound, Refused
from market.ledger.queries import balance
from market.ledger.rules import BANK, maker_due
from market.recalls import audit
from market.recalls.claim import basis_of, claim_of, pay_in, payments_of
from market.recalls.models import RecallUnit
from market.recalls.remedy import choose_for, complete
from market.recalls.states import Bearer, Remedy
from tests.builders.delivery import a_courier
from tests.builders.life import delivered, react, two_listings
from tests.builders.orders import an_order
from tests.builders.people import an_account, an_operator
from tests.builders.recalls import COUNTY, a_published_recall

BY_HAND = frozenset({"delivery.batch_closed", "delivery.batch_planned", "payments.refund_requested"})


@pytest.fixture
def washer(session, now):
    return two_listings(session, now)[0]


@pytest.fixture
def operator(session, washer, now):
    return an_operator(session, now)


@pytest.fixture
def recall(session, washer, now):
    """One washer was sold before it was published."""
    add_serials(session, washer, ["HR26A0001"], now)
    order = an_order(session, an_account(session, now), [(washer, 1)], now - timedelta(days=1))
    sell_serials(
        session, {it.listing_id: it.reference for it in order.shop_orders[0].lines}, ["HR26A0001"], now
    )
    delivered(session, a_courier(session, now, COUNTY), order, now)
    react(session, now, BY_HAND)
    made = a_published_recall(session, washer, now)
    react(session, now, BY_HAND)
    return made


def remedied(session, operator, now, cost_fen=80_00):
    unit = session.scalars(select(RecallUnit).where(RecallUnit.account_id.is_not(None))).one()
    choose_for(session, COUNTY, unit.id, Remedy.repair, operator.id, now)
    return complete(session, COUNTY, unit.id, cost_fen, "换了电源线", operator.id, now)


def test_the_claim_names_each_piece_and_what_it_cost(session, recall, operator, now):
    unit = remedied(session, operator, now)
    claim = claim_of(session, recall.id)
    assert (claim.maker_fen, claim.shops_fen, claim.open_fen) == (80_00, 0, 80_00)
    assert (basis_of(session, recall.id), unit.borne_by) == ([unit], Bearer.maker)
    assert list(audit.breaks(session)) == []


def test_what_the_maker_pays_in_is_booked_with_its_slip(session, recall, operator, now):
    remedied(session, operator, now)
    pay_in(session, COUNTY, recall.id, 50_00, " HD-1001 ", operator.id, now)
    assert [(it.amount_fen, it.bank_reference) for it in payments_of(session, recall.id)] == [
        (50_00, "HD-1001")
    ]
    assert (balance(session, maker_due(recall.id)), balance(session, BANK)) == (30_00, 50_00)
    assert (claim_of(session, recall.id).open_fen, list(audit.breaks(session))) == (30_00, [])
    with pytest.raises(DBAPIError, match="records of a recall are kept"):
        session.execute(text("DELETE FROM recall_payments"))


@pytest.mark.parametrize(
    ("amount_fen", "slip", "why"),
    [(0, "HD-1002", "paid_in"), (80_01, "HD-1002", "paid_in"), (80_00, "1", "bank_reference"),
     (10_00, "HD-1001", "slip_taken")],
)  # fmt: skip
def test_never_more_than_is_owed_and_one_slip_once(session, recall, operator, now, amount_fen, slip, why):
    remedied(session, operator, now, 90_00)
    pay_in(session, COUNTY, recall.id, 10_00, "HD-1001", operator.id, now)
    with pytest.raises(Refused, match=why):
        pay_in(session, COUNTY, recall.id, amount_fen, slip, operator.id, now)
    assert (claim_of(session, recall.id).paid_fen, balance(session, BANK)) == (10_00, 10_00)


def test_another_county_books_nothing(session, recall, operator, now):
    remedied(session, operator, now)
    with pytest.raises(NotFound):
        pay_in(session, "610728", recall.id, 80_00, "HD-1001", operator.id, now)
    assert balance(session, BANK) == 0


def test_what_a_shop_sold_after_the_publication_is_its_own(session, recall, operator, now):
    recall.published_at = now - timedelta(days=2)
    session.flush()
    unit = remedied(session, operator, now)
    claim = claim_of(session, recall.id)
    assert (unit.borne_by, claim.maker_fen, claim.shops_fen) == (Bearer.shop, 0, 80_00)
    assert (balance(session, maker_due(recall.id)), list(audit.breaks(session))) == (0, [])


def test_the_operator_sees_the_claim_and_books_the_money(client, session, recall, operator, now):
    remedied(session, operator, now)
    session.commit()
    client.become(session.merge(operator))
    page = client.get(f"/county/recalls/{recall.id}").text
    assert ("向生产者要的钱" in page, "80.00" in page) == (True, True)
    too_much = {"amount": "80.01", "bank_reference": "HD-1001"}
    wrong = client.submit(f"/county/recalls/{recall.id}/paid-in", too_much)
    assert (wrong.status_code, 'value="HD-1001"' in wrong.text) == (422, True)
    sent = {"amount": "80", "bank_reference": "HD-1001"}
    assert client.submit(f"/county/recalls/{recall.id}/paid-in", sent).status_code == 303
    assert "HD-1001" in client.get(f"/county/recalls/{recall.id}").text
