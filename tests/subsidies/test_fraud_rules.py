"""Every pattern of facts §1.4: where it speaks, where it is silent, and how hard."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.subsidies.fraud_rules import RULES, Facts, Severity, find, thresholds

HONEST = Facts(
    price_fen=259_900,
    filed_price_fen=279_900,
    lowest_7_days_fen=259_900,
    lowest_30_days_fen=259_900,
    gtin="2990000000014",
    gtin_of_label="2990000000014",
    labels=frozenset({"20250310-440300-00000000000000001"}),
    scanned_labels=("https://label.example/20250310-440300-00000000000000001",),
    claimants={"address": 1, "phone": 1},
    claimant="王秀英",
    invoice_title="王秀英",
    invoice_fen=259_900,
    invoice_due_fen=259_900,
    recipient="王秀英",
    meters_off=40,
    days_to_deliver=60,
    deadline_days=60,
)


def test_an_honest_sale_is_left_alone():
    assert find(HONEST) == []


@pytest.mark.parametrize(
    ("rule", "severity", "changes"),
    [
        ("raised_within_7_days", Severity.block, {"lowest_7_days_fen": 259_899}),
        ("raised_within_30_days", Severity.block, {"lowest_30_days_fen": 259_899}),
        ("above_the_filed_price", Severity.block, {"filed_price_fen": 259_899}),
        ("gtin_switched", Severity.block, {"gtin_of_label": "2990000000021"}),
        ("invoice_to_another", Severity.block, {"invoice_title": "某某商贸有限公司"}),
        ("invoice_of_another_sum", Severity.block, {"invoice_fen": 220_915}),
        ("serial_reused", Severity.block, {"serials_taken": ("SN-1",)}),
        ("label_of_another", Severity.hold, {"scanned_labels": ("20250310-440300-00000000000000002",)}),
        ("many_claimants", Severity.hold, {"claimants": {"phone": 4}}),
        ("unproven_delivery", Severity.hold, {"unproven": frozenset({"delivery_photo"})}),
        ("outside", Severity.hold, {"meters_off": 20_001}),
        ("recipient_differs", Severity.hold, {"recipient": "李国强"}),
        ("delivered_late", Severity.hold, {"days_to_deliver": 61}),
        ("not_activated", Severity.flag, {"needs_activation": True}),
        ("brought_by_hand", Severity.flag, {"brought_by_hand": frozenset({"sn"})}),
    ],
)
def test_one_thing_wrong_is_found_and_nothing_else(rule, severity, changes):
    assert [(it.rule, it.severity) for it in find(replace(HONEST, **changes))] == [(rule, severity)]


@pytest.mark.parametrize(
    "changes",
    [
        {"claimants": {"phone": 3}},
        {"meters_off": 20_000},
        {"lowest_7_days_fen": None, "lowest_30_days_fen": None},
        {"gtin": None},
        {"gtin_of_label": None},
        {"scanned_labels": ()},
        {"invoice_title": None, "invoice_fen": None},
        {"deadline_days": None, "days_to_deliver": 400},
        {"needs_activation": True, "is_activated": True},
        {"price_fen": 1},
    ],
)
def test_what_is_unknown_or_just_within_bounds_is_no_pattern(changes):
    assert find(replace(HONEST, **changes)) == []


def test_the_hardest_is_told_first():
    found = find(replace(HONEST, brought_by_hand=frozenset({"sn"}), recipient="李国强", serials_taken=("A",)))
    assert [it.severity for it in found] == [Severity.block, Severity.hold, Severity.flag]


def test_every_rule_says_what_it_is_about_and_every_figure_where_it_is_from():
    assert all(rule.__doc__ for _, rule in RULES)
    assert all(it.source and it.confidence for it in thresholds().values())
    assert not thresholds()["claimants"].verified


@given(st.integers(1, 10**7), st.integers(1, 10**7), st.integers(1, 10**7))
def test_raising_the_price_never_clears_a_claim(price_fen, more_fen, before_fen):
    at_first = replace(HONEST, price_fen=price_fen, lowest_7_days_fen=before_fen)
    dearer = replace(at_first, price_fen=price_fen + more_fen)
    assert {it.rule for it in find(at_first)} <= {it.rule for it in find(dearer)}
