"""Pictures of goods, kept by what they show: the same photo twice is one picture."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from market.kernel.db import Base
from market.kernel.photo import renditions

WIDTHS_PX = (240, 480, 960)


class Picture(Base):
    """A picture by the SHA-256 of its largest WebP; its sides are that one's."""

    __tablename__ = "pictures"
    __table_args__ = (
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_shape"),
        CheckConstraint("least(width_px, height_px) > 0", name="sides"),
    )

    sha256: Mapped[str] = mapped_column(primary_key=True)
    width_px: Mapped[int]
    height_px: Mapped[int]
    created_at: Mapped[datetime]


class PictureFile(Base):
    """One rendition of a picture: at most `width_px` wide, as ``webp`` or ``avif``."""

    __tablename__ = "picture_files"
    __table_args__ = (
        CheckConstraint("format IN ('webp', 'avif')", name="format"),
        CheckConstraint("octet_length(data) > 0", name="not_empty"),
    )

    sha256: Mapped[str] = mapped_column(ForeignKey("pictures.sha256"), primary_key=True)
    width_px: Mapped[int] = mapped_column(primary_key=True)
    format: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes]


def keep_picture(session: Session, data: bytes, field: str, now: datetime) -> str:
    """The SHA-256 that a photo (JPEG, PNG or WebP) is kept by, in every width, upright and without metadata.

    Raises Refused(``photo.unreadable``) at `field`.
    """
    made = renditions(data, WIDTHS_PX, field)
    picture = {"sha256": made.sha256, "width_px": made.width_px, "height_px": made.height_px}
    added = session.scalar(
        insert(Picture).values(**picture, created_at=now).on_conflict_do_nothing().returning(Picture.sha256)
    )
    if added:
        rows = [
            {"sha256": made.sha256, "width_px": width, "format": kind, "data": data}
            for (width, kind), data in made.files.items()
        ]
        session.execute(insert(PictureFile), rows)
    return made.sha256


def picture_file(session: Session, sha256: str, width_px: int, kind: str) -> bytes | None:
    """The bytes of one rendition; None where there is none."""
    return session.scalar(
        select(PictureFile.data).where(
            PictureFile.sha256 == sha256, PictureFile.width_px == width_px, PictureFile.format == kind
        )
    )
