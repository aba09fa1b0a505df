"""Tables of what proves a product green: scans, certificates, recalls, and who was in the zone when."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from market.catalog.zone_rule import CertificateState, Scheme, ZoneReason
from market.kernel.db import Base, Id
from market.kernel.states import States

CERTIFICATE_STATES = States(
    "certificate",
    {
        CertificateState.declared: {CertificateState.valid, CertificateState.rejected},
        CertificateState.valid: {CertificateState.suspended, CertificateState.withdrawn},
        CertificateState.suspended: {CertificateState.valid, CertificateState.withdrawn},
        CertificateState.withdrawn: set(),
        CertificateState.rejected: set(),
    },
)


class Scan(Base):
    """A photo of a label or a certificate: JPEG, re-encoded without its metadata, with its SHA-256."""

    __tablename__ = "product_scans"
    __table_args__ = (
        CheckConstraint("octet_length(jpeg) > 0", name="not_empty"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_shape"),
        Index("ix_product_scans_product_id", "product_id"),
    )

    id: Mapped[Id]
    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("products.id"))
    jpeg: Mapped[bytes] = mapped_column(deferred=True)
    sha256: Mapped[str]
    created_at: Mapped[datetime]


class Certificate(Base):
    """A certificate that a shop declared for a product, and what an operator made of it.

    `model_scope` is the models it covers, as it is written on it. It has expired once `expires_on` is past,
    without anybody's doing.
    """

    __tablename__ = "certificates"
    __table_args__ = (
        CheckConstraint("expires_on IS NULL OR expires_on > issued_on", name="expires_later"),
        CheckConstraint("(state = 'declared') = (decided_at IS NULL)", name="looked_at"),
        CheckConstraint(
            "state NOT IN ('suspended', 'withdrawn', 'rejected') OR reason IS NOT NULL", name="reasoned"
        ),
        Index("ix_certificates_product_id", "product_id"),
        Index(
            "uq_certificates_standing",
            "product_id",
            "scheme",
            "number",
            unique=True,
            postgresql_where=text("state <> 'rejected'"),
        ),
    )

    id: Mapped[Id]
    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("products.id"))
    scheme: Mapped[Scheme]
    number: Mapped[str]
    holder: Mapped[str]
    model_scope: Mapped[str]
    issued_on: Mapped[date]
    expires_on: Mapped[date | None]
    scan_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("product_scans.id"))
    state: Mapped[CertificateState] = mapped_column(default=CertificateState.declared)
    reason: Mapped[str | None]
    declared_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    decided_at: Mapped[datetime | None]


class ProductRecall(Base):
    """A product that is called back; open until it is lifted. At most one is open for a product."""

    __tablename__ = "product_recalls"
    __table_args__ = (
        CheckConstraint("num_nonnulls(lifted_by, lifted_at, lift_reason) IN (0, 3)", name="lifted_whole"),
        CheckConstraint("lifted_at >= opened_at", name="lifted_later"),
        Index(
            "uq_product_recalls_open",
            "product_id",
            unique=True,
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("products.id"))
    reason: Mapped[str]
    opened_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    opened_at: Mapped[datetime]
    lift_reason: Mapped[str | None]
    lifted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    lifted_at: Mapped[datetime | None]


class ZoneMembership(Base):
    """A product's stay in the green zone; `until` and `reason` are null while it lasts.

    It lasts until the end of `last_day` (None: without end): from then on pages leave it out, whether the
    worker has closed it or not.
    """

    __tablename__ = "zone_memberships"
    __table_args__ = (
        CheckConstraint("(until IS NULL) = (reason IS NULL)", name="left_whole"),
        CheckConstraint("until >= since", name="left_later"),
        Index(
            "uq_zone_memberships_open",
            "product_id",
            unique=True,
            postgresql_where=text("until IS NULL"),
        ),
    )

    id: Mapped[Id]
    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("products.id"))
    since: Mapped[datetime]
    last_day: Mapped[date | None]
    until: Mapped[datetime | None]
    reason: Mapped[ZoneReason | None]
