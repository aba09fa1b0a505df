"""A recycler pays by the month what consumers were credited for its devices, and the book says so."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from market import audit as whole_audit
from market.kernel import clock
from market.kernel.clock import SHANGHAI
from market.kernel.errors import NotFound, Refused
from market.ledger.post import reverse
from market.ledger.queries import balance
from market.ledger.rules import BANK, recycler_due
from market.notices.models import Notice
from market.recycling.assess import assess
from market.recycling.pay_out import pay_out
from market.recycling.receive import receive
from market.settlements import audit, rules
from market.settlements.statement_models import RecyclerStatement, StatementState
from market.settlements.statement_queries import statements_of
from market.settlements.statements import confirm_statement, draw_up_statements
from tests.builders.people import an_account, an_operator
from tests.builders.recycling import a_labelled_phone, a_photo, a_recycler, a_recycler_clerk

COUNTY = "610924"
NOVEMBER = date(2026, 11, 1)
FIRST = datetime(2026, 12, 1, tzinfo=SHANGHAI)


@pytest.fixture
def recycler(session, now):
    return a_recycler(session, now)


@pytest.fixture
def clerk(session, recycler, now):
    return a_recycler_clerk(session, recycler, now)


def paid_phone(session, recycler, clerk, moment):
    """A phone whose owner got 382.50 yuan in points at `moment`."""
    order = a_labelled_phone(session, an_account(session, moment), moment)
    receive(session, recycler, clerk.id, order.id, 198, "F-1", a_photo(), moment)
    assess(session, recycler, clerk.id, order.id, 2, ["battery_weak"], "", None, moment)
    pay_out(session, order.id, moment)
    return order


def test_a_month_is_drawn_up_once_its_last_minute_is_over(session, recycler, clerk):
    paid_phone(session, recycler, clerk, FIRST - timedelta(minutes=1))
    paid_phone(session, recycler, clerk, FIRST)
    with pytest.raises(Refused, match="month"):
        draw_up_statements(session, COUNTY, NOVEMBER, FIRST - timedelta(minutes=1))
    (made,) = draw_up_statements(session, COUNTY, NOVEMBER, FIRST)
    assert (made.number, made.amount_fen, made.due_on) == (1, 38_250, date(2026, 12, 15))
    assert draw_up_statements(session, COUNTY, NOVEMBER, FIRST) == [made]
    assert list(audit.breaks(session)) == []


def test_it_names_each_device_and_tells_the_staff_once(session, recycler, clerk):
    order = paid_phone(session, recycler, clerk, FIRST - timedelta(days=1))
    for _ in range(2):
        (made,) = draw_up_statements(session, COUNTY, NOVEMBER, FIRST)
    assert [(line.code, line.amount_fen) for line in made.lines] == [(order.code, 38_250)]
    told = session.scalars(select(Notice.kind).where(Notice.account_id == clerk.id)).all()
    assert told == ["settlement.statement"]


def test_a_worker_that_was_dead_for_two_months_loses_nothing(session, recycler, clerk):
    paid_phone(session, recycler, clerk, FIRST - timedelta(days=1))
    late = datetime(2027, 1, 31, 12, tzinfo=SHANGHAI)
    assert rules.last_month(late) == date(2026, 12, 1)
    (made,) = draw_up_statements(session, COUNTY, rules.last_month(late), late)
    assert (made.month, made.amount_fen) == (date(2026, 12, 1), 38_250)
    assert draw_up_statements(session, COUNTY, NOVEMBER, late) == []


def test_a_transfer_that_the_operator_confirms_pays_it_once(session, recycler, clerk, now):
    paid_phone(session, recycler, clerk, FIRST - timedelta(days=1))
    (made,) = draw_up_statements(session, COUNTY, NOVEMBER, FIRST)
    operator = an_operator(session, FIRST)
    for _ in range(2):
        confirm_statement(session, COUNTY, operator.id, made.id, " HD-0001 ", FIRST)
    assert (made.state, made.bank_reference) == (StatementState.paid, "HD-0001")
    assert (balance(session, recycler_due(recycler.id)), balance(session, BANK)) == (0, 38_250)
    assert [it for it in whole_audit.run(session, FIRST) if it.book != "outbox"] == []


@pytest.mark.parametrize(("county", "slip", "why"), [("610728", "HD-0001", NotFound), (COUNTY, "1", Refused)])
def test_another_countys_and_a_slip_without_a_number_are_refused(session, recycler, clerk, county, slip, why):
    paid_phone(session, recycler, clerk, FIRST - timedelta(days=1))
    (made,) = draw_up_statements(session, COUNTY, NOVEMBER, FIRST)
    operator = an_operator(session, FIRST)
    with pytest.raises(why):
        confirm_statement(session, county, operator.id, made.id, slip, FIRST)
    assert (made.state, balance(session, BANK)) == (StatementState.due, 0)


def test_one_slip_pays_one_statement(session, recycler, clerk):
    paid_phone(session, recycler, clerk, FIRST - timedelta(days=1))
    paid_phone(session, recycler, clerk, FIRST)
    (first,) = draw_up_statements(session, COUNTY, NOVEMBER, FIRST)
    january = datetime(2027, 1, 1, tzinfo=SHANGHAI)
    (second,) = draw_up_statements(session, COUNTY, date(2026, 12, 1), january)
    operator = an_operator(session, FIRST)
    confirm_statement(session, COUNTY, operator.id, first.id, "HD-0001", january)
    with pytest.raises(Refused, match="slip_taken"):
        confirm_statement(session, COUNTY, operator.id, second.id, "HD-0001", january)
    assert (second.state, [it.number for it in statements_of(session, recycler.id)]) == (
        StatementState.due,
        [2, 1],
    )
    assert list(audit.breaks(session)) == []


def test_what_was_reversed_is_not_asked_for(session, recycler, clerk):
    order = paid_phone(session, recycler, clerk, FIRST - timedelta(days=1))
    reverse(session, f"recycling_owed:{order.id}", FIRST - timedelta(hours=1))
    assert draw_up_statements(session, COUNTY, NOVEMBER, FIRST) == []
    assert session.scalars(select(RecyclerStatement)).all() == []
    assert list(audit.breaks(session)) == []


def test_the_pages_show_the_month_to_both_and_the_county_books_it(client, session, recycler, clerk):
    moment = clock.now()
    paid_phone(session, recycler, clerk, moment.replace(day=1) - timedelta(days=3))
    operator = an_operator(session, moment)
    session.commit()
    client.become(operator)
    assert client.submit("/county/statements/draw-up").status_code == 303
    made = session.scalars(select(RecyclerStatement)).one()
    page = client.get("/county/statements").text
    assert (recycler.name in page, "382.50" in page) == (True, True)
    wrong = client.submit(f"/county/statements/{made.id}/confirm", {"bank_reference": "1"})
    assert (wrong.status_code, 'value="1"' in wrong.text) == (422, True)
    client.become(clerk)
    page = client.get("/recycler/statements").text
    assert ("382.50" in page, "HD-0001" in page) == (True, False)
    client.become(operator)
    sent = {"bank_reference": "HD-0001"}
    assert client.submit(f"/county/statements/{made.id}/confirm", sent).status_code == 303
    client.become(clerk)
    page = client.get("/recycler/statements").text
    assert ("已到账" in page, "HD-0001" in page) == (True, True)


@pytest.mark.parametrize("sent", [{}, {"bank_reference": "HD-0001"}])
def test_another_countys_statement_is_not_found_before_its_form_is_read(
    client, session, recycler, clerk, now, sent
):
    paid_phone(session, recycler, clerk, FIRST - timedelta(days=1))
    (made,) = draw_up_statements(session, COUNTY, NOVEMBER, FIRST)
    client.become(an_operator(session, now, "610728"))
    assert client.submit(f"/county/statements/{made.id}/confirm", sent).status_code == 404
    assert made.state is StatementState.due
