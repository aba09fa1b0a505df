"""A programme's data is read in full, and what is wrong with it is named by its field."""

from copy import deepcopy
from datetime import datetime, timedelta

import pytest

from market.kernel.clock import SHANGHAI
from market.subsidies import programmes
from market.subsidies.schema import Basis, Coupons, Issue, ProgrammeError, Reset, read

START = datetime(2026, 1, 1, tzinfo=SHANGHAI)
SHIPPED = {row["id"]: row for row in programmes.shipped()}


def rules_of(code="GB-2026", **changes):
    return deepcopy(SHIPPED[code]["rules"]) | changes


def parse(data):
    return read("X:1", START, START + timedelta(days=365), data)


def test_all_programmes_of_the_facts_are_shipped_and_readable():
    assert set(SHIPPED) == {
        "JDXX-PILOT", "JDXX", "OLD-NEW-2009", "GB-2024", "GB-2025", "DIGI-2025", "GB-2026", "DIGI-2026",
        "SMARTHOME-2026", "COUNTY-HEAT-2026",
    }  # fmt: skip
    for row in SHIPPED.values():
        parse(row["rules"])


def test_gb_2026_says_what_the_facts_say():
    found = parse(rules_of())
    assert found.quantity_limits == dict.fromkeys(["fridge", "washer", "tv", "ac", "water_heater", "pc"], 1)
    assert (found.effective_basis, found.delivery_deadline_days) == (Basis.payment_time, 60)
    assert str(found.hard_delivery_cutoff) == "2026-12-31"
    assert (found.requires_real_name, found.rural_hukou_required) == (True, False)
    assert found.coupons == Coupons(Issue.first_come, ttl_days=2, chances=3, needs_location=False)
    assert (found.period_reset, found.total_limit, found.eligible_grades) == (Reset.calendar_year, None, [1])
    assert found.trade_in_reduces_base is None
    assert (found.restores_quota, found.quota_restore_delay_hours) == (True, 48)
    assert found.settlement["review_steps"] == ["auto", "third_party", "commerce_bureau", "finance"]
    assert "sn" in found.evidence
    assert found.price_disclosure == ("initial_price", "merchant_discount", "subsidy", "final_price")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("categories", {"categories": {}}),
        ("categories.tv.qty_limit", {"categories": {"tv": {"qty_limit": -1}}}),
        ("rate_rules", {"rate_rules": []}),
        ("rate_rules.0.rate", {"rate_rules": [{"when": {}, "rate": "1.5"}]}),
        ("rate_rules.0.rate", {"rate_rules": [{"when": {}, "rate": 0.15}]}),
        ("rate_rules.0.cap_per_item", {"rate_rules": [{"when": {}, "rate": "0.1", "cap_per_item": "1"}]}),
        ("rate_rules.0.when.efficiency_grade", {"rate_rules": [{"when": {"efficiency_grade": [9]}}]}),
        ("rate_rules.0.when.colour", {"rate_rules": [{"when": {"colour": ["red"]}}]}),
        ("price_tiers.oven", {"price_tiers": {"oven": []}}),
        ("price_tiers.tv.0", {"price_tiers": {"tv": [{"upto": 1, "rate": "0.1", "flat": 5}]}}),
        ("price_ceiling_fen", {"price_ceiling_fen": True}),
        ("base", {"base": None}),
        ("base.trade_in_credit_reduces_base", {"base": {"trade_in_credit_reduces_base": "no"}}),
        ("effective_basis", {"effective_basis": "full_moon"}),
        ("hard_delivery_cutoff", {"hard_delivery_cutoff": "31.12.2026"}),
        ("jurisdiction.codes", {"jurisdiction": {"codes": ["Ankang"]}}),
        ("beneficiary.requires_real_name", {"beneficiary": {"requires_real_name": 1}}),
        ("beneficiary.type", {"beneficiary": {"type": "institution"}}),
        ("stacking.max_programmes_per_item", {"stacking": {"max_programmes_per_item": 2}}),
        ("rounding.mode", {"rounding": {"mode": "UP"}}),
        ("coupon.ttl", {"coupon": {"ttl": "two days"}}),
        ("coupon.issue", {"coupon": {"issue": "auction"}}),
        ("refund.quota_restore_delay", {"refund": {"quota_restore_delay": "soon"}}),
        ("evidence", {"evidence": ["sn", 5]}),
        ("rate_rule", {"rate_rule": []}),
    ],
)
def test_what_is_wrong_is_named_by_its_field(field, changes):
    with pytest.raises(ProgrammeError) as wrong:
        parse(rules_of(**changes))
    assert wrong.value.field == field


def test_a_period_that_ends_before_it_begins_is_none():
    with pytest.raises(ProgrammeError) as wrong:
        read("X:1", START, START, rules_of())
    assert wrong.value.field == "valid_to"


def test_what_an_older_release_wrote_is_still_read():
    old = {
        "categories": {"tv": {"qty_limit": 1}},
        "rate_rules": [{"when": {}, "rate": "0.15", "cap_per_item": None}],
        "base": {},
    }
    found = parse(old)
    assert (found.jurisdictions, found.coupons, found.evidence) == (("*",), None, ())
