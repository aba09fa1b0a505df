"""Declare a certificate for a product, and decide on it. Its badge shows while it is valid and unexpired."""

import uuid
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.catalog.evidence import CERTIFICATE_STATES, Certificate
from market.catalog.queries import certificate_in_county, listing_of
from market.catalog.scans import keep_scan
from market.catalog.zone import reconsider, tell_sellers
from market.catalog.zone_rule import CertificateState, Scheme
from market.kernel.clock import local_date
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id

TOLD = {
    CertificateState.rejected: "catalog.certificate_rejected",
    CertificateState.suspended: "catalog.certificate_suspended",
    CertificateState.withdrawn: "catalog.certificate_withdrawn",
}


@dataclass(frozen=True, slots=True)
class CertificateDraft:
    """What the certificate says; `model_scope` is the models it covers, as written on it."""

    scheme: Scheme
    number: str
    holder: str
    model_scope: str
    issued_on: date
    expires_on: date | None = None


def declare_certificate(
    session: Session,
    shop_id: uuid.UUID,
    listing_id: uuid.UUID,
    draft: CertificateDraft,
    scan: bytes,
    now: datetime,
) -> Certificate:
    """Declare a certificate for what one of the shop's listings sells.

    Raises NotFound; Refused: ``catalog.certificate_number`` and ``catalog.certificate_taken`` (number),
    ``catalog.label_issued_later`` (issued_on), ``catalog.label_expires_first`` and
    ``catalog.certificate_expired`` (expires_on), ``photo.unreadable`` (scan).
    """
    listing = listing_of(session, shop_id, listing_id)
    if listing is None:
        raise NotFound
    _check(draft, local_date(now))
    certificate = session.scalars(
        insert(Certificate)
        .values(
            id=new_id(),
            product_id=listing.product_id,
            scan_id=keep_scan(session, listing.product_id, scan, now),
            state=CertificateState.declared,
            declared_at=now,
            **asdict(draft),
        )
        .on_conflict_do_nothing()
        .returning(Certificate)
    ).one_or_none()
    if certificate is None:
        raise Refused("catalog.certificate_taken", field="number")
    session.expire(listing.product, ["certificates"])
    return certificate


def decide(
    session: Session,
    county_code: str,
    certificate_id: uuid.UUID,
    to: CertificateState,
    reason: str,
    account_id: uuid.UUID,
    now: datetime,
) -> Certificate:
    """The county's operator finds the certificate valid, or not, or no longer; the shops are told the reason.

    Raises NotFound; Refused: ``catalog.reason_missing`` (field reason) for all but `valid`,
    ``catalog.certificate_expired``, ``state.illegal_move``.
    """
    certificate = certificate_in_county(session, county_code, certificate_id, lock=True)
    if certificate is None:
        raise NotFound
    if to is CertificateState.valid:
        _check_unexpired(certificate.expires_on, local_date(now))
    elif not reason.strip():
        raise Refused("catalog.reason_missing", field="reason")
    CERTIFICATE_STATES.move(certificate, to)
    certificate.reason = reason.strip() or None
    certificate.decided_by, certificate.decided_at = account_id, now
    reconsider(session, certificate.product_id, now)
    if to is not CertificateState.valid:
        _tell(session, certificate, now)
    return certificate


def _check(draft: CertificateDraft, today: date) -> None:
    if not 4 <= len(draft.number) <= 60:
        raise Refused("catalog.certificate_number", field="number")
    if draft.issued_on > today:
        raise Refused("catalog.label_issued_later", field="issued_on")
    if draft.expires_on is not None and draft.expires_on <= draft.issued_on:
        raise Refused("catalog.label_expires_first", field="expires_on")
    _check_unexpired(draft.expires_on, today)


def _check_unexpired(expires_on: date | None, today: date) -> None:
    if expires_on is not None and expires_on < today:
        raise Refused("catalog.certificate_expired", field="expires_on")


def _tell(session: Session, certificate: Certificate, now: datetime) -> None:
    params = {"number": certificate.number, "reason": certificate.reason}
    key = f"certificate:{certificate.id}:{certificate.state.value}:{now.isoformat()}"
    tell_sellers(session, certificate.product_id, TOLD[certificate.state], params, key, now)
