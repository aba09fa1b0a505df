"""The worked tables of domain facts §1.6 and §1.7, to the fen, on the programmes as shipped."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.kernel.money import allocate
from market.subsidies import programmes, rules
from market.subsidies.rules import ANY_CATEGORY, Buyer, Item, Offer, Reason, quote

SHIPPED = {
    row["id"]: rules.read(
        row["id"],
        datetime.fromisoformat(row["valid_from"]),
        datetime.fromisoformat(row["valid_to"]),
        row["rules"],
    )
    for row in programmes.shipped()
}
PLENTY = 10**12


def pays(programme, category, grade, price_fen):
    """What the programme pays for one item, or the reason why not."""
    return rules.amount_for_one(SHIPPED[programme], category, grade, price_fen)


@pytest.mark.parametrize(
    ("row", "programme", "category", "grade", "base_fen", "answer"),
    [
        (1, "GB-2024", "ac", 1, 6299_00, 1259_80),
        (2, "GB-2024", "fridge", 1, 12_000_00, 2000_00),
        (3, "GB-2024", "fridge", 2, 12_000_00, 1800_00),
        (3, "GB-2024", "fridge", 2, 14_000_00, 2000_00),
        (4, "GB-2025", "rice_cooker", None, 3000_00, 450_00),
        (4, "GB-2025", "rice_cooker", None, 20_000_00, 2000_00),
        (4, "GB-2025", "rice_cooker", 3, 3000_00, Reason.grade_not_eligible),
        (6, "GB-2026", "washer", 1, 2599_00, 389_85),
        (6, "GB-2026", "washer", 1, 2599_90, 389_98),
        (7, "GB-2026", "washer", 2, 2599_00, Reason.grade_not_eligible),
        (8, "GB-2026", "tv", 1, 9999_00, 1499_85),
        (8, "GB-2026", "tv", 1, 10_000_00, 1500_00),
        (8, "GB-2026", "tv", 1, 10_001_00, 1500_00),
        (9, "DIGI-2026", "phone", None, 5999_00, 500_00),
        (9, "DIGI-2026", "phone", None, 6000_00, 500_00),
        (9, "DIGI-2026", "phone", None, 6000_01, Reason.price_ceiling),
        (10, "DIGI-2026", "phone", None, 6499_00 - 500_00, 500_00),
        (11, "DIGI-2026", "phone", None, 3333_33, 499_99),
        (11, "DIGI-2026", "phone", None, 3333_34, 500_00),
        (12, "JDXX", "tv", None, 3500_00, 455_00),
        (12, "JDXX", "tv", None, 3501_00, 455_00),
        (12, "JDXX", "tv", None, 7000_00, 455_00),
        (12, "JDXX", "tv", None, 7001_00, Reason.price_ceiling),
        (13, "JDXX", "fridge", None, 2400_00, 312_00),
        (13, "JDXX", "fridge", None, 2600_00, 325_00),
        (13, "JDXX", "fridge", None, 4001_00, Reason.price_ceiling),
        (13, "JDXX", "fridge", None, 4000_00, 325_00),
        (14, "OLD-NEW-2009", "tv", None, 5000_00, 400_00),
        ("cap", "GB-2024", "tv", 1, 10_000_00, 2000_00),
        ("cap", "GB-2025", "tv", 2, 13_333_33, 1999_99),
        ("cap", "GB-2025", "tv", 2, 13_333_34, 2000_00),
        ("reported", "JDXX", "tv", None, 1950_00, 253_50),
        ("pilot", "JDXX-PILOT", "phone", None, 1000_00, 130_00),
        ("pilot", "JDXX-PILOT", "phone", None, 1000_01, Reason.price_ceiling),
        ("washer", "JDXX", "washer", None, 2000_01, 260_00),
        ("washer", "JDXX", "washer", None, 3500_01, Reason.price_ceiling),
        ("unknown", "JDXX", "ac", None, 2000_00, Reason.rate_unknown),
        ("unknown", "SMARTHOME-2026", "smart_home", None, 500_00, Reason.rate_unknown),
        ("2025", "DIGI-2025", "watch", None, 6000_00, 500_00),
    ],
)
def test_the_worked_table(row, programme, category, grade, base_fen, answer):
    assert pays(programme, category, grade, base_fen) == answer


def offer(code, left=PLENTY, requires_coupon=False, **changes):
    return Offer(replace(SHIPPED[code], **changes), left, requires_coupon)


def decide(items, programme, at, used=None, left=PLENTY, buyer=None):
    return quote(items, buyer or Buyer(used or {}), [offer(programme, left)], at)


IN_2009 = datetime(2009, 7, 1, tzinfo=UTC)
IN_2025 = datetime(2025, 6, 1, tzinfo=UTC)
IN_2026 = datetime(2026, 6, 1, tzinfo=UTC)


def test_three_air_conditioners_a_person_in_2025_and_no_fourth():
    one = Item("a", "ac", 1, 1, 3000_00)
    three = Item("b", "ac", 1, 2, 6000_00)
    decisions = decide([one, three, Item("c", "ac", 1, 1, 3000_00)], "GB-2025", IN_2025)
    assert [d.amount_fen for d in decisions] == [600_00, 1200_00, 0]
    assert (decisions[2].reason, decisions[2].values["limit"]) == (Reason.quota_used, 3)


def test_only_as_many_pieces_of_a_line_as_the_quota_leaves_are_paid_for():
    [decision] = decide([Item("a", "washer", 1, 2, 4000_00)], "GB-2026", IN_2026)
    assert (decision.units, decision.amount_fen) == (1, 300_00)


def test_what_a_person_used_before_counts():
    [decision] = decide([Item("a", "tv", 1, 1, 3000_00)], "GB-2026", IN_2026, {("GB-2026", "tv"): 1})
    assert (decision.amount_fen, decision.reason) == (0, Reason.quota_used)


def test_what_was_used_under_another_version_counts_too():
    newer = offer("GB-2026", id="GB-2026:2")
    [decision] = quote([Item("a", "tv", 1, 1, 3000_00)], Buyer({("GB-2026", "tv"): 1}), [newer], IN_2026)
    assert decision.reason is Reason.quota_used


def test_use_in_2024_does_not_block_2025():
    [decision] = decide([Item("a", "tv", 1, 1, 3000_00)], "GB-2025", IN_2025, {("GB-2024", "tv"): 1})
    assert decision.amount_fen == 600_00


def test_an_empty_pot_is_the_reason_told():
    [decision] = decide([Item("a", "tv", 1, 1, 3000_00)], "GB-2026", IN_2026, left=449_99)
    assert (decision.amount_fen, decision.reason) == (0, Reason.pot_empty)
    assert decision.values["left_fen"] == 449_99


def test_the_last_of_the_pot_is_not_promised_twice():
    items = [Item("a", "tv", 1, 1, 3000_00), Item("b", "ac", 1, 1, 3000_00)]
    assert [d.amount_fen for d in decide(items, "GB-2026", IN_2026, left=500_00)] == [450_00, 0]


def test_a_pot_that_pays_for_one_of_three_pieces_pays_for_one():
    [decision] = decide([Item("a", "ac", 1, 3, 9000_00)], "GB-2025", IN_2025, left=1000_00)
    assert (decision.units, decision.amount_fen) == (1, 600_00)


def test_a_programme_pays_only_in_its_period():
    [decision] = decide([Item("a", "tv", 1, 1, 3000_00)], "GB-2026", IN_2025)
    assert (decision.amount_fen, decision.reason) == (0, Reason.no_programme)


def test_a_programme_pays_nothing_after_its_last_day_of_delivery():
    early = offer("GB-2026", hard_delivery_cutoff=IN_2026.date())
    item = Item("a", "tv", 1, 1, 3000_00)
    at = [IN_2026, IN_2026.replace(day=2)]
    assert [quote([item], Buyer(), [early], moment)[0].amount_fen for moment in at] == [450_00, 0]


def test_a_category_no_programme_names_has_no_programme():
    [decision] = decide([Item("a", None, 1, 1, 3000_00)], "GB-2026", IN_2026)
    assert decision.reason is Reason.no_programme


def test_the_better_of_two_programmes_pays_and_only_that_one():
    both = [offer("GB-2025"), offer("GB-2024", valid_to=datetime(2026, 1, 1, tzinfo=UTC))]
    [decision] = quote([Item("a", "tv", 2, 1, 3000_00)], Buyer(), both, IN_2025)
    assert (decision.programme_id, decision.amount_fen) == ("GB-2025", 450_00)


def test_fridge_and_washer_share_a_reduction_and_then_each_has_its_subsidy():
    fridge, washer = (
        b - off for b, off in zip([4000_00, 2000_00], allocate(600_00, [4000, 2000]), strict=True)
    )
    items = [Item("fridge", "fridge", 1, 1, fridge), Item("washer", "washer", 1, 1, washer)]
    assert [d.amount_fen for d in decide(items, "GB-2025", IN_2025)] == [720_00, 360_00]


def test_a_grade_too_low_says_which_grades_are_paid():
    [decision] = decide([Item("a", "washer", 2, 1, 2599_00)], "GB-2026", IN_2026)
    assert decision.reason is Reason.grade_not_eligible
    assert (decision.values["grade"], decision.values["grades"]) == (2, [1])


def test_a_price_above_the_ceiling_says_the_ceiling():
    [decision] = decide([Item("a", "phone", None, 1, 6000_01)], "DIGI-2026", IN_2026)
    assert (decision.reason, decision.values["ceiling_fen"]) == (Reason.price_ceiling, 6000_00)


def test_a_ceiling_that_is_not_inclusive_stops_at_its_own_price():
    below = offer("DIGI-2026", ceiling_inclusive=False)
    prices = (5999_99, 6000_00)
    paid = [quote([Item("a", "phone", None, 1, p)], Buyer(), [below], IN_2026)[0].amount_fen for p in prices]
    assert paid == [500_00, 0]


def test_the_subsidy_of_2009_wants_an_old_appliance_of_any_kind():
    items = [Item("a", "tv", None, 1, 5000_00)]
    [without] = decide(items, "OLD-NEW-2009", IN_2009)
    [handed_in] = decide(items, "OLD-NEW-2009", IN_2009, buyer=Buyer(trade_in="fridge"))
    assert (without.amount_fen, without.reason) == (0, Reason.trade_in_missing)
    assert (handed_in.amount_fen, items[0].base_fen - handed_in.amount_fen) == (400_00, 4600_00)


def test_an_old_appliance_of_the_same_kind_where_the_programme_says_so():
    same = [offer("OLD-NEW-2009", trade_in_same_category=True)]
    items = [Item("a", "tv", None, 1, 5000_00)]
    reasons = [quote(items, Buyer(trade_in=kind), same, IN_2009)[0].reason for kind in ("fridge", "tv")]
    assert reasons == [Reason.trade_in_missing, None]


def test_five_units_over_all_categories_are_enough():
    used = {("OLD-NEW-2009", "tv"): 4, ("OLD-NEW-2009", ANY_CATEGORY): 4}
    items = [Item("a", "tv", None, 1, 4000_00), Item("b", "fridge", None, 1, 3000_00)]
    decisions = decide(items, "OLD-NEW-2009", IN_2009, buyer=Buyer(used, trade_in="tv"))
    assert [d.amount_fen for d in decisions] == [400_00, 0]
    assert decisions[1].reason is Reason.quota_used


@pytest.mark.parametrize(("reduces", "amount"), [(True, 420_00), (False, 450_00), (None, 450_00)])
def test_an_old_appliance_reduces_the_base_only_where_the_programme_says_so(reduces, amount):
    heeded = offer("GB-2026", trade_in_reduces_base=reduces)
    item = Item("a", "tv", 1, 1, 3000_00, trade_in_fen=200_00)
    [decision] = quote([item], Buyer(trade_in="tv"), [heeded], IN_2026)
    assert (decision.amount_fen, decision.base_fen) == (amount, 3000_00)
    assert decision.deducted_fen == (200_00 if reduces else 0)


def test_a_programme_of_another_province_pays_nothing_here():
    [decision] = quote(
        [Item("a", "tv", None, 1, 1000_00)],
        Buyer(county_code="610924", has_rural_hukou=True),
        [offer("JDXX-PILOT")],
        datetime(2008, 1, 1, tzinfo=UTC),
    )
    assert decision.reason is Reason.other_region


def test_a_programme_for_rural_households_pays_nobody_whose_household_is_unknown():
    item = Item("a", "tv", None, 1, 3500_00)
    answers = [
        quote([item], Buyer(has_rural_hukou=rural), [offer("JDXX")], IN_2009)[0] for rural in (None, True)
    ]
    assert [it.amount_fen for it in answers] == [0, 455_00]
    assert answers[0].reason is Reason.hukou_unknown


def test_who_has_no_coupon_is_told_to_claim_one():
    asking = [offer("DIGI-2026", requires_coupon=True)]
    item = Item("a", "phone", None, 1, 2000_00)
    without, holder, visitor = (
        quote([item], Buyer(coupons=coupons), asking, IN_2026)[0]
        for coupons in (frozenset(), frozenset({("DIGI-2026", "phone")}), None)
    )
    assert (without.amount_fen, without.reason) == (0, Reason.coupon_missing)
    assert without.values["programme_id"] == "DIGI-2026"
    assert (holder.amount_fen, holder.with_coupon) == (300_00, True)
    assert (visitor.amount_fen, visitor.with_coupon) == (300_00, True)


def test_one_coupon_pays_for_one_line():
    asking = [offer("DIGI-2026", requires_coupon=True, quantity_limits={"phone": 3})]
    buyer = Buyer(coupons=frozenset({("DIGI-2026", "phone")}))
    items = [Item("a", "phone", None, 2, 4000_00), Item("b", "phone", None, 1, 3000_00)]
    decisions = quote(items, buyer, asking, IN_2026)
    assert [(d.units, d.amount_fen) for d in decisions] == [(0, 0), (1, 450_00)]


def test_the_dearer_of_two_fridges_has_the_one_subsidy_in_whatever_order_they_lie_in_the_cart():
    items = [
        Item("a", "fridge", 1, 1, 2000_00),
        Item("b", "fridge", 1, 1, 4000_00),
        Item("c", "tv", 1, 1, 3000_00),
    ]
    for order in permutations(items):
        found = {d.line: d.amount_fen for d in decide(order, "GB-2026", IN_2026)}
        assert found == {"a": 0, "b": 600_00, "c": 450_00}


def test_the_price_protection_of_facts_1_7():
    """200.00 off a fridge of 3,600.00: 40.00 goes back to the state, 160.00 to her."""
    programme = SHIPPED["GB-2025"]
    before = rules.entitlement(programme, "fridge", 1, 1, 1, 3600_00)
    after = rules.entitlement(programme, "fridge", 1, 1, 1, 3400_00)
    clawback_fen = before - after
    assert (before, after, clawback_fen, 200_00 - clawback_fen) == (720_00, 680_00, 40_00, 160_00)


def test_a_washer_that_comes_back_whole_as_in_facts_1_7():
    [decision] = decide([Item("w", "washer", 1, 1, 1800_00)], "GB-2025", IN_2025)
    assert (decision.base_fen - decision.amount_fen, decision.amount_fen) == (1440_00, 360_00)


CATEGORIES = ["fridge", "washer", "tv", "ac", "phone", "pc"]
GRADES = [None, 1, 2, 3, 5]
ITEMS = st.lists(
    st.tuples(
        st.sampled_from(CATEGORIES),
        st.sampled_from(GRADES),
        st.integers(min_value=1, max_value=3),
        st.integers(min_value=5, max_value=2_000_000),
    ),
    min_size=1,
    max_size=5,
).map(lambda rows: [Item(f"line{n}", *row) for n, row in enumerate(rows)])


@given(
    st.sampled_from(sorted(SHIPPED)),
    st.sampled_from(CATEGORIES),
    st.sampled_from(GRADES),
    st.integers(min_value=1, max_value=5),
    st.integers(min_value=5, max_value=3_000_000),
    st.integers(min_value=0, max_value=500_000),
)
def test_a_subsidy_never_exceeds_its_base_its_pot_or_the_quota(name, category, grade, quantity, base, left):
    rule = SHIPPED[name]
    everything = Buyer(trade_in=category, has_rural_hukou=True)
    [decision] = quote(
        [Item("a", category, grade, quantity, base)], everything, [offer(name, left)], rule.valid_from
    )
    assert 0 <= decision.amount_fen <= min(base, left)
    assert decision.units <= rule.quantity_limits.get(category, 0)
    assert (decision.amount_fen > 0) == (decision.programme_id is not None) == (decision.reason is None)


@given(ITEMS, st.randoms(use_true_random=False), st.integers(min_value=0, max_value=2_000_000))
def test_the_order_of_a_cart_changes_nothing_and_its_parts_stay_within_the_whole(items, random, left):
    on_offer = [offer("GB-2026", left), offer("DIGI-2026", left)]
    decided = {d.line: d for d in quote(items, Buyer(), on_offer, IN_2026)}
    shuffled = random.sample(items, len(items))
    again = quote(shuffled, Buyer(), on_offer, IN_2026)
    assert [d.line for d in again] == [item.line for item in shuffled]
    assert {d.line: d for d in again} == decided
    for code in ("GB-2026", "DIGI-2026"):
        mine = [d for d in decided.values() if d.programme_id == code]
        assert sum(d.amount_fen for d in mine) <= left
        for category in CATEGORIES:
            units = sum(
                d.units for d in mine if next(i for i in items if i.line == d.line).category == category
            )
            assert units <= SHIPPED[code].quantity_limits.get(category, 0)


@given(
    st.sampled_from(["GB-2024", "GB-2025", "GB-2026", "DIGI-2026"]),
    st.sampled_from(["tv", "ac", "phone"]),
    st.sampled_from([1, 2, None]),
    st.integers(min_value=1, max_value=2_000_000),
)
def test_one_piece_is_never_paid_more_than_its_cap(name, category, grade, price):
    rule = SHIPPED[name]
    amount = rules.amount_for_one(rule, category, grade, price)
    if not isinstance(amount, Reason):
        caps = [rate.cap_fen for rate in rule.rates if rate.covers(grade)]
        assert 0 < amount <= min(price, caps[0])


@given(st.sampled_from(["tv", "ac"]), st.integers(min_value=7, max_value=2_000_000), st.integers(1, 100_000))
def test_a_higher_price_never_earns_a_smaller_subsidy_where_there_is_no_ceiling(category, price, more):
    assert pays("GB-2026", category, 1, price) <= pays("GB-2026", category, 1, price + more)


@given(
    st.sampled_from(["fridge", "ac"]),
    st.integers(min_value=1, max_value=3),
    st.integers(min_value=10_00, max_value=20_000_00),
    st.data(),
)
def test_a_lower_price_or_fewer_pieces_never_raise_what_a_claim_grants(category, quantity, base, data):
    programme = SHIPPED["GB-2025"]
    units = min(quantity, programme.quantity_limits[category])
    granted = rules.entitlement(programme, category, 1, quantity, units, base)
    cut = data.draw(st.integers(min_value=0, max_value=base))
    assert rules.entitlement(programme, category, 1, quantity, units, base - cut) <= granted
    parts = allocate(base, [1] * quantity)
    kept = data.draw(st.integers(min_value=0, max_value=quantity))
    if kept:
        left = rules.entitlement(programme, category, 1, kept, min(units, kept), sum(parts[:kept]))
        assert left <= granted
