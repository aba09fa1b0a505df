"""Everything back: a full return leaves every account as it was before the order was placed."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from market.ledger.models import Entry, Phase, Posting
from market.payments import refund, rules, send_refund
from market.payments.refund import Wanted
from market.payments.rules import Share
from market.settlements import pay as settlements
from market.settlements import rules as weeks
from market.subsidies.claim import entitled_fen
from market.subsidies.rules import entitlement
from tests.builders.catalog import a_listing, a_product_draft, a_verified_label
from tests.builders.claims import (
    a_gtin,
    a_sold_washer,
    a_washer,
    answered,
    approved,
    batch_of,
    claim_of,
)
from tests.builders.life import COUNTY, clean, react
from tests.builders.people import an_operator
from tests.subsidies.test_rules import SHIPPED


def accounts(session):
    """What every account holds; cash is one account wherever it is, and a shop's money too."""
    rows = session.execute(
        select(Posting.account_code, func.sum(Posting.amount))
        .join(Entry, Entry.id == Posting.entry_id)
        .where(Entry.phase == Phase.posted)
        .group_by(Posting.account_code)
    )
    found = Counter()
    for code, amount in rows:
        money = code == "bank" or code.endswith(":cash")
        found["money" if money else "shops" if code.startswith("shop:") else code] += int(amount)
    return {code: amount for code, amount in found.items() if amount}


@pytest.mark.parametrize("price_fen", [259_900, 259_990, 1_000_100])
@pytest.mark.parametrize("is_paid_out", [False, True])
def test_a_full_return_restores_every_account(session, now, price_fen, is_paid_out):
    washer = a_washer(session, now, price_fen)
    before = accounts(session)
    order = a_sold_washer(session, now, washer)
    claim = claim_of(session, order)
    if is_paid_out:
        approved(session, claim, now)
        answered(session, batch_of(session, now), now)
    [part] = order.shop_orders
    wanted = Wanted("不制冷", {part.lines[0].id: 1}, {}, with_delivery=True)
    asked = refund.request(session, part.id, wanted, order.account_id, "all", now)
    refund.approve(session, COUNTY, an_operator(session, now).id, asked.id, now)
    send_refund.pay_out_in_cash(session, COUNTY, an_operator(session, now).id, asked.id, "王秀英", now)
    react(session, now)
    if is_paid_out:
        # The shop sells once more, so that its next sheet has something to take the clawback off.
        other = a_sold_washer(session, now, a_washer_of(session, washer, now))
        later = now + timedelta(days=14)
        react(session, later)
        [sheet] = settlements.draw_up(session, COUNTY, weeks.week_of(now + timedelta(days=7)), later)
        for _ in range(2):
            settlements.approve(session, COUNTY, an_operator(session, now).id, sheet.id, later)
        answered(session, batch_of(session, later), later)
        sold = claim_of(session, other).amount_fen
        assert clean(session, later)
        first = {code: fen + (sold if code.startswith("pot:") else 0) for code, fen in before.items()}
        assert of_the_state(accounts(session)) == of_the_state(first)
        return
    assert accounts(session) == before
    assert clean(session, now)


def of_the_state(found):
    return {code: fen for code, fen in found.items() if code.startswith(("pot:", "treasury:", "clawback:"))}


def a_washer_of(session, washer, now):
    """Another model of the same shop's."""
    other = a_listing(session, washer.shop, now, product=a_product_draft(gtin=a_gtin()))
    a_verified_label(session, other, now)
    session.refresh(other.product)
    return other


prices = st.integers(100_00, 15_000_00)
PROGRAMMES = st.sampled_from(["GB-2025", "GB-2026"])


@given(
    prices,
    st.integers(1, 4),
    st.lists(st.integers(1, 4), max_size=4),
    st.sampled_from(["GB-2025", "GB-2026"]),
)
def test_returns_in_any_parts_split_the_price_exactly_and_sum_to_the_whole(price, quantity, parts, name):
    programme = SHIPPED[name]
    base = price * quantity
    subsidy = entitlement(programme, "ac", 1, quantity, min(quantity, 1), base)
    left = whole = Share(quantity, base - subsidy, subsidy, 0, 0)
    given_back = []
    for pieces in [*parts, quantity]:
        pieces = min(pieces, left.quantity)
        if not pieces:
            break
        rest = left.quantity - pieces
        rest_fen = entitlement(programme, "ac", 1, rest, 1, rules.rest_base_fen(left, pieces)) if rest else 0
        back = rules.returned(left, pieces, min(rest_fen, left.subsidy_fen))
        # consumer_refund + state_clawback == gross_refund
        assert back.money_fen + back.subsidy_fen == left.base_fen - left.less([back]).base_fen
        assert min(back.money_fen, back.subsidy_fen) >= 0
        given_back.append(back)
        left = left.less([back])
    assert left == Share(0, 0, 0, 0, 0)
    assert sum(it.money_fen for it in given_back) == whole.money_fen
    assert sum(it.subsidy_fen for it in given_back) == whole.subsidy_fen


@pytest.mark.parametrize("cut_fen", [1, 100_00, 259_800])
def test_recomputing_never_raises_a_claim(session, now, cut_fen):
    claim = claim_of(session, a_sold_washer(session, now))
    told = entitled_fen(session, claim.reference, 1, 1, 259_900 - cut_fen)
    assert told == min(389_85, (259_900 - cut_fen) * 15 // 100)
    # Whatever price is given, what is left of the claim is the most.
    assert entitled_fen(session, claim.reference, 1, 1, 10 * 259_900) == 389_85
