"""A claim from the door to its approval: what proves it, who looks at it, what keeps it back."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from market.catalog.change_price import change_price
from market.kernel.errors import NotFound, Refused
from market.settlements.queries import shop_waiting
from market.subsidies import bring, evidence, give_up, review
from market.subsidies.fraud_rules import Severity
from market.subsidies.models import ClaimState, Pot
from market.subsidies.review_models import (
    ClaimFlag,
    ClaimReview,
    ClaimSerial,
    ClaimSerialState,
    ClaimStep,
    StepKind,
)
from tests.builders.claims import (
    a_gtin,
    a_sold_washer,
    a_washer,
    an_auditor,
    approved,
    claim_of,
)
from tests.builders.life import COUNTY, clean, react
from tests.builders.people import an_account, an_operator
from tests.builders.subsidies import GB_2026


def flags(session, claim):
    found = session.scalars(select(ClaimFlag).where(ClaimFlag.claim_id == claim.id))
    return {flag.rule: flag.severity for flag in found}


def steps(session, claim):
    found = select(ClaimStep).where(ClaimStep.claim_id == claim.id).order_by(ClaimStep.id)
    return [(step.kind, step.state) for step in session.scalars(found)]


def refused(act):
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.code


def test_a_delivery_that_left_everything_goes_to_review_by_itself(session, now):
    claim = claim_of(session, a_sold_washer(session, now))
    assert evidence.missing(session, claim) == []
    assert (claim.state, flags(session, claim)) == (ClaimState.under_review, {})
    assert [state for kind, state in steps(session, claim) if kind is StepKind.moved] == [
        "committed", "delivered", "installed", "evidence_complete", "under_review",
    ]  # fmt: skip
    assert clean(session, now)


def test_a_claim_waits_for_the_cash_to_be_in_the_bank_and_for_what_the_courier_forgot(session, now):
    order = a_sold_washer(session, now, photo=None, serial_numbers=(), label_codes=())
    claim = claim_of(session, order)
    assert claim.state is ClaimState.installed
    assert evidence.missing(session, claim) == ["sn", "energy_label_qr", "delivery_photo"]


def test_the_shop_brings_what_is_missing_and_the_claim_says_so(session, now):
    washer = a_washer(session, now)
    record = washer.product.labels[0].record_number
    order = a_sold_washer(session, now, washer, photo=None, serial_numbers=(), label_codes=())
    claim, clerk = claim_of(session, order), an_account(session, now).id
    for kind, said in (
        ("sn", "hr-778899"),
        ("energy_label_qr", f"https://www.energylabel.com.cn/?r={record}"),
        ("delivery_photo", "照片在店里的档案，3 号夹"),
    ):
        bring.bring(session, washer.shop_id, claim.id, kind, said, clerk, now)
    assert claim.state is ClaimState.under_review
    assert flags(session, claim) == {
        "unproven_delivery": Severity.hold,
        "brought_by_hand": Severity.flag,
    }
    assert session.get_one(ClaimSerial, "HR-778899").claim_id == claim.id


@pytest.mark.parametrize(
    ("kind", "said", "code"),
    [
        ("invoice", "发票在店里", "subsidy.not_missing"),
        ("delivery_geo", "村口", "subsidy.not_missing"),
        ("sn", "abc", "subsidy.evidence_text"),
        ("sn", "abcd, 一", "serial"),
        ("energy_label_qr", "20250310-440300-99999999999999999", "subsidy.label_record"),
    ],
)
def test_what_does_not_prove_it_is_refused_and_nothing_is_kept(session, now, kind, said, code):
    order = a_sold_washer(session, now, serial_numbers=(), label_codes=())
    claim, clerk = claim_of(session, order), an_account(session, now).id
    before = set(evidence.of_claim(session, claim.id))
    if code == "serial":
        bring.bring(session, claim.shop_id, claim.id, kind, said, clerk, now)
        assert evidence.missing(session, claim) == ["energy_label_qr"]
        return
    assert refused(lambda: bring.bring(session, claim.shop_id, claim.id, kind, said, clerk, now)) == code
    assert set(evidence.of_claim(session, claim.id)) == before


def test_another_shop_cannot_bring_appeal_or_withdraw(session, now):
    claim = claim_of(session, a_sold_washer(session, now, serial_numbers=()))
    other, clerk = a_washer(session, now).shop_id, an_account(session, now).id
    for act in (
        lambda: bring.bring(session, other, claim.id, "sn", "HR-1234", clerk, now),
        lambda: review.appeal(session, other, claim.id, "不服", clerk, now),
        lambda: give_up.withdraw(session, other, claim.id, clerk, "不要了", now),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_barcode_has_a_check_digit():
    good = a_gtin()
    assert bring.is_gtin(good)
    assert not bring.is_gtin(good[:-1] + str((int(good[-1]) + 1) % 10))
    assert not bring.is_gtin(good[:-1])


def test_three_people_approve_a_claim_and_each_leaves_a_reason(session, now):
    claim = claim_of(session, a_sold_washer(session, now))
    auditor = an_auditor(session, now).id
    first, second = (an_operator(session, now).id for _ in range(2))
    assert (
        refused(lambda: review.approve(session, COUNTY, first, claim.id, "好", now)) == "subsidy.not_audited"
    )
    review.pass_audit(session, COUNTY, auditor, claim.id, "材料齐全", now)
    assert (
        refused(lambda: review.approve(session, COUNTY, auditor, claim.id, "好", now))
        == "subsidy.own_decision"
    )
    assert (
        refused(lambda: review.approve(session, COUNTY, first, claim.id, " ", now))
        == "subsidy.reason_missing"
    )
    review.approve(session, COUNTY, first, claim.id, "同意", now)
    assert claim.state is ClaimState.under_review
    assert (
        refused(lambda: review.approve(session, COUNTY, first, claim.id, "好", now)) == "subsidy.own_decision"
    )
    review.approve(session, COUNTY, second, claim.id, "同意", now)
    assert claim.state is ClaimState.approved
    assert [kind for kind, _ in steps(session, claim)][-3:] == ["audited", "approved", "approved"]
    assert clean(session, now)


def test_the_database_itself_wants_four_eyes(session, now):
    claim = claim_of(session, a_sold_washer(session, now))
    operator = an_operator(session, now).id
    row = session.get_one(ClaimReview, claim.id)
    row.audited_by_id, row.audited_at = an_auditor(session, now).id, now
    row.first_by_id, row.first_at, row.second_by_id, row.second_at = operator, now, operator, now
    with pytest.raises(IntegrityError, match="four_eyes"):
        session.flush()
    session.rollback()


def test_an_operator_is_no_auditor_and_another_countys_claim_is_not_found(session, now):
    claim = claim_of(session, a_sold_washer(session, now))
    operator = an_operator(session, now).id
    with pytest.raises(NotFound):
        review.pass_audit(session, COUNTY, operator, claim.id, "好", now)
    with pytest.raises(NotFound):
        review.approve(session, "610728", operator, claim.id, "好", now)


def test_a_flag_that_holds_is_lifted_for_a_reason_before_the_audit_passes(session, now):
    claim = claim_of(session, a_sold_washer(session, now, lat=33.9, lon=108.5))
    auditor = an_auditor(session, now).id
    assert flags(session, claim) == {"outside": Severity.hold}
    assert (
        refused(lambda: review.pass_audit(session, COUNTY, auditor, claim.id, "好", now))
        == "subsidy.flags_stand"
    )
    flag = session.scalars(select(ClaimFlag)).one()
    review.lift(session, COUNTY, auditor, flag.id, "手机定位不准，电话问过买家", now)
    review.pass_audit(session, COUNTY, auditor, claim.id, "好", now)
    assert flag.lift_reason == "手机定位不准，电话问过买家"


def test_a_block_is_lifted_only_on_appeal_and_by_somebody_else(session, now):
    washer = a_washer(session, now)
    first = claim_of(session, a_sold_washer(session, now, washer, serial_numbers=("SN-1000",)))
    again = a_sold_washer(session, now, washer, serial_numbers=("sn-1000",))
    claim, clerk = claim_of(session, again), an_account(session, now).id
    assert claim.state is ClaimState.installed
    assert (evidence.missing(session, claim), flags(session, claim)) == (
        ["sn"],
        {"serial_reused": Severity.block},
    )
    assert session.get_one(ClaimSerial, "SN-1000").claim_id == first.id
    bring.bring(session, washer.shop_id, claim.id, "sn", "SN-1001", clerk, now)
    auditor, other = an_auditor(session, now).id, an_auditor(session, now).id
    flag = session.scalars(select(ClaimFlag).where(ClaimFlag.rule == "serial_reused")).one()
    assert refused(lambda: review.lift(session, COUNTY, auditor, flag.id, "抄错了", now)) == "subsidy.blocked"
    review.reject(session, COUNTY, auditor, claim.id, "序列号重复", now)
    assert claim.state is ClaimState.rejected
    review.appeal(session, washer.shop_id, claim.id, "送货员抄错了，机身照片附上", clerk, now)
    assert (
        refused(lambda: review.lift(session, COUNTY, auditor, flag.id, "抄错了", now))
        == "subsidy.own_decision"
    )
    review.lift(session, COUNTY, other, flag.id, "看过机身照片", now)
    assert (
        refused(lambda: review.pass_audit(session, COUNTY, auditor, claim.id, "好", now))
        == "subsidy.own_decision"
    )
    review.pass_audit(session, COUNTY, other, claim.id, "好", now)
    assert [kind for kind, _ in steps(session, claim)][-4:] == [
        "rejected", "appealed", "lifted", "audited",
    ]  # fmt: skip


def test_a_price_that_was_raised_before_the_sale_blocks_the_claim(session, now):
    washer = a_washer(session, now - timedelta(days=40))
    change_price(session, washer.shop_id, washer.id, 279_900, 240_000, None, now - timedelta(days=20))
    change_price(session, washer.shop_id, washer.id, 279_900, 259_900, None, now - timedelta(days=10))
    claim = claim_of(session, a_sold_washer(session, now, washer))
    assert flags(session, claim) == {"raised_within_30_days": Severity.block}


def test_the_trail_and_the_evidence_are_never_changed(session, now):
    claim_of(session, a_sold_washer(session, now))
    for statement in ("UPDATE claim_steps SET reason = ''", "DELETE FROM claim_evidence"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(statement))


def test_a_withdrawn_claim_goes_back_to_the_pot_at_the_shops_expense(session, now):
    order = a_sold_washer(session, now)
    claim, clerk = claim_of(session, order), an_account(session, now).id
    give_up.withdraw(session, claim.shop_id, claim.id, clerk, "材料找不到了", now)
    give_up.withdraw(session, claim.shop_id, claim.id, clerk, "材料找不到了", now)
    assert clean(session, now)
    react(session, now)
    session.expire_all()
    row = session.get_one(Pot, (GB_2026, COUNTY))
    assert (claim.state, row.committed, row.paid) == (ClaimState.withdrawn, 0, 0)
    assert clean(session, now)
    assert sorted((it.kind.value, it.net_fen) for it in shop_waiting(session, claim.shop_id)) == [
        ("disallowed", -389_85),
        ("sale", 2521_03),
    ]


def test_the_county_closes_a_rejected_claim_only_when_nobody_has_appealed_in_time(session, now):
    claim = claim_of(session, a_sold_washer(session, now))
    operator = an_operator(session, now).id
    review.reject(session, COUNTY, operator, claim.id, "收货人不是本人", now)
    soon, late = now + timedelta(days=14), now + timedelta(days=15)
    assert (
        refused(lambda: give_up.close(session, COUNTY, operator, claim.id, "到期", soon))
        == "subsidy.appeal_open"
    )
    give_up.close(session, COUNTY, operator, claim.id, "到期", late)
    assert claim.state is ClaimState.withdrawn
    assert clean(session, now)


def test_a_shop_appeals_twice_and_no_more(session, now):
    claim, clerk = claim_of(session, a_sold_washer(session, now)), an_account(session, now).id
    for _ in range(2):
        review.reject(session, COUNTY, an_operator(session, now).id, claim.id, "不清楚", now)
        review.appeal(session, claim.shop_id, claim.id, "补了材料", clerk, now)
    review.reject(session, COUNTY, an_operator(session, now).id, claim.id, "还是不清楚", now)
    assert (
        refused(lambda: review.appeal(session, claim.shop_id, claim.id, "再看看", clerk, now))
        == "subsidy.appealed_enough"
    )
    assert claim.state is ClaimState.rejected


def test_an_approved_claim_keeps_its_machine(session, now):
    claim = claim_of(session, a_sold_washer(session, now, serial_numbers=("SN-2000",)))
    approved(session, claim, now)
    assert session.get_one(ClaimSerial, "SN-2000").state is ClaimSerialState.claimed
