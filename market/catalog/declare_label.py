"""Declare an energy or water label for a product. It shows once an operator has verified it."""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.catalog.models import LabelRecord, Product, Standard
from market.catalog.queries import listing_of
from market.catalog.rules import (
    RECORD_NUMBER,
    LabelKind,
    LabelState,
    Standing,
    falls_short,
    is_of_size,
    read_metrics,
    resolve_grade,
    standing,
)
from market.catalog.scans import keep_scan
from market.kernel.clock import local_date
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class LabelDraft:
    """What the label says. `measured` holds its figures by metric, for one `variant` of the standard.

    `produced_on` is the day on the name plate, `scan` a photo of the label (JPEG, PNG or WebP).
    """

    kind: LabelKind
    grade: int
    standard_number: str
    record_number: str
    issued_on: date
    expires_on: date | None = None
    variant: str | None = None
    measured: dict[str, Decimal] = field(default_factory=dict)
    produced_on: date | None = None
    scan: bytes | None = field(default=None, repr=False)


def declare_label(
    session: Session, shop_id: uuid.UUID, listing_id: uuid.UUID, draft: LabelDraft, now: datetime
) -> LabelRecord:
    """Declare a label for what one of the shop's listings sells. Raises NotFound, and as `declare`."""
    listing = listing_of(session, shop_id, listing_id)
    if listing is None:
        raise NotFound
    return declare(session, listing.product, draft, now)


def declare(session: Session, product: Product, draft: LabelDraft, now: datetime) -> LabelRecord:
    """The new record.

    Raises Refused: ``catalog.record_shape``, ``catalog.record_taken`` (field record_number);
    ``catalog.standard_other_category``, ``catalog.standard_other_kind``, ``catalog.standard_replaced``
    (standard_number); ``catalog.grade_outside``, ``catalog.grade_not_reached``, ``catalog.below_worst_grade``
    (grade); ``catalog.variant_unknown``, ``catalog.variant_other_size`` (variant);
    ``catalog.label_issued_later`` (issued_on); ``catalog.produced_later`` (produced_on);
    ``catalog.label_expires_first`` (expires_on); ``photo.unreadable`` (scan).
    """
    _check(session, product, draft, local_date(now))
    record = session.scalars(
        insert(LabelRecord)
        .values(
            id=new_id(),
            product_id=product.id,
            kind=draft.kind,
            grade=draft.grade,
            standard_number=draft.standard_number,
            record_number=draft.record_number,
            variant=draft.variant,
            measured={name: str(value) for name, value in draft.measured.items()},
            issued_on=draft.issued_on,
            expires_on=draft.expires_on,
            produced_on=draft.produced_on,
            scan_id=None if draft.scan is None else keep_scan(session, product.id, draft.scan, now),
            state=LabelState.declared,
            declared_at=now,
        )
        .on_conflict_do_nothing()
        .returning(LabelRecord)
    ).one_or_none()
    if record is None:
        raise Refused("catalog.record_taken", field="record_number")
    session.expire(product, ["labels"])
    return record


def _check(session: Session, product: Product, draft: LabelDraft, today: date) -> None:
    if not RECORD_NUMBER.fullmatch(draft.record_number):
        raise Refused("catalog.record_shape", field="record_number")
    if draft.issued_on > today:
        raise Refused("catalog.label_issued_later", field="issued_on")
    if draft.produced_on is not None and draft.produced_on > today:
        raise Refused("catalog.produced_later", field="produced_on")
    if draft.expires_on is not None and draft.expires_on <= draft.issued_on:
        raise Refused("catalog.label_expires_first", field="expires_on")
    standard = session.get(Standard, draft.standard_number)
    if standard is None or product.category_code not in standard.category_codes:
        raise Refused("catalog.standard_other_category", field="standard_number")
    _check_version(standard, draft, today)
    _check_variant(standard, draft)
    _check_grade(standard, draft)


def _check_version(standard: Standard, draft: LabelDraft, today: date) -> None:
    if draft.kind not in standard.kinds:
        raise Refused("catalog.standard_other_kind", field="standard_number")
    if standing(standard.valid_to, standard.old_stock_until, draft.produced_on, today) is Standing.replaced:
        raise Refused("catalog.standard_replaced", field="standard_number", day=str(standard.valid_to))


def _check_variant(standard: Standard, draft: LabelDraft) -> None:
    if draft.variant is not None and draft.variant not in [row["code"] for row in standard.variants]:
        raise Refused("catalog.variant_unknown", field="variant")
    if not is_of_size(standard.variants, draft.variant, draft.measured):
        raise Refused("catalog.variant_other_size", field="variant")


def _check_grade(standard: Standard, draft: LabelDraft) -> None:
    if standard.grades is not None and not 1 <= draft.grade <= standard.grades:
        raise Refused("catalog.grade_outside", field="grade", grades=standard.grades)
    metrics = read_metrics(standard.metrics)
    if falls_short(metrics, draft.variant, draft.measured):
        raise Refused("catalog.below_worst_grade", field="grade")
    resolved = resolve_grade(metrics, draft.variant, draft.measured)
    if resolved is not None and draft.grade != resolved:
        raise Refused("catalog.grade_not_reached", field="grade", resolved=resolved)
