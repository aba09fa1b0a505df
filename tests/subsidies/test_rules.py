"""The worked table of domain facts §1.6, to the fen, on the programmes as shipped."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.subsidies import programmes, rules
from market.subsidies.rules import Item, Reason, quote

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
        (14, "OLD-NEW-2009", "tv", None, 5000_00, 400_00),
    ],
)
def test_the_worked_table(row, programme, category, grade, base_fen, answer):
    assert pays(programme, category, grade, base_fen) == answer


def decide(items, programme, at, used=None, left=PLENTY):
    rule = SHIPPED[programme]
    return quote(items, [rule], used or {}, {rule.id: left}, at)


IN_2025 = datetime(2025, 6, 1, tzinfo=UTC)
IN_2026 = datetime(2026, 6, 1, tzinfo=UTC)


def test_three_air_conditioners_a_person_in_2025_and_no_fourth():
    one = Item("a", "ac", 1, 1, 3000_00)
    three = Item("b", "ac", 1, 2, 6000_00)
    decisions = decide([one, three, Item("c", "ac", 1, 1, 3000_00)], "GB-2025", IN_2025)
    assert [d.amount_fen for d in decisions] == [600_00, 1200_00, 0]
    assert decisions[2].reason is Reason.quota_used


def test_only_as_many_pieces_of_a_line_as_the_quota_leaves_are_paid_for():
    [decision] = decide([Item("a", "washer", 1, 2, 4000_00)], "GB-2026", IN_2026)
    assert (decision.units, decision.amount_fen) == (1, 300_00)


def test_what_a_person_used_before_counts():
    [decision] = decide([Item("a", "tv", 1, 1, 3000_00)], "GB-2026", IN_2026, {("GB-2026", "tv"): 1})
    assert (decision.amount_fen, decision.reason) == (0, Reason.quota_used)


def test_an_empty_pot_is_the_reason_told():
    [decision] = decide([Item("a", "tv", 1, 1, 3000_00)], "GB-2026", IN_2026, left=449_99)
    assert (decision.amount_fen, decision.reason) == (0, Reason.pot_empty)


def test_the_last_of_the_pot_is_not_promised_twice():
    items = [Item("a", "tv", 1, 1, 3000_00), Item("b", "ac", 1, 1, 3000_00)]
    assert [d.amount_fen for d in decide(items, "GB-2026", IN_2026, left=500_00)] == [450_00, 0]


def test_a_programme_pays_only_in_its_period():
    [decision] = decide([Item("a", "tv", 1, 1, 3000_00)], "GB-2026", IN_2025)
    assert (decision.amount_fen, decision.reason) == (0, Reason.no_programme)


def test_a_category_no_programme_names_has_no_programme():
    [decision] = decide([Item("a", None, 1, 1, 3000_00)], "GB-2026", IN_2026)
    assert decision.reason is Reason.no_programme


def test_the_better_of_two_programmes_pays_and_only_that_one():
    both = [SHIPPED["GB-2025"], SHIPPED["GB-2024"]]
    at = datetime(2025, 6, 1, tzinfo=UTC)
    [decision] = quote([Item("a", "tv", 1, 1, 3000_00)], both, {}, {p.id: PLENTY for p in both}, at)
    assert (decision.programme_id, decision.amount_fen) == ("GB-2025", 600_00)


def test_fridge_and_washer_share_a_reduction_and_then_each_has_its_subsidy():
    items = [Item("fridge", "fridge", 1, 1, 3600_00), Item("washer", "washer", 1, 1, 1800_00)]
    assert [d.amount_fen for d in decide(items, "GB-2025", IN_2025)] == [720_00, 360_00]


@given(
    st.sampled_from(sorted(SHIPPED)),
    st.sampled_from(["fridge", "washer", "tv", "ac", "phone", "pc"]),
    st.sampled_from([None, 1, 2, 3, 5]),
    st.integers(min_value=1, max_value=5),
    st.integers(min_value=5, max_value=3_000_000),
    st.integers(min_value=0, max_value=500_000),
)
def test_a_subsidy_never_exceeds_its_base_its_pot_or_the_quota(name, category, grade, quantity, base, left):
    rule = SHIPPED[name]
    [decision] = decide([Item("a", category, grade, quantity, base)], name, rule.valid_from, left=left)
    assert 0 <= decision.amount_fen <= min(base, left)
    assert decision.units <= rule.quantity_limits.get(category, 0)
    assert (decision.amount_fen > 0) == (decision.programme_id is not None) == (decision.reason is None)


@given(st.sampled_from(["tv", "ac"]), st.integers(min_value=7, max_value=2_000_000), st.integers(1, 100_000))
def test_a_higher_price_never_earns_a_smaller_subsidy_where_there_is_no_ceiling(category, price, more):
    assert pays("GB-2026", category, 1, price) <= pays("GB-2026", category, 1, price + more)
