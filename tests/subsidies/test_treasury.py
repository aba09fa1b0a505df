"""What the treasury is asked for, what it pays, and what it gets back (facts §1.7)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from market import audit
from market.kernel.errors import NotFound, Refused
from market.ledger.queries import balance
from market.ledger.rules import BANK, UNEARNED, clawbacks, pot, treasury
from market.orders.models import ShopOrder
from market.payments import refund, rules
from market.payments.refund import Wanted
from market.payments.rules import Share
from market.settlements import pay as settlements
from market.settlements import rules as weeks
from market.settlements.models import ItemKind, SettlementItem
from market.subsidies import give_up, review, serials
from market.subsidies import treasury as desk
from market.subsidies.models import ClaimState, Pot, Quota
from market.subsidies.review_models import (
    ClaimSerial,
    ClaimSerialState,
    Clawback,
    ClawbackState,
    LineState,
    TreasuryBatch,
)
from market.subsidies.rules import entitlement
from market.subsidies.treasury_rules import Problem
from tests.builders.claims import (
    a_paid_claim,
    a_sold_washer,
    a_washer,
    answered,
    answers,
    approved,
    batch_of,
    claim_of,
)
from tests.builders.life import COUNTY, clean, react
from tests.builders.people import an_account, an_operator
from tests.builders.subsidies import GB_2026
from tests.subsidies.test_rules import SHIPPED

SUBSIDY, BUDGET = 389_85, 1_000_000_00


def figures(session):
    session.expire_all()
    row = session.get_one(Pot, (GB_2026, COUNTY))
    return row.held, row.committed, row.paid


def taken_back(session, order, now, pieces=0, cut_fen=0):
    """A return or a price cut, asked for and approved."""
    [part] = order.shop_orders
    [line] = part.lines
    wanted = Wanted("坏了", {line.id: pieces} if pieces else {}, {line.id: cut_fen} if cut_fen else {})
    asked = refund.request(session, part.id, wanted, order.account_id, f"back-{now}-{pieces}-{cut_fen}", now)
    refund.approve(session, COUNTY, an_operator(session, now).id, asked.id, now)
    react(session, now)
    return asked


def test_the_treasury_pays_a_batch_and_the_pot_has_paid(session, now):
    order = a_sold_washer(session, now)
    claim = claim_of(session, order)
    approved(session, claim, now)
    bank = balance(session, BANK)
    batch = batch_of(session, now)
    assert (batch.number, batch.size, batch.claims_fen, batch.clawbacks_fen) == (1, 1, SUBSIDY, 0)
    assert desk.make_batch(session, COUNTY, an_operator(session, now).id, now) is None
    answered(session, batch, now)
    assert (claim.state, figures(session)) == (ClaimState.paid_out, (0, 0, SUBSIDY))
    assert balance(session, BANK) - bank == SUBSIDY
    assert balance(session, treasury(GB_2026, COUNTY)) == BUDGET - SUBSIDY
    assert clean(session, now)


def test_the_same_file_twice_changes_nothing(session, now):
    claim = claim_of(session, a_sold_washer(session, now))
    approved(session, claim, now)
    batch = batch_of(session, now)
    for _ in range(2):
        answered(session, batch, now)
    assert figures(session) == (0, 0, SUBSIDY)
    assert clean(session, now)


def test_right_rows_are_taken_and_each_wrong_one_says_why(session, now):
    washer = a_washer(session, now)
    claims = [claim_of(session, a_sold_washer(session, now, washer)) for _ in range(2)]
    for claim in claims:
        approved(session, claim, now)
    batch = batch_of(session, now)
    first, second = batch.lines
    content = answers(batch).decode().replace(f"{second.number},已付,389.85", f"{second.number},已付,389.86")
    content += f"\n{COUNTY}-0009-0001,已付,1.00,CZ,"
    file = desk.upload(session, COUNTY, an_operator(session, now).id, content.encode(), now)
    assert [it.problem for it in desk.preview(session, file)] == [
        None, Problem.amount_differs, Problem.number_unknown,
    ]  # fmt: skip
    desk.apply(session, COUNTY, file.id, now)
    session.expire_all()
    assert (first.state, second.state, file.applied_rows) == (LineState.paid, LineState.sent, 1)
    assert [it.is_known for it in desk.preview(session, file)] == [True, False, False]
    assert clean(session, now)


def test_another_countys_answers_change_nothing_here(session, now):
    claim = claim_of(session, a_sold_washer(session, now))
    approved(session, claim, now)
    batch = batch_of(session, now)
    other = an_operator(session, now, "610728").id
    file = desk.upload(session, "610728", other, answers(batch), now)
    assert [it.problem for it in desk.preview(session, file)] == [Problem.number_unknown]
    desk.apply(session, "610728", file.id, now)
    with pytest.raises(NotFound):
        desk.apply(session, COUNTY, file.id, now)
    session.expire_all()
    assert claim.state is ClaimState.approved


def test_what_is_no_file_of_answers_is_refused(session, now):
    with pytest.raises(Refused) as caught:
        desk.upload(session, COUNTY, an_operator(session, now).id, b"GIF89a", now)
    assert (caught.value.code, caught.value.field) == ("treasury.file", "file")


def test_what_the_treasury_turns_down_can_be_appealed_and_asked_for_again(session, now):
    claim = claim_of(session, a_sold_washer(session, now))
    approved(session, claim, now)
    answered(session, batch_of(session, now), now, paid=False)
    assert (claim.state, figures(session)) == (ClaimState.rejected, (0, SUBSIDY, 0))
    review.appeal(session, claim.shop_id, claim.id, "发票重新开了", an_account(session, now).id, now)
    approved(session, claim, now)
    second = batch_of(session, now)
    answered(session, second, now)
    assert (second.number, claim.state, figures(session)) == (2, ClaimState.paid_out, (0, 0, SUBSIDY))
    assert clean(session, now)


def test_a_return_before_the_payout_gives_the_pot_its_part_and_frees_quota_and_serial(session, now):
    order = a_sold_washer(session, now, serial_numbers=("SN-3000",))
    claim = claim_of(session, order)
    asked = taken_back(session, order, now, pieces=1)
    session.expire_all()
    assert (asked.lines[0].money_fen, asked.lines[0].subsidy_fen) == (2209_15, SUBSIDY)
    assert (claim.state, figures(session)) == (ClaimState.returned, (0, 0, 0))
    assert session.get_one(ClaimSerial, "SN-3000").state is ClaimSerialState.released
    assert session.scalar(select(Quota.used)) == 0
    assert clean(session, now)


def test_a_return_after_the_payout_is_owed_by_the_shop_netted_and_repaid(session, now):
    order, claim = a_paid_claim(session, now)
    taken_back(session, order, now, pieces=1)
    session.expire_all()
    assert (claim.state, claim.clawback_fen) == (ClaimState.clawback_due, SUBSIDY)
    assert figures(session) == (0, 0, SUBSIDY)
    assert balance(session, clawbacks(GB_2026, COUNTY)) == SUBSIDY
    items = {
        item.kind: (item.net_fen, item.subsidy_fen)
        for item in session.scalars(
            select(SettlementItem).where(SettlementItem.shop_order_id == order.shop_orders[0].id)
        )
    }
    # Goods 2,599.00 less 3 % commission come back: the state's 389.85 of it has a line of its own.
    assert items == {
        ItemKind.sale: (2521_03, SUBSIDY),
        ItemKind.clawback: (-SUBSIDY, -SUBSIDY),
        ItemKind.reduction: (SUBSIDY - 2521_03, 0),
    }
    assert clean(session, now)
    assert desk.make_batch(session, COUNTY, an_operator(session, now).id, now) is None


def test_price_protection_after_the_payout_claws_back_what_the_lower_price_is_not_entitled_to(session, now):
    order, claim = a_paid_claim(session, now)
    asked = taken_back(session, order, now, cut_fen=200_00)
    session.expire_all()
    # 15 % of 2,399.00 is 359.85: the state gets 30.00 back and the buyer 170.00.
    assert (asked.amount_fen, claim.clawback_fen, claim.left_fen) == (170_00, 30_00, 359_85)
    later = now + timedelta(days=14)
    react(session, later)
    [sheet] = settlements.draw_up(session, COUNTY, weeks.week_of(now + timedelta(days=7)), later)
    assert (ItemKind.clawback, -30_00) in [(item.kind, item.net_fen) for item in sheet.items]
    for _ in range(2):
        settlements.approve(session, COUNTY, an_operator(session, now).id, sheet.id, later)
    row = session.scalars(select(Clawback)).one()
    assert (row.state, row.netted_at) == (ClawbackState.netted, later)
    batch = batch_of(session, later)
    assert (batch.claims_fen, batch.clawbacks_fen) == (0, 30_00)
    answered(session, batch, later)
    assert (claim.state, claim.clawback_fen) == (ClaimState.clawback_done, 0)
    assert figures(session) == (0, 0, 359_85)
    assert balance(session, pot(GB_2026, COUNTY)) == BUDGET - 359_85
    assert balance(session, treasury(GB_2026, COUNTY)) == BUDGET - 359_85
    assert clean(session, later)


@pytest.mark.parametrize("paid", [True, False])
def test_goods_that_come_back_while_the_treasury_is_asked_wait_for_its_answer(session, now, paid):
    order = a_sold_washer(session, now)
    claim = claim_of(session, order)
    approved(session, claim, now)
    batch = batch_of(session, now)
    taken_back(session, order, now, cut_fen=200_00)
    session.expire_all()
    assert (claim.state, claim.clawback_fen) == (ClaimState.refund_pending, 30_00)
    assert clean(session, now)
    answered(session, batch, now, paid=paid)
    if paid:
        assert (claim.state, figures(session)) == (ClaimState.clawback_due, (0, 0, SUBSIDY))
    else:
        assert (claim.state, figures(session)) == (ClaimState.rejected, (0, 359_85, 0))
        assert session.scalars(select(Clawback.state)).all() == [ClawbackState.void]
    assert clean(session, now)


def test_all_of_it_back_while_the_treasury_turns_it_down_is_simply_returned(session, now):
    order = a_sold_washer(session, now)
    claim = claim_of(session, order)
    approved(session, claim, now)
    batch = batch_of(session, now)
    taken_back(session, order, now, pieces=1)
    answered(session, batch, now, paid=False)
    assert (claim.state, figures(session)) == (ClaimState.returned, (0, 0, 0))
    assert clean(session, now)


def test_a_withdrawn_claim_whose_goods_come_back_relieves_the_shop(session, now):
    order = a_sold_washer(session, now)
    claim = claim_of(session, order)
    give_up.withdraw(session, claim.shop_id, claim.id, an_account(session, now).id, "算了", now)
    react(session, now)
    taken_back(session, order, now, pieces=1)
    react(session, now)
    session.expire_all()
    assert clean(session, now)
    [part] = session.scalars(select(ShopOrder)).all()
    net = select(func.sum(SettlementItem.net_fen)).where(SettlementItem.shop_order_id == part.id)
    assert session.scalar(net) == 0
    assert balance(session, UNEARNED) == 0


def test_a_released_serial_number_is_claimed_again_by_the_next_sale(session, now):
    washer = a_washer(session, now)
    order = a_sold_washer(session, now, washer, serial_numbers=("SN-4000",))
    taken_back(session, order, now, pieces=1)
    again = claim_of(session, a_sold_washer(session, now, washer, serial_numbers=("SN-4000",)))
    assert serials.of_claim(session, again.id) == ["SN-4000"]
    assert again.state is ClaimState.under_review


def test_a_spoiled_batch_is_a_break(session, now):
    a_paid_claim(session, now)
    session.scalars(select(TreasuryBatch)).one().content += b"x"
    session.flush()
    assert [it.detail for it in audit.run(session, now)] == [
        "treasury batch 1 of 610924 is not what was made"
    ]


# Facts §1.7: the washer and the fridge of §1.6 at 20 %, with amounts in fen.


def test_the_full_return_of_the_washer():
    washer = Share(1, 1440_00, 360_00, 0, 0)
    back = rules.returned(washer, 1, 0)
    assert (back.money_fen, back.subsidy_fen) == (1440_00, 360_00)


def test_price_protection_of_200_on_the_fridge_claws_back_40_and_nets_160():
    fridge = Share(1, 2880_00, 720_00, 0, 0)
    entitled = entitlement(SHIPPED["GB-2025"], "fridge", 1, 1, 1, 3400_00)
    back = rules.reduced(fridge, 200_00, entitled)
    assert (entitled, back.subsidy_fen, back.money_fen) == (680_00, 40_00, 160_00)


@given(st.integers(100_00, 15_000_00), st.integers(1, 15_000_00), st.sampled_from(["GB-2025", "GB-2026"]))
def test_a_price_cut_splits_into_what_the_consumer_and_what_the_state_gets(base, cut, name):
    programme = SHIPPED[name]
    cut = min(cut, base // 2)
    before = entitlement(programme, "fridge", 1, 1, 1, base)
    after = entitlement(programme, "fridge", 1, 1, 1, base - cut)
    back = rules.reduced(Share(1, base - before, before, 0, 0), cut, after)
    assert back.money_fen + back.subsidy_fen == cut
    assert 0 <= back.subsidy_fen == before - after
    assert after <= before
