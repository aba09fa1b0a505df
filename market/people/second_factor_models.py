"""Tables of the second factor."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id
from market.kernel.seal import SEALED


class SecondFactor(Base):
    """What an account's codes are reckoned from (RFC 6238), sealed; empty where there is none.

    A `pending_sealed` secret comes into force with the first code that is read off it. `last_counter` is the
    time step of the last code that was accepted: no code counts twice.
    """

    __tablename__ = "second_factors"
    __table_args__ = (
        CheckConstraint(f"secret_sealed = '' OR secret_sealed ~ '{SEALED}'", name="secret_sealed"),
        CheckConstraint(f"pending_sealed = '' OR pending_sealed ~ '{SEALED}'", name="pending_sealed"),
        CheckConstraint("(secret_sealed = '') = (since IS NULL)", name="in_force"),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    secret_sealed: Mapped[str] = mapped_column(default="")
    pending_sealed: Mapped[str] = mapped_column(default="")
    last_counter: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code that stands for the second factor once, where the phone is lost. Only its hash is kept."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("account_id", "code_hash"),)

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    code_hash: Mapped[str]
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
