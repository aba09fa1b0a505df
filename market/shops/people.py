"""Who works for a shop: invited by phone with a code that works once, and taken off again."""

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.notices.notify import notify
from market.people.models import Account
from market.people.passwords import hash_password, verify
from market.people.rules import mask_phone, normalize_phone
from market.shops.apply import add_staff
from market.shops.history import STAFF, note
from market.shops.models import Shop, ShopInvitation, ShopRole, ShopStaff
from market.shops.submit_paper import lock_shop

VALID_FOR = timedelta(days=3)
MOST_TRIES = 5
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation and its code, which is kept nowhere else."""

    invitation: ShopInvitation
    code: str = field(repr=False)


def invite(
    session: Session, shop_id: uuid.UUID, owner_id: uuid.UUID, phone: str, role: ShopRole, now: datetime
) -> Invited:
    """Ask whoever has this phone to work for the shop; an earlier invitation of the number ends.

    Raises Refused(``people.phone_shape``, ``shops.works_elsewhere``; field phone).
    """
    number = normalize_phone(phone)
    if number is None:
        raise Refused("people.phone_shape", field="phone")
    shop = lock_shop(session, shop_id)
    account = session.scalar(select(Account).where(Account.phone == number))
    if account and session.get(ShopStaff, account.id):
        raise Refused("shops.works_elsewhere", field="phone")
    open_ones = ShopInvitation.shop_id == shop_id, ShopInvitation.phone == number
    session.execute(update(ShopInvitation).where(*open_ones).values(ended_at=now))
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
    invitation = ShopInvitation(
        shop_id=shop_id,
        phone=number,
        role=role,
        code_hash=hash_password(code),
        invited_by_id=owner_id,
        invited_at=now,
        expires_at=now + VALID_FOR,
    )
    session.add(invitation)
    session.flush()
    note(session, shop_id, STAFF, "invited", f"{mask_phone(number)} {role.value}", owner_id, now)
    if account:
        notify(session, account.id, "shops.invited", {"shop": shop.name}, now, f"shop:{shop_id}")
    return Invited(invitation, code)


def join(session: Session, account: Account, code: str, now: datetime) -> Shop:
    """Take up the latest invitation of the account's own number. Every wrong code counts.

    Raises Refused: ``shops.not_invited`` where none is open, ``shops.wrong_code`` (both field code; the
    caller keeps the count), ``shops.works_elsewhere``.
    """
    found = session.scalar(
        select(ShopInvitation)
        .where(
            ShopInvitation.phone == account.phone,
            ShopInvitation.ended_at.is_(None),
            ShopInvitation.expires_at > now,
            ShopInvitation.wrong_tries < MOST_TRIES,
        )
        .order_by(ShopInvitation.id.desc())
        .limit(1)
        .with_for_update()
    )
    if found is None:
        raise Refused("shops.not_invited", field="code")
    if not verify(found.code_hash, code.strip()):
        found.wrong_tries += 1
        session.flush()
        raise Refused("shops.wrong_code", field="code")
    found.ended_at = now
    add_staff(session, found.shop_id, account.id, found.role, now)
    note(session, found.shop_id, STAFF, "joined", f"{account.name} {found.role.value}", account.id, now)
    return session.get_one(Shop, found.shop_id)


def remove(
    session: Session, shop_id: uuid.UUID, owner_id: uuid.UUID, account_id: uuid.UUID, now: datetime
) -> None:
    """Take somebody off the shop, at once. Raises NotFound; Refused(``shops.last_owner``)."""
    lock_shop(session, shop_id)
    member = session.scalar(
        select(ShopStaff).where(ShopStaff.shop_id == shop_id, ShopStaff.account_id == account_id)
    )
    if member is None:
        raise NotFound
    owners = select(ShopStaff.account_id).where(
        ShopStaff.shop_id == shop_id, ShopStaff.role == ShopRole.owner
    )
    if member.role is ShopRole.owner and len(session.scalars(owners).all()) == 1:
        raise Refused("shops.last_owner")
    session.delete(member)
    session.flush()
    name = session.get_one(Account, account_id).name
    note(session, shop_id, STAFF, "removed", f"{name} {member.role.value}", owner_id, now)
