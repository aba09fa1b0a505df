"""A clerk orders for somebody at the counter, once she has agreed: by a code of hers, or on signed paper.

Consent is to this purpose in its present version, and kept as such (PIPL 13 to 16). What it does not cover
the clerk never sees: neither whether a number has an account, nor anything in it. Her cart stays as it is.
"""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import emit
from market.kernel.photo import small_jpeg
from market.notices.notify import notify
from market.orders import cart as carts
from market.orders.assisted_models import ASSIST_STATES, AssistedOrder, AssistState
from market.orders.cart import CartEntry, Owner
from market.orders.checkout import Choices, checkout
from market.orders.events import AssistLapses
from market.orders.models import Order, PaymentMethod, Place
from market.orders.pricing import Priced
from market.orders.quote import Options, price_entries
from market.people.addresses import AddressInput, add_address, remove_address
from market.people.consents import VERSIONS, give_consent
from market.people.models import Account, AccountState, Purpose
from market.people.passwords import hash_password, verify
from market.people.queries import agrees
from market.people.register import register
from market.people.rules import normalize_phone

CODE_FOR = timedelta(minutes=10)
PLACE_WITHIN = timedelta(hours=2)
MOST_TRIES = 5
_DIGITS = 6
_WRITTEN = ("village_code", "detail", "recipient_name", "phone")


@dataclass(frozen=True, slots=True)
class AssistDraft:
    """What is to be ordered: pieces by listing, where it goes, and how it is paid."""

    pieces: Mapping[uuid.UUID, int]
    address: AddressInput
    method: PaymentMethod


def ask_by_code(
    session: Session, shop_id: uuid.UUID, clerk_id: uuid.UUID, phone: str, now: datetime
) -> AssistedOrder:
    """A code goes to whoever has this number; where nobody has, none will ever fit.

    Raises Refused(``people.phone_shape``; field phone).
    """
    number = normalize_phone(phone)
    if number is None:
        raise Refused("people.phone_shape", field="phone")
    buyer = _holder(session, number)
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"
    made = _new(session, shop_id, clerk_id, buyer, now, code_hash=hash_password(code))
    if buyer:
        notify(session, buyer.id, "orders.assist_code", {"code": code}, now, f"assist:{made.id}")
    return made


def agree_by_code(
    session: Session, shop_id: uuid.UUID, assist_id: uuid.UUID, code: str, now: datetime
) -> AssistedOrder:
    """She reads her code out. Every wrong one counts; the caller keeps the count.

    Raises NotFound where it is another shop's; Refused (field code): ``assist.code_over``, ``assist.code``.
    """
    found = own(session, shop_id, assist_id)
    if found.state is not AssistState.asked:
        return found
    if now >= found.created_at + CODE_FOR or found.wrong_tries >= MOST_TRIES:
        raise Refused("assist.code_over", field="code")
    if not verify(found.code_hash if found.account_id else None, code.strip()):
        found.wrong_tries += 1
        session.flush()
        raise Refused("assist.code", field="code")
    return _agree(session, found, now)


def agree_on_paper(
    session: Session,
    shop_id: uuid.UUID,
    clerk_id: uuid.UUID,
    phone: str,
    name: str,
    password: str,
    photo: bytes,
    now: datetime,
) -> AssistedOrder:
    """She has signed; a photo of the form is kept. A new account is opened where the number has none.

    Raises Refused: ``people.phone_shape`` (field phone), ``people.password_*`` (field password) for a new
    account, ``photo.unreadable`` (field photo).
    """
    number = normalize_phone(phone)
    if number is None:
        raise Refused("people.phone_shape", field="phone")
    jpeg = small_jpeg(photo)
    buyer = _holder(session, number) or register(session, number, name, password, now)
    found = _new(session, shop_id, clerk_id, buyer, now, paper_jpeg=jpeg)
    return _agree(session, found, now)


def prepare(
    session: Session, shop_id: uuid.UUID, assist_id: uuid.UUID, draft: AssistDraft, now: datetime
) -> AssistedOrder:
    """Write down what she wants; nothing is ordered yet.

    Raises NotFound; Refused: ``assist.over``, ``cart.not_for_sale`` (field goods), and as `add_address`.
    """
    found, account_id = _open(session, shop_id, assist_id, now)
    owner = _cart_of(found)
    _empty(session, found, now)
    for listing_id, pieces in draft.pieces.items():
        if session.scalar(select(Listing.shop_id).where(Listing.id == listing_id)) != shop_id:
            raise Refused("cart.not_for_sale", field="goods")
        carts.put(session, owner, listing_id, pieces, now)
    found.draft = {
        "address": {name: getattr(draft.address, name) for name in _WRITTEN},
        "method": draft.method.value,
    }
    # Written and taken back: what is wrong with it is said now, not when she pays.
    with session.begin_nested() as tried:
        add_address(session, account_id, draft.address, now)
        tried.rollback()
    session.flush()
    return found


def lines(session: Session, found: AssistedOrder) -> list[CartEntry]:
    """What is in the order so far."""
    return carts.entries(session, _cart_of(found))


def priced(session: Session, found: AssistedOrder, county_code: str, now: datetime) -> Priced | None:
    """What the order would cost, None while nothing is in it."""
    goods = lines(session, found)
    return price_entries(session, goods, Options(county_code, found.account_id), now) if goods else None


def place(
    session: Session, shop_id: uuid.UUID, assist_id: uuid.UUID, expected_payable_fen: int, now: datetime
) -> Order:
    """Order it for her, at the price that was shown. The second time the same order.

    She is told, and finds it among her own. Raises NotFound; Refused: ``assist.over`` (two hours are past, or
    she takes her consent back), ``cart.empty``, and as `checkout`.
    """
    found = own(session, shop_id, assist_id)
    if found.order_id:
        return session.get_one(Order, found.order_id)
    _, account_id = _open(session, shop_id, assist_id, now)
    if not found.draft:
        raise Refused("cart.empty")
    buyer = session.get_one(Account, account_id)
    address = add_address(session, buyer.id, address_of(found), now)
    method = PaymentMethod(found.draft["method"])
    choices = Choices(address.id, Place.door, method, expected_payable_fen)
    order = checkout(session, buyer, choices, f"assist:{found.id}", now, _cart_of(found))
    remove_address(session, buyer.id, address.id, now)
    ASSIST_STATES.move(found, AssistState.placed)
    found.order_id, found.draft = order.id, {}
    session.flush()
    told = {"shop": order.shop_orders[0].shop_name, "number": order.number, "fen": order.payable_fen}
    kind = "orders.assisted_pay" if method is PaymentMethod.stripe else "orders.assisted"
    notify(session, buyer.id, kind, told, now, f"order:{order.id}", f"assisted:{found.id}")
    return order


def forget(session: Session, assist_id: uuid.UUID, now: datetime) -> None:
    """Her two hours are over: what was written down and not ordered, with name and door, is gone. Harmless
    early and twice."""
    found = session.get_one(AssistedOrder, assist_id, with_for_update=True, populate_existing=True)
    is_over = found.agreed_at is not None and now >= found.agreed_at + PLACE_WITHIN
    if found.order_id is None and is_over:
        _empty(session, found, now)
        found.draft = {}
        session.flush()


def own(session: Session, shop_id: uuid.UUID, assist_id: uuid.UUID) -> AssistedOrder:
    """The shop's own, locked. Raises NotFound."""
    found = session.get(AssistedOrder, assist_id, with_for_update=True, populate_existing=True)
    if found is None or found.shop_id != shop_id:
        raise NotFound
    return found


def recent(session: Session, shop_id: uuid.UUID, limit: int = 20) -> list[AssistedOrder]:
    """The shop's latest, newest first."""
    of_shop = select(AssistedOrder).where(AssistedOrder.shop_id == shop_id)
    return list(session.scalars(of_shop.order_by(AssistedOrder.created_at.desc()).limit(limit)))


def address_of(found: AssistedOrder) -> AddressInput:
    """Where it goes, as the clerk wrote it."""
    written = found.draft["address"]
    code = written["village_code"]
    return AddressInput(county_code=code[:6], township_code=code[:9], **written)


def _new(
    session: Session,
    shop_id: uuid.UUID,
    clerk_id: uuid.UUID,
    buyer: Account | None,
    now: datetime,
    code_hash: str | None = None,
    paper_jpeg: bytes | None = None,
) -> AssistedOrder:
    if buyer and buyer.id == clerk_id:
        raise Refused("assist.own", field="phone")
    made = AssistedOrder(
        shop_id=shop_id,
        clerk_id=clerk_id,
        account_id=buyer.id if buyer else None,
        state=AssistState.asked,
        code_hash=code_hash,
        paper_jpeg=paper_jpeg,
        draft={},
        wrong_tries=0,
        created_at=now,
    )
    if paper_jpeg:
        _agreed(made, now)
    session.add(made)
    session.flush()
    return made


def _holder(session: Session, number: str) -> Account | None:
    return session.scalar(
        select(Account).where(Account.phone == number, Account.state == AccountState.active)
    )


def _agreed(found: AssistedOrder, now: datetime) -> None:
    ASSIST_STATES.move(found, AssistState.agreed)
    found.consent_version, found.agreed_at = VERSIONS[Purpose.assisted], now


def _agree(session: Session, found: AssistedOrder, now: datetime) -> AssistedOrder:
    if found.state is AssistState.asked:
        _agreed(found, now)
    account_id = session.get_one(Account, found.account_id).id
    give_consent(session, account_id, Purpose.assisted, now)
    session.flush()
    key = f"assist_lapses:{found.id}"
    emit(session, AssistLapses(found.id), now, due_at=now + PLACE_WITHIN, dedupe_key=key)
    return found


def _open(
    session: Session, shop_id: uuid.UUID, assist_id: uuid.UUID, now: datetime
) -> tuple[AssistedOrder, uuid.UUID]:
    """What may still be ordered, and for whom."""
    found = own(session, shop_id, assist_id)
    lasts = found.agreed_at is not None and now < found.agreed_at + PLACE_WITHIN
    if found.state is not AssistState.agreed or not lasts or found.account_id is None:
        raise Refused("assist.over")
    if not agrees(session, found.account_id, Purpose.assisted):
        raise Refused("assist.over")
    return found, found.account_id


def _empty(session: Session, found: AssistedOrder, now: datetime) -> None:
    owner = _cart_of(found)
    for line in carts.entries(session, owner):
        carts.set_quantity(session, owner, line.listing.id, 0, now)


def _cart_of(found: AssistedOrder) -> Owner:
    """A cart of this order's own: hers is none of the clerk's business."""
    return Owner(token_hash=f"assist:{found.id}")
