"""Where a shop is paid: written by the shop, confirmed by the county."""

import re
import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.kernel.seal import Seal, SealBroken
from market.settlements.models import ShopBankAccount
from market.shops.queries import shop_in_county

SEAL_PURPOSE = "settlements"
_TAIL = 4
_NUMBER = re.compile(r"[0-9]{8,30}")


def change_bank_account(
    session: Session,
    shop_id: uuid.UUID,
    holder: str,
    bank: str,
    number: str,
    by_id: uuid.UUID,
    seal: Seal,
    now: datetime,
) -> ShopBankAccount:
    """The shop writes where it banks; until the county confirms it nothing is paid there.

    The number is kept sealed with `seal` (purpose SEAL_PURPOSE).

    Raises Refused: ``settlement.holder`` (field holder), ``settlement.bank`` (field bank),
    ``settlement.account_number`` (field number).
    """
    digits = re.sub(r"[\s-]", "", number)
    if not holder.strip():
        raise Refused("settlement.holder", field="holder")
    if not bank.strip():
        raise Refused("settlement.bank", field="bank")
    if not _NUMBER.fullmatch(digits):
        raise Refused("settlement.account_number", field="number")
    row = session.get(ShopBankAccount, shop_id, with_for_update=True) or ShopBankAccount(shop_id=shop_id)
    if (row.holder, row.bank, known_number(row, seal)) == (holder.strip(), bank.strip(), digits):
        return row
    row.holder, row.bank = holder.strip(), bank.strip()
    row.number_sealed, row.tail = seal.close(digits), digits[-_TAIL:]
    row.changed_by_id, row.changed_at = by_id, now
    row.confirmed_by_id = row.confirmed_at = None
    session.add(row)
    session.flush()
    return row


def confirm_bank_account(
    session: Session, county_code: str, operator_id: uuid.UUID, shop_id: uuid.UUID, now: datetime
) -> ShopBankAccount:
    """The county has seen the shop's bank papers. Unchanged the second time.

    Raises NotFound where it is another county's; Refused(``settlement.own_approval``).
    """
    shop = shop_in_county(session, county_code, shop_id)
    row = session.get(ShopBankAccount, shop_id, with_for_update=True) if shop else None
    if row is None:
        raise NotFound
    if row.confirmed_at is None:
        if row.changed_by_id == operator_id:
            raise Refused("settlement.own_approval")
        row.confirmed_by_id, row.confirmed_at = operator_id, now
        session.flush()
    return row


def known_number(account: ShopBankAccount, seal: Seal) -> str | None:
    """The whole number; None where none was written, or where no key opens it any more."""
    try:
        return seal.open(account.number_sealed) if account.number_sealed else None
    except SealBroken:
        return None
