"""A shop takes a holiday: what it lists stays on show, and nothing of it can be bought."""

import uuid
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from market.kernel.clock import at, local_date
from market.kernel.errors import Refused
from market.kernel.outbox import emit
from market.shops.events import HolidayTurns
from market.shops.history import HOLIDAY, SHOP, note
from market.shops.models import SHOP_STATES, Shop, ShopState
from market.shops.submit_paper import lock_shop

MOST_DAYS = 60
WORDS_CHARS = range(2, 101)
_MIDNIGHT = time()


def plan_holiday(
    session: Session,
    shop_id: uuid.UUID,
    account_id: uuid.UUID,
    first: date,
    last: date,
    words: str,
    now: datetime,
) -> Shop:
    """Close from the day `first` to the day `last`, both included; `words` are for buyers.

    Raises Refused: ``shops.holiday_days`` (field last) where they are past, crossed or more than 60,
    ``shops.holiday_words`` (field words), ``state.illegal_move`` where the shop does not sell now.
    """
    shop = lock_shop(session, shop_id)
    if shop.state is not ShopState.holiday:
        SHOP_STATES.step(shop.state, ShopState.holiday)
    if not local_date(now) <= last or not first <= last < first + timedelta(days=MOST_DAYS):
        raise Refused("shops.holiday_days", field="last", most=MOST_DAYS)
    if len(words.strip()) not in WORDS_CHARS:
        raise Refused("shops.holiday_words", field="words")
    shop.holiday_from, shop.holiday_until, shop.holiday_words = first, last, words.strip()
    note(session, shop_id, HOLIDAY, "planned", f"{first} – {last} {shop.holiday_words}", account_id, now)
    for day in (first, last + timedelta(days=1)):
        key = f"holiday:{shop_id}:{day}:{now.isoformat()}"
        emit(session, HolidayTurns(shop_id), now, due_at=at(day, _MIDNIGHT), dedupe_key=key)
    _turn(session, shop, account_id, now)
    return shop


def end_holiday(session: Session, shop_id: uuid.UUID, account_id: uuid.UUID, now: datetime) -> Shop:
    """Open again today, or do not close at all. The second time nothing happens."""
    shop = lock_shop(session, shop_id)
    if shop.holiday_until is not None:
        note(session, shop_id, HOLIDAY, "ended", "", account_id, now)
        _open_again(session, shop, account_id, now)
    return shop


def turn_holiday(session: Session, shop_id: uuid.UUID, now: datetime) -> None:
    """Follow the calendar: begin what has begun, end what is over. Harmless at any other time."""
    _turn(session, lock_shop(session, shop_id), None, now)


def _turn(session: Session, shop: Shop, by_id: uuid.UUID | None, now: datetime) -> None:
    if shop.holiday_from is None or shop.holiday_until is None:
        return
    today = local_date(now)
    if today > shop.holiday_until:
        _open_again(session, shop, by_id, now)
    elif today >= shop.holiday_from and shop.state in (ShopState.open, ShopState.holiday):
        begins = shop.state is ShopState.open
        if begins:
            SHOP_STATES.move(shop, ShopState.holiday)
            shop.state_since = now
        shop.state_reason = shop.holiday_words
        session.flush()
        if begins:
            note(session, shop.id, SHOP, ShopState.holiday, shop.state_reason or "", by_id, now)
    elif shop.state is ShopState.holiday:
        _reopen(session, shop, by_id, now)  # put off to later days


def _open_again(session: Session, shop: Shop, by_id: uuid.UUID | None, now: datetime) -> None:
    if shop.state is ShopState.holiday:
        _reopen(session, shop, by_id, now)
    shop.holiday_from = shop.holiday_until = shop.holiday_words = None
    session.flush()


def _reopen(session: Session, shop: Shop, by_id: uuid.UUID | None, now: datetime) -> None:
    SHOP_STATES.move(shop, ShopState.open)
    shop.state_reason, shop.state_since = None, now
    session.flush()
    note(session, shop.id, SHOP, ShopState.open, "", by_id, now)
