from datetime import date, timedelta

import pytest
from sqlalchemy import select

from market.kernel.clock import at
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow
from market.shops import audit
from market.shops.apply import apply
from market.shops.change_state import change_state
from market.shops.checklist import check_permits, unmet
from market.shops.decide_paper import decide_paper, expire_paper
from market.shops.models import PaperState, ShopChange, ShopState
from market.shops.queries import papers_of
from market.shops.submit_paper import submit_paper
from tests.builders.catalog import a_scan
from tests.builders.people import an_account, an_operator
from tests.builders.places import a_county
from tests.builders.shops import an_application

COUNTY = "610924"
UNTIL = date(2027, 5, 31)
ALWAYS = ("business_licence", "contacts", "bank_account")


@pytest.fixture
def owner(session, now):
    a_county(session)
    return an_account(session, now, name="店主")


@pytest.fixture
def shop(session, owner, now):
    return apply(session, an_application(), owner.id, now)


@pytest.fixture
def operator(session, now):
    return an_operator(session, now)


def hand_in(session, shop, owner, now, kinds=ALWAYS):
    for kind in kinds:
        submit_paper(session, shop.id, owner.id, kind, a_scan(), UNTIL, now)


def decide(session, shop, operator, kind, now, to=PaperState.accepted, reason=""):
    return decide_paper(session, COUNTY, operator.id, shop.id, kind, to, reason, now)


def opened(session, shop, owner, operator, now):
    hand_in(session, shop, owner, now)
    for kind in ALWAYS:
        decide(session, shop, operator, kind, now)
    return change_state(session, COUNTY, operator.id, shop.id, ShopState.open, "", now)


def test_with_its_last_paper_a_shop_is_in_review(session, shop, owner, now):
    hand_in(session, shop, owner, now, ALWAYS[:2])
    assert shop.state is ShopState.applied
    hand_in(session, shop, owner, now, ALWAYS[2:])
    assert shop.state is ShopState.in_review


def test_a_shop_opens_only_when_every_paper_is_accepted_or_waived(session, shop, owner, operator, now):
    hand_in(session, shop, owner, now)
    decide(session, shop, operator, "business_licence", now)
    decide(session, shop, operator, "contacts", now, PaperState.waived, "店主当面来过")
    with pytest.raises(Refused) as refused:
        change_state(session, COUNTY, operator.id, shop.id, ShopState.open, "", now)
    assert (refused.value.code, refused.value.values) == (
        "shops.papers_missing",
        {"paper": "收款账户证明", "count": 1},
    )
    assert shop.state is ShopState.in_review
    decide(session, shop, operator, "bank_account", now)
    assert change_state(session, COUNTY, operator.id, shop.id, ShopState.open, "", now).state == "open"


@pytest.mark.parametrize("to", [PaperState.rejected, PaperState.waived])
def test_to_reject_or_waive_needs_a_reason(session, shop, owner, operator, now, to):
    hand_in(session, shop, owner, now)
    with pytest.raises(Refused, match=r"shops\.reason_missing"):
        decide(session, shop, operator, "contacts", now, to, "  ")
    assert papers_of(session, shop.id)["contacts"].state is PaperState.submitted


def test_nobody_reviews_the_shop_where_he_works(session, operator, now):
    own = apply(session, an_application(), operator.id, now)
    submit_paper(session, own.id, operator.id, "contacts", a_scan(), None, now)
    with pytest.raises(Refused, match=r"shops\.own_review"):
        decide(session, own, operator, "contacts", now)
    with pytest.raises(Refused, match=r"shops\.own_review"):
        change_state(session, COUNTY, operator.id, own.id, ShopState.closed, "理由", now)
    assert papers_of(session, own.id)["contacts"].state is PaperState.submitted


def test_another_countys_operator_finds_no_paper(session, shop, owner, now):
    hand_in(session, shop, owner, now)
    stranger = an_operator(session, now, "610728")
    with pytest.raises(NotFound):
        decide_paper(session, "610728", stranger.id, shop.id, "contacts", PaperState.accepted, "", now)


def test_a_paper_that_runs_out_says_until_when_and_what_is_no_photo_is_refused(session, shop, owner, now):
    for day in (None, date(2026, 1, 1)):
        with pytest.raises(Refused, match=r"shops\.paper_day"):
            submit_paper(session, shop.id, owner.id, "business_licence", a_scan(), day, now)
    with pytest.raises(Refused, match=r"photo\.unreadable"):
        submit_paper(session, shop.id, owner.id, "contacts", b"<svg/>", None, now)
    assert papers_of(session, shop.id) == {}


def test_a_category_that_needs_a_permit_is_listed_only_with_it(session, shop, owner, operator, now):
    with pytest.raises(Refused) as refused:
        check_permits(session, shop.id, "gas_cooker")
    assert refused.value.values == {"paper": "燃气燃烧器具安装维修资质"}
    check_permits(session, shop.id, "washer")
    hand_in(session, shop, owner, now, ["gas_installation"])
    decide(session, shop, operator, "gas_installation", now)
    check_permits(session, shop.id, "gas_cooker")


def test_who_means_to_sell_gas_appliances_needs_the_permit_to_open(session, shop):
    shop.categories = ["gas_cooker"]
    assert [it.kind for it in unmet(session, shop)] == [*ALWAYS, "gas_installation"]


@pytest.mark.parametrize("late", [timedelta(), timedelta(days=1)])
def test_a_licence_runs_out_at_midnight_and_stops_the_shop(session, shop, owner, operator, now, late):
    opened(session, shop, owner, operator, now)
    paper = papers_of(session, shop.id)["business_licence"]
    due = session.scalars(select(OutboxRow.due_at).where(OutboxRow.kind == "shops.paper_expires")).one()
    assert due == at(date(2027, 6, 1), now.time().min)
    expire_paper(session, paper.id, due - timedelta(minutes=1))
    assert (paper.state, shop.state) == (PaperState.accepted, ShopState.open)
    for _ in range(2):
        expire_paper(session, paper.id, due + late)
    assert (paper.state, shop.state, shop.state_reason) == ("expired", "suspended", "营业执照已过期")
    assert list(audit.breaks(session)) == []


def test_a_renewed_licence_does_not_run_out_with_the_old_one(session, shop, owner, operator, now):
    opened(session, shop, owner, operator, now)
    submit_paper(session, shop.id, owner.id, "business_licence", a_scan(), date(2030, 5, 31), now)
    paper = decide(session, shop, operator, "business_licence", now)
    expire_paper(session, paper.id, at(date(2027, 6, 1), now.time().min))
    assert (paper.state, shop.state) == (PaperState.accepted, ShopState.open)


def test_every_change_is_on_record_with_who_and_why(session, shop, owner, operator, now):
    opened(session, shop, owner, operator, now)
    change_state(session, COUNTY, operator.id, shop.id, ShopState.suspended, "标价不实", now)
    trail = session.execute(
        select(ShopChange.became, ShopChange.reason, ShopChange.by_id)
        .where(ShopChange.what == "shop")
        .order_by(ShopChange.id)
    ).all()
    assert [tuple(row) for row in trail] == [
        ("applied", "", owner.id),
        ("in_review", "", owner.id),
        ("open", "", operator.id),
        ("suspended", "标价不实", operator.id),
    ]
