"""Tables of notices."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from market.kernel.db import Base, Id


class Notice(Base):
    """One thing somebody was told. `reference` is what it is about, as ``order:ID`` or ``recycling:ID``."""

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint("read_at >= created_at", name="read_later"),
        Index("ix_notices_account_id_id", "account_id", "id"),
        Index("ix_notices_unread", "account_id", postgresql_where=text("read_at is null")),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str]
    params: Mapped[dict[str, Any]]
    reference: Mapped[str | None]
    dedupe_key: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class TextMessage(Base):
    """A notice as an SMS: gateways in China take a template's name and its values, not free text."""

    __tablename__ = "text_messages"

    notice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("notices.id"), primary_key=True)
    phone: Mapped[str]
    template: Mapped[str]
    params: Mapped[dict[str, Any]]
    gateway: Mapped[str]
    handed_over_at: Mapped[datetime]


class NoticeOptOut(Base):
    """A kind of notice that somebody does not want."""

    __tablename__ = "notice_opt_outs"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    chosen_at: Mapped[datetime]


class CallState(StrEnum):
    waiting = "waiting"
    reached = "reached"


class CallWish(Base):
    """Somebody who asked to be called when something she bought is dangerous."""

    __tablename__ = "call_wishes"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    chosen_at: Mapped[datetime]


class Call(Base):
    """Somebody to be called about `reference`, and why a person has to (`reason`, a code)."""

    __tablename__ = "calls"
    __table_args__ = (
        UniqueConstraint("account_id", "reference"),
        CheckConstraint("(state = 'reached') = (reached_at IS NOT NULL)", name="reached"),
        Index("ix_calls_reference", "reference"),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    reference: Mapped[str]
    reason: Mapped[str]
    caller: Mapped[str]
    state: Mapped[CallState]
    created_at: Mapped[datetime]
    reached_at: Mapped[datetime | None]


class CallAttempt(Base):
    """One time that somebody dialed."""

    __tablename__ = "call_attempts"

    id: Mapped[Id]
    call_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("calls.id"), index=True)
    reached: Mapped[bool]
    note: Mapped[str]
    tried_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    tried_at: Mapped[datetime]
