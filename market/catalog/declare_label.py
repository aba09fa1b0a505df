"""Declare an energy or water label for a product. It shows once an operator has verified it."""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.catalog.models import LabelRecord, Product, Standard
from market.catalog.queries import listing_of
from market.catalog.rules import RECORD_NUMBER, LabelKind, LabelState, read_metrics, resolve_grade
from market.kernel.clock import local_date
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class LabelDraft:
    """What the label says. `measured` holds its figures by metric, for one `variant` of the standard."""

    kind: LabelKind
    grade: int
    standard_number: str
    record_number: str
    issued_on: date
    expires_on: date | None = None
    variant: str | None = None
    measured: dict[str, Decimal] = field(default_factory=dict)


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
    ``catalog.standard_other_category`` (standard_number); ``catalog.grade_outside``,
    ``catalog.grade_not_reached`` (grade); ``catalog.label_issued_later`` (issued_on);
    ``catalog.label_expires_first`` (expires_on).
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
            state=LabelState.declared,
            declared_at=now,
        )
        .on_conflict_do_nothing(index_elements=["record_number"])
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
    if draft.expires_on is not None and draft.expires_on <= draft.issued_on:
        raise Refused("catalog.label_expires_first", field="expires_on")
    standard = session.get(Standard, draft.standard_number)
    if standard is None or product.category_code not in standard.category_codes:
        raise Refused("catalog.standard_other_category", field="standard_number")
    _check_grade(standard, draft)


def _check_grade(standard: Standard, draft: LabelDraft) -> None:
    if not 1 <= draft.grade <= standard.grades:
        raise Refused("catalog.grade_outside", field="grade", grades=standard.grades)
    resolved = resolve_grade(read_metrics(standard.metrics), draft.variant, draft.measured)
    if resolved is not None and draft.grade < resolved:
        raise Refused("catalog.grade_not_reached", field="grade", resolved=resolved)
