"""Apply a sheet that was read: what is right, 500 rows to a transaction."""

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.bulk.columns import Values
from market.bulk.events import RowsDue
from market.bulk.known import Judged, Known, current
from market.bulk.models import IMPORT_STATES, ImportState, SheetImport
from market.bulk.rules import ROW, Flaws, Outcome
from market.catalog.drafts import ItemDraft, OfferDraft, ProductDraft
from market.catalog.edit_listing import OwnDraft, edit_listing, edit_own, file_price, set_state
from market.catalog.list_items import list_items
from market.catalog.models import Listing, ListingState
from market.inventory.receive import receive_all
from market.kernel.errors import NotFound, Refused
from market.kernel.outbox import emit

AT_ONCE = 500
_OF_PRODUCT = (
    "brand", "model", "name_zh", "gtin", "net_weight_grams", "packed_length_mm", "packed_width_mm",
    "packed_height_mm", "upright", "specs", "interop",
)  # fmt: skip
_HANDLING = ("people_required", "install_skill", "install_seconds")
_OWN = ("own_number", "variant", "low_at")
_PRICES = ("list_price_fen", "price_fen")
OPENING = "导入时的库存"
_TO_DO = (Outcome.new, Outcome.change)


def begin(session: Session, shop_id: uuid.UUID, import_id: uuid.UUID, now: datetime) -> SheetImport:
    """The shop says yes: up to 500 rows are applied now, the rest by the worker, chunk by chunk.

    A sheet that was begun before is left as it is. Raises NotFound where it is another shop's.
    """
    sheet = _locked(session, import_id)
    if sheet is None or sheet.shop_id != shop_id:
        raise NotFound
    if sheet.state is not ImportState.read:
        return sheet
    IMPORT_STATES.move(sheet, ImportState.applying)
    if sheet.total <= AT_ONCE:
        _apply(session, sheet, now)
    else:
        _ask_on(session, sheet, now)
    return sheet


def go_on(session: Session, import_id: uuid.UUID, done: int, now: datetime) -> None:
    """Apply the 500 rows behind the first `done`; once, however often it is asked for."""
    sheet = _locked(session, import_id)
    if sheet is not None and sheet.state is ImportState.applying and sheet.done == done:
        _apply(session, sheet, now)


def _apply(session: Session, sheet: SheetImport, now: datetime) -> None:
    rows = sheet.rows[sheet.done : sheet.done + AT_ONCE]
    # Rows above this chunk are judged as well: one that is called like one of them is wrong.
    judged = Known(session, sheet.shop_id, now).judge(sheet.rows[: sheet.done + AT_ONCE])[sheet.done :]
    refused = _do_all(session, sheet, [row for row in judged if row.verdict.outcome in _TO_DO], now)
    counts, flaws = Counter(sheet.counts), dict(sheet.flaws)
    for number, row in enumerate(judged, sheet.done):
        wrong = refused.get(id(row), row.verdict.flaws)
        counts[(Outcome.wrong if wrong else row.verdict.outcome).value] += 1
        if wrong:
            flaws[str(number)] = {key: [it.code, _plain(it.values)] for key, it in wrong.items()}
    sheet.counts, sheet.flaws, sheet.done = dict(counts), flaws, sheet.done + len(rows)
    if sheet.done >= sheet.total:
        IMPORT_STATES.move(sheet, ImportState.applied)
        sheet.applied_at = now
        session.flush()
    else:
        _ask_on(session, sheet, now)


def _ask_on(session: Session, sheet: SheetImport, now: datetime) -> None:
    emit(session, RowsDue(sheet.id, sheet.done), now, dedupe_key=f"rows_due:{sheet.id}:{sheet.done}")


def _do_all(session: Session, sheet: SheetImport, rows: Iterable[Judged], now: datetime) -> dict[int, Flaws]:
    """Apply the rows, in their order; by `id` of the row, why one was refused after all."""
    refused: dict[int, Flaws] = {}
    for _, group in groupby(rows, lambda row: row.listing is None):
        refused |= _do(session, sheet, list(group), now)
    return refused


def _do(session: Session, sheet: SheetImport, rows: Sequence[Judged], now: datetime) -> dict[int, Flaws]:
    """Apply all of the rows at once; where one of them is refused, each half by itself."""
    flaws = _tried(session, sheet, rows, now)
    if not flaws:
        return {}
    if len(rows) == 1:
        return {id(rows[0]): flaws}
    half = len(rows) // 2
    return _do(session, sheet, rows[:half], now) | _do(session, sheet, rows[half:], now)


def _tried(session: Session, sheet: SheetImport, rows: Sequence[Judged], now: datetime) -> Flaws:
    """Apply all of the rows or, with what stands against one, none."""
    try:
        with session.begin_nested():
            if rows[0].listing is None:
                _list(session, sheet, [row.verdict.values for row in rows], now)
            for row in rows:
                if row.listing is not None:
                    _change(session, sheet, row.listing, row.verdict.values, now)
    except Refused as refused:
        return {_column(refused): refused}
    return {}


def _list(session: Session, sheet: SheetImport, rows: Sequence[Values], now: datetime) -> None:
    drafts = [_draft(values) for values in rows]
    listings = list_items(session, sheet.shop_id, drafts, sheet.asked_by, now)
    pieces = {it.id: values["stock"] for it, values in zip(listings, rows, strict=True) if values["stock"]}
    receive_all(session, pieces, OPENING, now, sheet.asked_by)


def _draft(values: Values) -> ItemDraft:
    product = ProductDraft(**{name: values[name] for name in _OF_PRODUCT})
    offer = OfferDraft(**{name: values[name] for name in (*_PRICES, *_HANDLING, *_OWN)})
    return ItemDraft(values["category"], product, offer, values["on_sale"])


def _change(session: Session, sheet: SheetImport, listing: Listing, values: Values, now: datetime) -> None:
    whole = current(listing) | values
    changed = set(values)
    if changed & {*_OF_PRODUCT, *_HANDLING}:
        of_product = {name: whole[name] for name in _OF_PRODUCT} | {"name_en": listing.product.name_en}
        edit_listing(
            session,
            sheet.shop_id,
            listing.id,
            ProductDraft(**of_product),
            **{name: whole[name] for name in _HANDLING},
            now=now,
            account_id=sheet.asked_by,
        )
    if changed & set(_OWN):
        own = OwnDraft(**{name: whole[name] for name in _OWN})
        edit_own(session, sheet.shop_id, listing.id, own, now)
    if changed & set(_PRICES):
        prices = {name: whole[name] for name in _PRICES}
        file_price(session, sheet.shop_id, listing.id, **prices, account_id=sheet.asked_by, now=now)
    if "on_sale" in changed:
        to = ListingState.active if values["on_sale"] else ListingState.paused
        set_state(session, sheet.shop_id, listing.id, to, now)


def _column(refused: Refused) -> str:
    return {"price": "price_fen", "list_price": "list_price_fen", "color": "variant"}.get(
        refused.field or "", refused.field or ROW
    )


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int) else str(value) for name, value in values.items()}


def _locked(session: Session, import_id: uuid.UUID) -> SheetImport | None:
    return session.scalar(select(SheetImport).where(SheetImport.id == import_id).with_for_update())
