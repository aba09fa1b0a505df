from dataclasses import replace
from decimal import Decimal

import pytest

from market.catalog.declare_label import declare_label
from market.catalog.queries import labels_to_verify, standards_for
from market.catalog.rules import LabelState, best_grade
from market.catalog.verify_label import reject_label, verify_label
from market.kernel.clock import local_date
from market.kernel.errors import NotFound, Refused
from tests.builders.catalog import a_label_draft, a_listing
from tests.builders.people import an_operator
from tests.builders.shops import a_shop


@pytest.fixture
def listing(session, now):
    return a_listing(session, a_shop(session, now), now)


@pytest.fixture
def operator(session, now):
    return an_operator(session, now)


def grade(session, listing, now):
    session.expire(listing.product, ["labels"])
    return best_grade(listing.product.labels, local_date(now))


def test_a_label_shows_once_the_county_has_verified_it(session, now, listing, operator):
    label = declare_label(session, listing.shop_id, listing.id, a_label_draft(), now)
    assert grade(session, listing, now) is None
    assert labels_to_verify(session, "610924") == [label]
    verify_label(session, "610924", label.id, operator.id, now)
    assert (label.verified_by, label.verified_at, grade(session, listing, now)) == (operator.id, now, 1)
    assert labels_to_verify(session, "610924") == []


def test_a_verified_label_can_still_be_rejected_with_a_reason(session, now, listing, operator):
    label = declare_label(session, listing.shop_id, listing.id, a_label_draft(), now)
    verify_label(session, "610924", label.id, operator.id, now)
    with pytest.raises(Refused, match=r"catalog\.reason_missing"):
        reject_label(session, "610924", label.id, "  ", operator.id, now)
    reject_label(session, "610924", label.id, "备案号属于别的型号", operator.id, now)
    assert (label.state, label.reason, grade(session, listing, now)) == (
        LabelState.rejected,
        "备案号属于别的型号",
        None,
    )


def test_a_rejected_label_stays_rejected(session, now, listing, operator):
    label = declare_label(session, listing.shop_id, listing.id, a_label_draft(), now)
    reject_label(session, "610924", label.id, "看不清", operator.id, now)
    with pytest.raises(Refused, match=r"state\.illegal_move"):
        verify_label(session, "610924", label.id, operator.id, now)


def test_another_county_does_not_see_the_label(session, now, listing, operator):
    label = declare_label(session, listing.shop_id, listing.id, a_label_draft(), now)
    assert labels_to_verify(session, "610728") == []
    with pytest.raises(NotFound):
        verify_label(session, "610728", label.id, operator.id, now)
    assert label.state is LabelState.declared


def test_a_record_number_is_declared_once(session, now, listing):
    draft = a_label_draft()
    declare_label(session, listing.shop_id, listing.id, draft, now)
    with pytest.raises(Refused) as refused:
        declare_label(session, listing.shop_id, listing.id, draft, now)
    assert (refused.value.code, refused.value.field) == ("catalog.record_taken", "record_number")


def test_a_grade_that_the_figures_do_not_reach_is_refused(session, now, listing):
    figures = {"kwh_per_cycle_kg": "0.130", "liters_per_cycle_kg": "7.5", "wash_ratio": "1.04"}
    measured = {name: Decimal(value) for name, value in figures.items()}
    draft = a_label_draft(grade=1, variant="front_load", measured=measured)
    with pytest.raises(Refused) as refused:
        declare_label(session, listing.shop_id, listing.id, draft, now)
    assert (refused.value.code, refused.value.values) == ("catalog.grade_not_reached", {"resolved": 2})
    label = declare_label(session, listing.shop_id, listing.id, replace(draft, grade=2), now)
    assert label.measured == figures


def test_a_category_offers_its_standards_the_latest_first(session, now, listing):
    assert [standard.number for standard in standards_for(session, "fridge")] == [
        "GB 12021.2-2025",
        "GB 12021.2-2015",
    ]
    assert standards_for(session, "clean_stove") == []


def test_an_empty_file_is_no_photo_of_a_label(session, now, listing):
    before = len(listing.product.labels)
    with pytest.raises(Refused, match=r"photo\.unreadable") as refused:
        declare_label(session, listing.shop_id, listing.id, replace(a_label_draft(), scan=b""), now)
    assert refused.value.field == "scan"
    session.expire(listing.product, ["labels"])
    assert len(listing.product.labels) == before
