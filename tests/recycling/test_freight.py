"""Freight out of a campaign: held, committed, paid; dated, capped, and never more than there is."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.ledger.queries import balance, held
from market.ledger.rules import BANK, freight_due, freight_pledge, freight_pot
from market.recycling import audit, clocks, freight, send_in
from market.recycling.freight_campaign import open_campaign, pay_bill
from market.recycling.parcel_models import FreightCampaign
from tests.builders.mail_in import PARCEL_FEN, a_campaign, a_quoted_phone
from tests.builders.people import an_account
from tests.builders.recycling import a_labelled_phone, a_recycler


def figures(session, campaign):
    session.refresh(campaign)
    return campaign.held_fen, campaign.committed_fen, campaign.paid_fen


def test_a_label_holds_its_freight_and_the_carriers_scan_commits_it(session, consumer, recycler, now):
    campaign = a_campaign(session, now)
    order = a_labelled_phone(session, consumer, now)
    assert figures(session, campaign) == (PARCEL_FEN, 0, 0)
    assert (balance(session, freight_pot(campaign.id)), held(session, freight_pot(campaign.id))) == (
        10_000,
        800,
    )
    for _ in range(2):
        freight.commit(session, order.id, now)
    assert figures(session, campaign) == (0, PARCEL_FEN, 0)
    assert balance(session, freight_pot(campaign.id)) == 9_200
    assert list(audit.breaks(session)) == []


def test_the_carriers_bill_is_paid_once_and_the_pledge_with_it(session, consumer, recycler, now):
    campaign = a_campaign(session, now)
    order = a_labelled_phone(session, consumer, now)
    with pytest.raises(Refused, match="nothing_due"):
        pay_bill(session, "610924", campaign.id, "BANK-1", now)
    send_in.mark_posted(session, consumer.id, order.id, "", now)
    with pytest.raises(NotFound):
        pay_bill(session, "610728", campaign.id, "BANK-1", now)
    assert pay_bill(session, "610924", campaign.id, "BANK-1", now) == PARCEL_FEN
    assert figures(session, campaign) == (0, 0, PARCEL_FEN)
    assert balance(session, freight_due(campaign.id)) == 0
    assert balance(session, freight_pledge("610924")) == 10_000 - PARCEL_FEN
    assert balance(session, BANK) == 0
    assert list(audit.breaks(session)) == []


@pytest.mark.parametrize("end", ["withdrawn", "lapsed", "another carrier's"])
def test_a_label_that_is_not_used_gives_everything_back(session, consumer, recycler, now, end):
    campaign = a_campaign(session, now, per_person=1)
    order = a_labelled_phone(session, consumer, now)
    if end == "withdrawn":
        send_in.withdraw(session, consumer.id, order.id, now)
    elif end == "lapsed":
        clocks.expire_label(session, order.id, now + timedelta(days=14))
    else:
        send_in.mark_posted(session, consumer.id, order.id, "SF123", now)
    assert figures(session, campaign) == (0, 0, 0)
    assert freight.grant_of(session, order.id) is None
    second = a_labelled_phone(session, consumer, now)
    assert freight.grant_of(session, second.id) is not None
    assert list(audit.breaks(session)) == []


@pytest.mark.parametrize("why", ["not begun", "over", "another county's", "used up", "cap reached", "none"])
def test_where_no_campaign_pays_the_recycler_does(session, consumer, recycler, now, why):
    if why == "not begun":
        a_campaign(session, now + timedelta(days=1))
    elif why == "over":
        a_campaign(session, now - timedelta(days=1), days=0)
    elif why == "another county's":
        a_recycler(session, now, county_code="610728")
        open_campaign(session, "610728", None, "镇巴", now.date(), now.date(), 10_000, 1, now)
    elif why == "used up":
        a_campaign(session, now, budget_fen=PARCEL_FEN - 1)
    elif why == "cap reached":
        a_campaign(session, now, per_person=1)
        a_labelled_phone(session, consumer, now)
    order = a_labelled_phone(session, consumer, now)
    assert freight.grant_of(session, order.id) is None
    assert list(audit.breaks(session)) == []


def test_the_last_day_counts_to_its_last_minute(session, consumer, recycler, now):
    a_campaign(session, now, days=0)
    midnight = now.replace(hour=0, minute=0) + timedelta(days=1)
    orders = [a_quoted_phone(session, consumer, now) for _ in range(2)]
    send_in.accept_quote(session, consumer.id, orders[0].id, midnight - timedelta(minutes=1))
    send_in.accept_quote(session, consumer.id, orders[1].id, midnight)
    assert [freight.grant_of(session, order.id) is not None for order in orders] == [True, False]


def test_a_full_campaign_leaves_the_next_one_to_pay(session, consumer, recycler, now):
    first = a_campaign(session, now, budget_fen=PARCEL_FEN, days=3)
    second = a_campaign(session, now, days=9)
    orders = [a_labelled_phone(session, consumer, now) for _ in range(2)]
    paid = [freight.grant_of(session, order.id).campaign_id for order in orders]
    assert paid == [first.id, second.id]


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"name": "x"}, "name"), ({"last_day": -1}, "days"), ({"budget_fen": 0}, "amount"),
     ({"per_person": 0}, "per_person")],
)  # fmt: skip
def test_a_campaign_that_makes_no_sense_is_refused(session, now, changed, code):
    asked = {"name": "乡亲寄旧机", "last_day": 5, "budget_fen": 10_000, "per_person": 1} | changed
    last_day = now.date() + timedelta(days=asked.pop("last_day"))
    with pytest.raises(Refused, match=f"freight.{code}"):
        open_campaign(session, "610924", None, asked.pop("name"), now.date(), last_day, *asked.values(), now)
    assert session.query(FreightCampaign).count() == 0


@pytest.mark.race
def test_twenty_labels_at_once_never_promise_more_than_there_is(fresh_engine, now):
    with Session(fresh_engine) as session:
        a_recycler(session, now)
        campaign_id = a_campaign(session, now, budget_fen=5 * PARCEL_FEN + 700, per_person=3).id
        people = [an_account(session, now) for _ in range(4)]
        orders = [(who.id, a_quoted_phone(session, who, now).id) for who in people for _ in range(5)]
        session.commit()

    def accept(order):
        with Session(fresh_engine) as own, own.begin():
            send_in.accept_quote(own, *order, now)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(accept, orders))
    with Session(fresh_engine) as session:
        campaign = session.get_one(FreightCampaign, campaign_id)
        assert (campaign.held_fen, campaign.left_fen) == (5 * PARCEL_FEN, 700)
        assert list(audit.breaks(session)) == []
