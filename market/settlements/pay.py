"""From items to a sheet, from a sheet to a bank file, from there to the shop's account."""

import hashlib
import uuid
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.kernel.seal import Seal
from market.ledger.post import post
from market.ledger.rules import BANK, credit, debit, shop_available, shop_payable
from market.places.models import County
from market.settlements import rules
from market.settlements.models import (
    ITEM_STATES,
    SHEET_STATES,
    BankFile,
    ItemKind,
    ItemState,
    SettlementItem,
    SettlementSheet,
    SheetState,
    ShopBankAccount,
)
from market.shops.models import Shop
from market.subsidies.clawback import mark_netted


def draw_up(session: Session, county_code: str, week: date, now: datetime) -> list[SettlementSheet]:
    """One sheet for each shop of the county with available items up to the end of `week` (a Monday).

    However often it runs, a shop has one sheet a week. What a shop owes (more reductions than sales) waits
    for its next week. Raises Refused(``settlement.week``) before the week is over.
    """
    if now < rules.week_end(week):
        raise Refused("settlement.week")
    # The county's row keeps two runs, and so two equal numbers, apart.
    session.scalars(select(County).where(County.code == county_code).with_for_update()).one()
    shops = session.scalars(select(Shop).where(Shop.county_code == county_code).order_by(Shop.id)).all()
    return [sheet for shop in shops if (sheet := _sheet(session, shop, week, now))]


def approve(
    session: Session, county_code: str, operator_id: uuid.UUID, sheet_id: uuid.UUID, now: datetime
) -> SettlementSheet:
    """The first approval checks the sheet; the second, by somebody else, makes it payable.

    Raises NotFound where it is another county's; Refused(``settlement.own_approval`` |
    ``state.illegal_move``).
    """
    sheet = _locked(session, county_code, sheet_id)
    if sheet.state is SheetState.drawn_up:
        SHEET_STATES.move(sheet, SheetState.checked)
        sheet.first_by_id, sheet.first_at = operator_id, now
    else:
        if sheet.first_by_id == operator_id:
            raise Refused("settlement.own_approval")
        SHEET_STATES.move(sheet, SheetState.payable)
        sheet.second_by_id, sheet.second_at = operator_id, now
        for item in sheet.items:
            ITEM_STATES.move(item, ItemState.settled)
            if item.kind is ItemKind.clawback:
                mark_netted(session, item.reference.removeprefix("clawback:"), now)
        lines = [
            debit(shop_available(sheet.shop_id), sheet.net_fen),
            credit(shop_payable(sheet.shop_id), sheet.net_fen),
        ]
        post(session, "shop.payable", f"sheet:{sheet.id}", f"sheet:{sheet.id}:payable", lines, now)
    session.flush()
    return sheet


def make_bank_file(
    session: Session, county_code: str, operator_id: uuid.UUID, seal: Seal, now: datetime
) -> BankFile | None:
    """A file for the bank with every payable sheet that is in none yet; None where there is nothing to pay.

    Shops without a confirmed bank account wait. `seal` opens their numbers and closes the file. Raises
    SealBroken where a number's key is lost: no file is made.
    """
    session.scalars(select(County).where(County.code == county_code).with_for_update()).one()
    found = session.execute(
        select(SettlementSheet, ShopBankAccount)
        .join(ShopBankAccount, ShopBankAccount.shop_id == SettlementSheet.shop_id)
        .where(
            SettlementSheet.county_code == county_code,
            SettlementSheet.state == SheetState.payable,
            SettlementSheet.bank_file_id.is_(None),
            ShopBankAccount.confirmed_at.is_not(None),
        )
        .order_by(SettlementSheet.number)
        .with_for_update(of=SettlementSheet)
    ).all()
    if not found:
        return None
    content = rules.bank_file(
        [
            rules.Transfer(
                bank.holder, bank.bank, seal.open(bank.number_sealed), sheet.net_fen, f"结算单 {sheet.number}"
            )
            for sheet, bank in found
        ]
    )
    file = BankFile(
        id=new_id(),
        county_code=county_code,
        number=_next(session, BankFile, county_code),
        content_sealed=seal.close(content.decode()),
        sha256=hashlib.sha256(content).hexdigest(),
        transfers=len(found),
        sum_fen=sum(sheet.net_fen for sheet, _ in found),
        made_by_id=operator_id,
        made_at=now,
    )
    session.add(file)
    session.flush()
    for sheet, _ in found:
        sheet.bank_file_id = file.id
    session.flush()
    return file


def confirm_bank_file(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    file_id: uuid.UUID,
    bank_reference: str,
    now: datetime,
) -> BankFile:
    """The bank has paid: its sheets are paid, and the book says so. Unchanged the second time.

    Raises NotFound where it is another county's; Refused(``settlement.bank_reference``, field
    bank_reference).
    """
    file = session.scalars(
        select(BankFile).where(BankFile.id == file_id, BankFile.county_code == county_code).with_for_update()
    ).one_or_none()
    if file is None:
        raise NotFound
    if file.confirmed_at is not None:
        return file
    if not bank_reference.strip():
        raise Refused("settlement.bank_reference", field="bank_reference")
    file.confirmed_by_id, file.confirmed_at = operator_id, now
    file.bank_reference = bank_reference.strip()
    for sheet in session.scalars(
        select(SettlementSheet)
        .where(SettlementSheet.bank_file_id == file.id)
        .order_by(SettlementSheet.id)
        .with_for_update()
    ).all():
        SHEET_STATES.move(sheet, SheetState.paid)
        lines = [debit(shop_payable(sheet.shop_id), sheet.net_fen), credit(BANK, sheet.net_fen)]
        post(session, "shop.paid", f"sheet:{sheet.id}", f"sheet:{sheet.id}:paid", lines, now)
    session.flush()
    return file


def _sheet(session: Session, shop: Shop, week: date, now: datetime) -> SettlementSheet | None:
    known = session.scalar(
        select(SettlementSheet).where(SettlementSheet.shop_id == shop.id, SettlementSheet.week == week)
    )
    if known is not None:
        return known
    items = session.scalars(
        select(SettlementItem)
        .where(
            SettlementItem.shop_id == shop.id,
            SettlementItem.state == ItemState.available,
            SettlementItem.sheet_id.is_(None),
            SettlementItem.available_at < rules.week_end(week),
        )
        .order_by(SettlementItem.id)
        .with_for_update()
    ).all()
    net_fen = sum(item.net_fen for item in items)
    if net_fen <= 0:
        return None
    sheet = SettlementSheet(
        id=new_id(),
        shop_id=shop.id,
        shop_name=shop.name,
        county_code=shop.county_code,
        week=week,
        number=_next(session, SettlementSheet, shop.county_code),
        goods_fen=sum(item.goods_fen for item in items),
        commission_fen=sum(item.commission_fen for item in items),
        carriage_fen=sum(item.carriage_fen for item in items),
        net_fen=net_fen,
        state=SheetState.drawn_up,
        drawn_up_at=now,
    )
    session.add(sheet)
    session.flush()
    for item in items:
        item.sheet_id = sheet.id
    session.flush()
    session.refresh(sheet)
    return sheet


def _next(session: Session, kind: type[SettlementSheet] | type[BankFile], county_code: str) -> int:
    last = session.scalar(select(func.max(kind.number)).where(kind.county_code == county_code))
    return (last or 0) + 1


def _locked(session: Session, county_code: str, sheet_id: uuid.UUID) -> SettlementSheet:
    sheet = session.scalars(
        select(SettlementSheet)
        .where(SettlementSheet.id == sheet_id, SettlementSheet.county_code == county_code)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if sheet is None:
        raise NotFound
    return sheet
