"""Items, weekly sheets, bank files and where a shop banks."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.kernel.db import Base, Id
from market.kernel.seal import SEALED
from market.kernel.states import States


class ItemKind(StrEnum):
    sale = "sale"
    reduction = "reduction"
    clawback = "clawback"
    disallowed = "disallowed"
    carriage = "carriage"
    recall = "recall"
    deposit = "deposit"
    penalty = "penalty"


class ItemState(StrEnum):
    pending = "pending"
    available = "available"
    settled = "settled"


ITEM_STATES = States(
    "settlement_item",
    {
        ItemState.pending: {ItemState.available},
        ItemState.available: {ItemState.settled},
        ItemState.settled: set(),
    },
)


class SheetState(StrEnum):
    drawn_up = "drawn_up"
    checked = "checked"
    payable = "payable"
    paid = "paid"


SHEET_STATES = States(
    "settlement_sheet",
    {
        SheetState.drawn_up: {SheetState.checked},
        SheetState.checked: {SheetState.payable},
        SheetState.payable: {SheetState.paid},
        SheetState.paid: set(),
    },
)


class SettlementItem(Base):
    """What one sale, or one reduction of it (negative), gives its shop.

    `net_fen` is goods less commission less carriage: the shop's share of a batch's cost, an item of its own.

    A clawback is subsidy that the state had paid and gets back; what is disallowed it will not pay at all.

    A deposit is forfeit to the shop that had made the goods which its buyer did not take. A penalty is what a
    shop that let a group down owes each of its buyers: as much again as her deposit.

    Of a recall the shop gets back what a refund had taken from it, of the maker's money.

    The tenders say who paid for the goods; `delivery_fee_fen` was the buyer's too and is the county's.
    """

    __tablename__ = "settlement_items"
    __table_args__ = (
        CheckConstraint("net_fen = goods_fen - commission_fen - carriage_fen", name="net"),
        CheckConstraint(
            "(kind IN ('carriage', 'deposit', 'penalty')) = (shop_order_id IS NULL)", name="of_a_sale"
        ),
        CheckConstraint("carriage_fen >= 0 AND (kind = 'carriage' OR carriage_fen = 0)", name="carriage"),
        CheckConstraint("kind <> 'sale' OR goods_fen >= 0", name="sale"),
        CheckConstraint(
            "kind NOT IN ('reduction', 'clawback', 'penalty') OR goods_fen <= 0", name="reduction"
        ),
        CheckConstraint("(state = 'settled') <= (sheet_id IS NOT NULL)", name="settled"),
        Index("ix_settlement_items_shop_id_state", "shop_id", "state"),
        Index("ix_settlement_items_shop_order_id", "shop_order_id"),
        Index("ix_settlement_items_sheet_id", "sheet_id"),
    )

    id: Mapped[Id]
    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"))
    shop_order_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("shop_orders.id"))
    kind: Mapped[ItemKind]
    reference: Mapped[str] = mapped_column(unique=True)
    number: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    goods_fen: Mapped[int]
    commission_fen: Mapped[int]
    carriage_fen: Mapped[int] = mapped_column(default=0)
    delivery_fee_fen: Mapped[int] = mapped_column(default=0)
    money_fen: Mapped[int] = mapped_column(default=0)
    subsidy_fen: Mapped[int] = mapped_column(default=0)
    points_fen: Mapped[int] = mapped_column(default=0)
    trade_in_fen: Mapped[int] = mapped_column(default=0)
    net_fen: Mapped[int]
    waits_for_cash: Mapped[bool]
    available_at: Mapped[datetime]
    state: Mapped[ItemState]
    sheet_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("settlement_sheets.id"))
    created_at: Mapped[datetime]


class CarriagePaid(Base):
    """What a buyer paid for delivery, counted towards her shop's share of the batch that carried the goods.

    Once a shop order: goods that are carried a second time have no second fee.
    """

    __tablename__ = "carriage_paid"
    __table_args__ = (
        CheckConstraint("fee_fen >= 0", name="not_negative"),
        Index("ix_carriage_paid_batch_id_shop_id", "batch_id", "shop_id"),
    )

    shop_order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shop_orders.id"), primary_key=True)
    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("batches.id"))
    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"))
    fee_fen: Mapped[int]


class SettlementSheet(Base):
    """A shop's week on one page, approved by two people; its number has no gap in its county."""

    __tablename__ = "settlement_sheets"
    __table_args__ = (
        UniqueConstraint("shop_id", "week"),
        UniqueConstraint("county_code", "number"),
        CheckConstraint("net_fen > 0 AND net_fen = goods_fen - commission_fen - carriage_fen", name="net"),
        CheckConstraint("first_by_id <> second_by_id", name="four_eyes"),
        CheckConstraint("(state = 'drawn_up') = (first_by_id IS NULL)", name="checked"),
        CheckConstraint("(state IN ('payable', 'paid')) = (second_by_id IS NOT NULL)", name="approved"),
        CheckConstraint("(state = 'paid') <= (bank_file_id IS NOT NULL)", name="paid"),
    )

    id: Mapped[Id]
    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"))
    shop_name: Mapped[str]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    week: Mapped[date]
    number: Mapped[int]
    goods_fen: Mapped[int]
    commission_fen: Mapped[int]
    carriage_fen: Mapped[int] = mapped_column(default=0)
    net_fen: Mapped[int]
    state: Mapped[SheetState]
    drawn_up_at: Mapped[datetime]
    first_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    first_at: Mapped[datetime | None]
    second_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    second_at: Mapped[datetime | None]
    bank_file_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("bank_files.id"), index=True)

    items: Mapped[list[SettlementItem]] = relationship(order_by="SettlementItem.number", lazy="selectin")


class BankFile(Base):
    """What was given to the bank, byte for byte and sealed; confirmed once it has paid.

    `sha256` is of what the bank was given, so that it is known again under every key.
    """

    __tablename__ = "bank_files"
    __table_args__ = (
        UniqueConstraint("county_code", "number"),
        CheckConstraint("sum_fen > 0 AND transfers > 0", name="not_empty"),
        CheckConstraint("(confirmed_at IS NULL) = (bank_reference IS NULL)", name="confirmed"),
        CheckConstraint(f"content_sealed ~ '{SEALED}'", name="content_sealed"),
    )

    id: Mapped[Id]
    county_code: Mapped[str] = mapped_column(ForeignKey("counties.code"))
    number: Mapped[int]
    content_sealed: Mapped[str]
    sha256: Mapped[str]
    transfers: Mapped[int]
    sum_fen: Mapped[int]
    made_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime]
    confirmed_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    confirmed_at: Mapped[datetime | None]
    bank_reference: Mapped[str | None]


class ShopBankAccount(Base):
    """Where a shop is paid; a change counts once somebody else has confirmed it.

    The number is sealed; `tail` is its last four digits, all that pages show.
    """

    __tablename__ = "shop_bank_accounts"
    __table_args__ = (
        CheckConstraint(f"number_sealed ~ '{SEALED}'", name="number_sealed"),
        CheckConstraint("tail ~ '^[0-9]{4}$'", name="tail"),
        CheckConstraint("changed_by_id <> confirmed_by_id", name="four_eyes"),
    )

    shop_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("shops.id"), primary_key=True)
    holder: Mapped[str]
    bank: Mapped[str]
    number_sealed: Mapped[str]
    tail: Mapped[str]
    changed_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    changed_at: Mapped[datetime]
    confirmed_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    confirmed_at: Mapped[datetime | None]
