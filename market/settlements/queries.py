"""Settlements as each actor may see them: not yours is not found."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.ledger.queries import balance
from market.ledger.rules import shop_available, shop_payable, shop_pending
from market.settlements.models import (
    BankFile,
    ItemState,
    SettlementItem,
    SettlementSheet,
    SheetState,
    ShopBankAccount,
)
from market.shops.models import Shop


@dataclass(frozen=True, slots=True)
class ShopBalance:
    """A shop's money in fen: within the return window, its own, on an approved sheet."""

    pending_fen: int
    available_fen: int
    payable_fen: int


def shop_balance(session: Session, shop_id: uuid.UUID) -> ShopBalance:
    """What the book says of the shop."""
    accounts = (shop_pending(shop_id), shop_available(shop_id), shop_payable(shop_id))
    return ShopBalance(*(balance(session, account) for account in accounts))


def shop_sheets(session: Session, shop_id: uuid.UUID, limit: int = 60) -> list[SettlementSheet]:
    """The shop's sheets, newest week first."""
    found = select(SettlementSheet).where(SettlementSheet.shop_id == shop_id)
    return list(session.scalars(found.order_by(SettlementSheet.week.desc()).limit(limit)))


def shop_sheet(session: Session, shop_id: uuid.UUID, sheet_id: uuid.UUID) -> SettlementSheet | None:
    """One sheet of the shop's."""
    return session.scalar(
        select(SettlementSheet).where(SettlementSheet.id == sheet_id, SettlementSheet.shop_id == shop_id)
    )


def shop_waiting(session: Session, shop_id: uuid.UUID, limit: int = 100) -> list[SettlementItem]:
    """The shop's items that are on no sheet yet, the next to become its own first."""
    found = select(SettlementItem).where(
        SettlementItem.shop_id == shop_id,
        SettlementItem.sheet_id.is_(None),
        SettlementItem.state != ItemState.settled,
    )
    return list(session.scalars(found.order_by(SettlementItem.available_at).limit(limit)))


def bank_account(session: Session, shop_id: uuid.UUID) -> ShopBankAccount | None:
    """Where the shop is paid."""
    return session.get(ShopBankAccount, shop_id)


def county_sheets(
    session: Session, county_code: str, states: Sequence[SheetState], limit: int = 200
) -> list[SettlementSheet]:
    """The county's sheets in `states`, newest first."""
    found = select(SettlementSheet).where(
        SettlementSheet.county_code == county_code, SettlementSheet.state.in_(states)
    )
    return list(session.scalars(found.order_by(SettlementSheet.number.desc()).limit(limit)))


def county_sheet(session: Session, county_code: str, sheet_id: uuid.UUID) -> SettlementSheet | None:
    """One sheet of the county's."""
    return session.scalar(
        select(SettlementSheet).where(
            SettlementSheet.id == sheet_id, SettlementSheet.county_code == county_code
        )
    )


def bank_files(session: Session, county_code: str, limit: int = 30) -> list[BankFile]:
    """The county's bank files, newest first."""
    found = select(BankFile).where(BankFile.county_code == county_code)
    return list(session.scalars(found.order_by(BankFile.number.desc()).limit(limit)))


def bank_file(session: Session, county_code: str, file_id: uuid.UUID) -> BankFile | None:
    """One bank file of the county's."""
    return session.scalar(select(BankFile).where(BankFile.id == file_id, BankFile.county_code == county_code))


def paid_by(session: Session, file_id: uuid.UUID) -> list[uuid.UUID]:
    """The people whose account numbers a bank file spells: those who wrote where their shops bank."""
    found = (
        select(ShopBankAccount.changed_by_id)
        .join(SettlementSheet, SettlementSheet.shop_id == ShopBankAccount.shop_id)
        .where(SettlementSheet.bank_file_id == file_id)
    )
    return list(session.scalars(found.distinct().order_by(ShopBankAccount.changed_by_id)))


def account_in_county(
    session: Session, county_code: str, shop_id: uuid.UUID
) -> tuple[ShopBankAccount, Shop] | None:
    """Where a shop of the county's is paid."""
    rows = session.execute(
        select(ShopBankAccount, Shop)
        .join(Shop, Shop.id == ShopBankAccount.shop_id)
        .where(Shop.id == shop_id, Shop.county_code == county_code)
    )
    return next(((account, shop) for account, shop in rows), None)


def unconfirmed_accounts(session: Session, county_code: str) -> list[tuple[ShopBankAccount, Shop]]:
    """Bank accounts of the county's shops that nobody has confirmed."""
    rows = session.execute(
        select(ShopBankAccount, Shop)
        .join(Shop, Shop.id == ShopBankAccount.shop_id)
        .where(Shop.county_code == county_code, ShopBankAccount.confirmed_at.is_(None))
        .order_by(ShopBankAccount.changed_at)
    )
    return [(account, shop) for account, shop in rows]
