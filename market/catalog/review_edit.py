"""Changes of verified fields: they wait, an operator takes them or not, and until then the old ones sell."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from market.catalog.change_price import change_price
from market.catalog.edit_models import EDIT_STATES, EditState, ListingEdit
from market.catalog.edit_rule import PRICE_FIELDS, Changes
from market.catalog.models import Listing, Product
from market.catalog.zone import reconsider
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.notices.notify import notify
from market.shops.models import Shop, ShopStaff


def hold(
    session: Session, listing: Listing, changes: Changes, account_id: uuid.UUID | None, now: datetime
) -> ListingEdit | None:
    """Let `changes` wait, with those that wait already; the listing is locked. None where there are none."""
    if not changes:
        return None
    before = session.scalar(_waiting().where(ListingEdit.listing_id == listing.id).with_for_update())
    merged = {**(before.changes if before else {}), **{name: list(pair) for name, pair in changes.items()}}
    if before is not None and merged == before.changes:
        return before
    if before is not None:
        _decide(before, EditState.withdrawn, None, now)
        session.flush()
    edit = ListingEdit(id=new_id(), listing_id=listing.id, changes=merged, asked_by=account_id, asked_at=now)
    edit.state = EditState.waiting
    session.add(edit)
    session.flush()
    return edit


def withdraw_edit(session: Session, shop_id: uuid.UUID, edit_id: uuid.UUID, now: datetime) -> ListingEdit:
    """The shop takes its change back. Raises NotFound; Refused(``state.illegal_move``)."""
    found = _locked(session, edit_id, Listing.shop_id == shop_id)
    _decide(found, EditState.withdrawn, None, now)
    session.flush()
    return found


def accept_edit(
    session: Session, county_code: str, edit_id: uuid.UUID, account_id: uuid.UUID, now: datetime
) -> ListingEdit:
    """The change stands from now on.

    Raises NotFound; Refused: ``state.illegal_move``; ``catalog.edit_stale`` where the old value is not what
    it was when the shop asked; and what the change itself is refused for.
    """
    edit = _of_county(session, county_code, edit_id)
    _decide(edit, EditState.accepted, account_id, now)
    changes = edit.changes
    change_product(
        session,
        edit.listing.product,
        {name: (old, new) for name, (old, new) in changes.items() if name not in PRICE_FIELDS},
    )
    if PRICE_FIELDS & set(changes):
        _change_price(session, edit, now)
    reconsider(session, edit.listing.product_id, now)
    _tell(session, edit, "catalog.edit_accepted", {}, now)
    return edit


def reject_edit(
    session: Session, county_code: str, edit_id: uuid.UUID, reason: str, account_id: uuid.UUID, now: datetime
) -> ListingEdit:
    """The change does not stand, for a reason that the shop is told.

    Raises NotFound; Refused(``catalog.reason_missing`` | ``state.illegal_move``).
    """
    edit = _of_county(session, county_code, edit_id)
    if not reason.strip():
        raise Refused("catalog.reason_missing", field="reason")
    _decide(edit, EditState.rejected, account_id, now, reason.strip())
    _tell(session, edit, "catalog.edit_rejected", {"reason": reason.strip()}, now)
    return edit


def waiting_edit(session: Session, listing_id: uuid.UUID) -> ListingEdit | None:
    """The listing's change that waits."""
    return session.scalar(_waiting().where(ListingEdit.listing_id == listing_id))


def last_edit(session: Session, listing_id: uuid.UUID) -> ListingEdit | None:
    """The listing's latest change that an operator decided."""
    decided = (EditState.accepted, EditState.rejected)
    return session.scalar(
        select(ListingEdit)
        .where(ListingEdit.listing_id == listing_id, ListingEdit.state.in_(decided))
        .order_by(ListingEdit.id.desc())
        .limit(1)
    )


def edits_to_review(session: Session, county_code: str) -> list[ListingEdit]:
    """The changes that the county's shops wait for, the longest waiting first."""
    found = _waiting().join(ListingEdit.listing).join(Listing.shop).where(Shop.county_code == county_code)
    return list(session.scalars(found.order_by(ListingEdit.asked_at, ListingEdit.id)))


def change_product(session: Session, product: Product, changes: Changes) -> None:
    """Give the product the new values of `changes`.

    Raises Refused: ``catalog.edit_stale``, ``catalog.gtin_taken`` (field gtin), ``catalog.model_taken``
    (field model).
    """
    if not changes:
        return
    if any(getattr(product, name) != old for name, (old, _) in changes.items()):
        raise Refused("catalog.edit_stale")
    _check_free(session, product, {name: new for name, (_, new) in changes.items()})
    for name, (_, new) in changes.items():
        setattr(product, name, new)
    product.index_for_search(product.category)
    product.measure_running_cost()
    session.flush()


def _check_free(session: Session, product: Product, new: Mapping[str, Any]) -> None:
    others = select(Product.id).where(Product.id != product.id)
    if new.get("gtin") and session.scalar(others.where(Product.gtin == new["gtin"])):
        raise Refused("catalog.gtin_taken", field="gtin")
    brand, model = new.get("brand", product.brand), new.get("model", product.model)
    if session.scalar(others.where(Product.brand == brand, Product.model == model)):
        raise Refused("catalog.model_taken", field="model")


def _change_price(session: Session, edit: ListingEdit, now: datetime) -> None:
    listing = edit.listing
    asked = {name: edit.changes.get(name, [None, getattr(listing, name)]) for name in PRICE_FIELDS}
    if any(name in edit.changes and getattr(listing, name) != pair[0] for name, pair in asked.items()):
        raise Refused("catalog.edit_stale")
    filed_fen, price_fen = asked["list_price_fen"][1], asked["price_fen"][1]
    change_price(session, listing.shop_id, listing.id, filed_fen, price_fen, edit.asked_by, now)


def _decide(
    edit: ListingEdit, to: EditState, account_id: uuid.UUID | None, now: datetime, reason: str | None = None
) -> None:
    EDIT_STATES.move(edit, to)
    edit.reason, edit.decided_by, edit.decided_at = reason, account_id, now


def _waiting() -> Select[ListingEdit]:
    return select(ListingEdit).where(ListingEdit.state == EditState.waiting)


def _of_county(session: Session, county_code: str, edit_id: uuid.UUID) -> ListingEdit:
    return _locked(session, edit_id, Shop.county_code == county_code)


def _locked(session: Session, edit_id: uuid.UUID, whose: ColumnElement[bool]) -> ListingEdit:
    """The edit, its listing locked before it as everywhere. Raises NotFound."""
    listing_id = session.scalar(
        select(Listing.id)
        .join(ListingEdit, ListingEdit.listing_id == Listing.id)
        .join(Listing.shop)
        .where(ListingEdit.id == edit_id, whose)
        .with_for_update(of=Listing)
    )
    if listing_id is None:
        raise NotFound
    return session.get_one(ListingEdit, edit_id, with_for_update=True, populate_existing=True)


def _tell(session: Session, edit: ListingEdit, kind: str, params: dict[str, str], now: datetime) -> None:
    staff = select(ShopStaff.account_id).where(ShopStaff.shop_id == edit.listing.shop_id)
    about = {"product": edit.listing.product.name_zh} | params
    for account_id in session.scalars(staff.order_by(ShopStaff.account_id)):
        key = f"edit:{edit.id}:{account_id}"
        notify(session, account_id, kind, about, now, f"listing:{edit.listing_id}", key)
