"""The green zone's members: the rule, and everybody who keeps it."""

import uuid
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from market.catalog import audit
from market.catalog.certificates import CertificateDraft, decide, declare_certificate
from market.catalog.evidence import Scan, ZoneMembership
from market.catalog.models import LabelRecord, Listing
from market.catalog.recall import leave_zone, lift_recall
from market.catalog.rules import LabelKind, LabelState
from market.catalog.verify_label import reject_label, verify_label
from market.catalog.zone import reconsider
from market.catalog.zone_rule import CertificateState, Scheme, Verdict, ZoneReason, verdict
from market.kernel.clock import local_date
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import OutboxRow
from market.notices.models import Notice
from market.people.models import Account
from market.search import browse
from market.shops.apply import add_staff
from market.shops.models import ShopRole
from tests.builders.catalog import a_listing, a_scan, a_verified_label
from tests.builders.people import an_account, an_operator
from tests.builders.shops import a_shop

COUNTY = "610924"
TODAY = date(2026, 11, 23)
YESTERDAY = date(2026, 11, 22)


@dataclass
class Paper:
    grade: int = 1
    kind: LabelKind = LabelKind.energy
    state: LabelState | CertificateState = LabelState.verified
    expires_on: date | None = None
    scheme: Scheme = Scheme.ccc


CCC = Paper(state=CertificateState.valid)


@pytest.mark.parametrize(
    ("labels", "certificates", "recalled", "expected"),
    [
        ([Paper(1)], [], False, Verdict()),
        ([Paper(2, expires_on=TODAY)], [], False, Verdict(last_day=TODAY)),
        ([Paper(3), Paper(2, LabelKind.water)], [], False, Verdict()),
        ([Paper(expires_on=TODAY), Paper(2)], [], False, Verdict()),
        ([], [], False, Verdict(ZoneReason.no_label)),
        ([Paper(state=LabelState.declared)], [], False, Verdict(ZoneReason.unverified)),
        ([Paper(state=LabelState.rejected)], [], False, Verdict(ZoneReason.label_rejected)),
        ([Paper(expires_on=YESTERDAY)], [], False, Verdict(ZoneReason.label_expired, ended_on=YESTERDAY)),
        ([Paper(3)], [], False, Verdict(ZoneReason.grade_too_low)),
        ([Paper(1)], [], True, Verdict(ZoneReason.recalled)),
        ([Paper(1)], [replace(CCC, expires_on=TODAY)], False, Verdict(last_day=TODAY)),
        ([Paper(1)], [replace(CCC, expires_on=YESTERDAY)], False, Verdict(ZoneReason.ccc_lapsed)),
        ([Paper(1)], [replace(CCC, state=CertificateState.suspended)], False, Verdict(ZoneReason.ccc_lapsed)),
        ([Paper(1)], [replace(CCC, state=CertificateState.declared)], False, Verdict()),
        ([Paper(1)], [replace(CCC, scheme=Scheme.china_green, expires_on=YESTERDAY)], False, Verdict()),
    ],
)
def test_the_rule_says_who_is_in_and_why_not(labels, certificates, recalled, expected):
    assert verdict(labels, certificates, recalled, TODAY) == expected


@pytest.fixture
def clerk(session: Session, now: datetime, listing: Listing) -> Account:
    account = an_account(session, now, name="店里的人")
    add_staff(session, listing.shop_id, account.id, ShopRole.clerk, now)
    return account


@pytest.fixture
def listing(session: Session, now: datetime) -> Listing:
    return a_listing(session, a_shop(session, now), now)


@pytest.fixture
def operator(session: Session, now: datetime) -> Account:
    return an_operator(session, now)


def shown(session: Session, now: datetime) -> list[uuid.UUID]:
    return [card.id for card in browse.zone(session, COUNTY, local_date(now)).cards]


def stays(session: Session) -> list[tuple[date | None, ZoneReason | None]]:
    found = session.scalars(select(ZoneMembership).order_by(ZoneMembership.id))
    return [(stay.last_day, stay.reason) for stay in found]


def told(session: Session, account: Account) -> list[tuple[str, str | None]]:
    found = session.scalars(select(Notice).where(Notice.account_id == account.id).order_by(Notice.id))
    return [(notice.kind, notice.params.get("reason")) for notice in found]


def clean(session: Session, now: datetime) -> bool:
    session.flush()
    return list(audit.breaks(session, now)) == []


def test_a_verified_label_lets_it_in_until_its_last_day(session, now, listing, clerk):
    label = a_verified_label(session, listing, now, expires_on=TODAY + timedelta(days=9))
    assert stays(session) == [(label.expires_on, None)]
    assert shown(session, now) == [listing.id]
    due = session.scalars(select(OutboxRow.due_at).where(OutboxRow.kind == "catalog.zone_stay_ends")).one()
    assert due.isoformat() == "2026-12-02T16:00:00+00:00"  # midnight in China after the last day
    assert told(session, clerk) == []
    assert clean(session, now)


def test_it_is_out_the_day_after_though_the_worker_is_dead(session, now, listing):
    a_verified_label(session, listing, now, expires_on=TODAY)
    assert shown(session, now) == [listing.id]
    assert shown(session, now + timedelta(days=1)) == []
    assert clean(session, now + timedelta(days=1))


def test_the_worker_closes_the_stay_and_tells_the_shop_once(session, now, listing, clerk):
    a_verified_label(session, listing, now, expires_on=TODAY)
    for _ in range(2):
        reconsider(session, listing.product_id, now + timedelta(days=1))
    assert stays(session) == [(TODAY, ZoneReason.label_expired)]
    assert told(session, clerk) == [("catalog.zone_left", "label_expired")]
    assert clean(session, now + timedelta(days=1))


def test_a_later_label_keeps_it_in(session, now, listing):
    a_verified_label(session, listing, now, expires_on=TODAY)
    a_verified_label(session, listing, now, grade=2, expires_on=None)
    reconsider(session, listing.product_id, now + timedelta(days=1))
    assert stays(session) == [(None, None)]
    assert shown(session, now + timedelta(days=1)) == [listing.id]


def test_a_rejected_label_puts_it_out_with_a_notice_and_may_be_declared_again(
    session, now, listing, operator, clerk
):
    label = a_verified_label(session, listing, now)
    reject_label(session, COUNTY, label.id, "照片看不清", operator.id, now)
    assert stays(session) == [(label.expires_on, ZoneReason.label_rejected)]
    assert told(session, clerk) == [
        ("catalog.zone_left", "label_rejected"),
        ("catalog.label_rejected", "照片看不清"),
    ]
    again = a_verified_label(session, listing, now, record_number=label.record_number)
    assert [reason for _, reason in stays(session)] == [ZoneReason.label_rejected, None]
    assert shown(session, now) == [listing.id]
    with pytest.raises(Refused, match=r"catalog\.record_taken"):
        a_verified_label(session, listing, now, record_number=again.record_number)
    assert clean(session, now)


def test_a_label_without_a_photo_is_not_verified(session, now, listing, operator):
    label = a_verified_label(session, listing, now)
    session.execute(update(LabelRecord).values(scan_id=None, state="declared", verified_at=None))
    session.expire(label)
    with pytest.raises(Refused, match=r"catalog\.scan_missing"):
        verify_label(session, COUNTY, label.id, operator.id, now)
    assert label.state is LabelState.declared


def test_a_recall_puts_it_out_and_its_end_lets_it_in(session, now, listing, operator, clerk):
    a_verified_label(session, listing, now)
    with pytest.raises(Refused, match=r"catalog\.not_recalled"):
        lift_recall(session, COUNTY, listing.product_id, "没有", operator.id, now)
    assert shown(session, now) == [listing.id]
    first = leave_zone(session, listing.product_id, "漏电", operator.id, now)
    assert (shown(session, now), told(session, clerk)) == ([], [("catalog.zone_left", "recalled")])
    assert leave_zone(session, listing.product_id, "还漏电", operator.id, now) is first
    with pytest.raises(Refused, match=r"catalog\.reason_missing"):
        lift_recall(session, COUNTY, listing.product_id, " ", operator.id, now)
    with pytest.raises(NotFound):
        lift_recall(session, "610728", listing.product_id, "换了电源线", operator.id, now)
    lift_recall(session, COUNTY, listing.product_id, "换了电源线", operator.id, now)
    assert [reason for _, reason in stays(session)] == [ZoneReason.recalled, None]
    assert shown(session, now) == [listing.id]
    assert clean(session, now)


def a_certificate(session, listing, now, **changes):
    draft = CertificateDraft(
        Scheme.china_green, "CGP-2026-0001", "禾润公司", "HR 系列", date(2025, 1, 1), date(2027, 1, 1)
    )
    return declare_certificate(session, listing.shop_id, listing.id, replace(draft, **changes), a_scan(), now)


def test_a_certificates_badge_shows_while_it_is_valid(session, now, listing, operator, clerk):
    found = a_certificate(session, listing, now)
    assert session.get_one(Scan, found.scan_id).jpeg.startswith(b"\xff\xd8")

    def badges(day: date) -> list[str]:
        return listing.product.badges_on(day)

    assert badges(TODAY) == []
    decide(session, COUNTY, found.id, CertificateState.valid, "", operator.id, now)
    assert (badges(date(2027, 1, 1)), badges(date(2027, 1, 2))) == (["china_green"], [])
    with pytest.raises(Refused, match=r"catalog\.reason_missing"):
        decide(session, COUNTY, found.id, CertificateState.suspended, "", operator.id, now)
    decide(session, COUNTY, found.id, CertificateState.suspended, "抽检不合格", operator.id, now)
    assert badges(TODAY) == []
    assert told(session, clerk) == [("catalog.certificate_suspended", "抽检不合格")]
    decide(session, COUNTY, found.id, CertificateState.valid, "", operator.id, now)
    decide(session, COUNTY, found.id, CertificateState.withdrawn, "机构撤销", operator.id, now)
    assert badges(TODAY) == []
    with pytest.raises(Refused, match=r"state\.illegal_move"):
        decide(session, COUNTY, found.id, CertificateState.valid, "", operator.id, now)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"number": "1"}, "catalog.certificate_number", "number"),
        ({"issued_on": date(2026, 11, 24)}, "catalog.label_issued_later", "issued_on"),
        ({"expires_on": date(2025, 1, 1)}, "catalog.label_expires_first", "expires_on"),
        ({"expires_on": YESTERDAY}, "catalog.certificate_expired", "expires_on"),
    ],
)
def test_a_certificate_that_cannot_be_is_refused(session, now, listing, changes, code, field):
    with pytest.raises(Refused) as refused:
        a_certificate(session, listing, now, **changes)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert listing.product.certificates == []


def test_a_certificate_is_declared_once_and_is_another_countys_secret(session, now, listing, operator):
    found = a_certificate(session, listing, now)
    with pytest.raises(Refused, match=r"catalog\.certificate_taken"):
        a_certificate(session, listing, now)
    with pytest.raises(NotFound):
        decide(session, "610728", found.id, CertificateState.valid, "", operator.id, now)


def test_a_lapsed_compulsory_certificate_puts_it_out(session, now, listing, operator):
    a_verified_label(session, listing, now, expires_on=None)
    found = a_certificate(session, listing, now, scheme=Scheme.ccc, expires_on=TODAY)
    decide(session, COUNTY, found.id, CertificateState.valid, "", operator.id, now)
    assert stays(session) == [(TODAY, None)]
    assert (shown(session, now), shown(session, now + timedelta(days=1))) == ([listing.id], [])
    decide(session, COUNTY, found.id, CertificateState.withdrawn, "撤销", operator.id, now)
    assert stays(session) == [(TODAY, ZoneReason.ccc_lapsed)]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"grade": 3}, "is in the zone, but grade_too_low"),
        ({"expires_on": date(2031, 1, 1)}, "by the rule until 2031-01-01"),
    ],
)
def test_the_audit_finds_a_stay_that_the_papers_do_not_bear_out(session, now, listing, values, sentence):
    a_verified_label(session, listing, now)
    session.execute(update(LabelRecord).values(**values))
    session.expire_all()
    assert [sentence in found for found in audit.breaks(session, now)] == [True]
    session.execute(update(ZoneMembership).values(until=now, reason="recalled"))
    expected = (
        [] if "grade" in values else [f"product {listing.product_id} belongs in the zone and is not there"]
    )
    session.expire_all()
    assert list(audit.breaks(session, now)) == expected


def test_the_running_cost_follows_the_verified_label(session, now, listing, operator):
    typed = "kwh_per_cycle_kg=0.108 liters_per_cycle_kg=6.9 wash_ratio=1.04 capacity_kg=10"
    figures = {name: Decimal(value) for name, value in (pair.split("=") for pair in typed.split())}
    label = a_verified_label(session, listing, now, variant="front_load", measured=figures)
    assert str(listing.product.yearly_kwh) == "237.6"
    reject_label(session, COUNTY, label.id, "不符", operator.id, now)
    assert listing.product.yearly_kwh is None


def test_what_was_made_under_a_new_standard_cites_it(session, now):
    fridge = a_listing(session, a_shop(session, now, name="冰箱店"), now, category="fridge")
    old = {"standard_number": "GB 12021.2-2015", "grade": 1}
    with pytest.raises(Refused) as refused:
        a_verified_label(session, fridge, now, **old, produced_on=date(2026, 6, 1))
    assert (refused.value.code, refused.value.field) == ("catalog.standard_replaced", "standard_number")
    kept = a_verified_label(session, fridge, now, **old, produced_on=date(2026, 5, 31))
    assert (kept.grade, shown(session, now)) == (1, [fridge.id])
