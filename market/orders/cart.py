"""The cart: a buyer's own, or a visitor's until she signs in."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, Text, Uuid, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, selectinload

from market.catalog.models import Listing, Product
from market.catalog.queries import WITH_LISTING, for_sale, labels_of, with_listing
from market.kernel.errors import Refused
from market.kernel.ids import new_id
from market.kernel.together import Together, hang
from market.orders.models import Cart, CartLine
from market.orders.set_prices import sets_off
from market.scenes.queries import shown_sets, terms_of

MOST_PIECES = 99
_LOCK = select(Cart.id).where(Cart.account_id == bindparam("account_id")).with_for_update()
_OWN = (Cart.account_id == bindparam("account_id", type_=Uuid())) | (
    Cart.token_hash == bindparam("token_hash", type_=Text())
)
_LINES = select(CartLine.listing_id).join(Cart, Cart.id == CartLine.cart_id).where(_OWN)
_ENTRIES = Together(
    select(Cart.scene_ids, Cart.recalled_titles).where(_OWN),
    with_listing(
        select(CartLine.quantity, *WITH_LISTING)
        .select_from(Cart)
        .join(CartLine, CartLine.cart_id == Cart.id)
        .join(Listing, Listing.id == CartLine.listing_id)
    )
    .where(_OWN)
    .order_by(CartLine.added_at),
    labels_of(select(Listing.product_id).where(Listing.id.in_(_LINES))),
    shown_sets(select(func.unnest(Cart.scene_ids)).where(_OWN)),
)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose cart: exactly one of the two is set."""

    account_id: uuid.UUID | None = None
    token_hash: str | None = None


@dataclass(frozen=True, slots=True)
class CartEntry:
    """A line of the cart with its listing as it stands today; `is_for_sale` is False where it has gone.

    `set_off_fen` is what the line is cheaper by because it is bought in a set or a group; `made_to` is the
    buyer's own wish that it was made to, by what she chose about.
    """

    listing: Listing
    quantity: int
    is_for_sale: bool
    set_off_fen: int = 0
    made_to: Mapping[str, str] = field(default_factory=dict)

    @property
    def price_fen(self) -> int:
        """What the shop asks for the line."""
        return self.listing.price_fen * self.quantity - self.set_off_fen


def find(session: Session, owner: Owner) -> Cart | None:
    """The owner's cart with its lines, if she has one."""
    return session.scalar(_of(owner).options(selectinload(Cart.lines)))


def entries(session: Session, owner: Owner) -> list[CartEntry]:
    """The lines of the owner's cart, in the order they were put in, those no longer for sale included."""
    return look(session, owner)[0]


def look(session: Session, owner: Owner) -> tuple[list[CartEntry], Sequence[str]]:
    """The lines of the owner's cart, and what a recall took out of it since she last changed it."""
    whose = {"account_id": owner.account_id, "token_hash": owner.token_hash}
    carts, rows, labels, sets = _ENTRIES.read(session, **whose)
    hang(Product.labels, {row[3] for row in rows}, labels)
    lines = [(listing, pieces) for pieces, listing, *_rest in rows]
    off = sets_off(terms_of(sets, carts[0][0]), lines) if lines else {}
    found = [CartEntry(it, pieces, it.is_for_sale, off.get(it.id, 0)) for it, pieces in lines]
    return found, carts[0][1] if carts else ()


def lock(session: Session, account_id: uuid.UUID) -> uuid.UUID | None:
    """The id of the account's cart, unchanged by others until this transaction ends."""
    return session.connection().execute(_LOCK, {"account_id": account_id}).scalar_one_or_none()


def id_of(session: Session, owner: Owner) -> uuid.UUID | None:
    """The id of the owner's cart, if there is one."""
    return session.scalar(_of(owner).with_only_columns(Cart.id))


def put(session: Session, owner: Owner, listing_id: uuid.UUID, quantity: int, now: datetime) -> Cart:
    """Add `quantity` pieces. Raises Refused where the listing is not for sale or there would be too many."""
    if for_sale(session, listing_id) is None:
        raise Refused("cart.not_for_sale")
    cart = _open(session, owner, now)
    line = session.get(CartLine, (cart.id, listing_id))
    return set_quantity(session, owner, listing_id, quantity + (line.quantity if line else 0), now)


def set_quantity(session: Session, owner: Owner, listing_id: uuid.UUID, quantity: int, now: datetime) -> Cart:
    """Have `quantity` pieces of the listing in the cart; none takes the line out.

    Raises Refused(``cart.quantity``) outside 0 to 99.
    """
    if not 0 <= quantity <= MOST_PIECES:
        raise Refused("cart.quantity", field="quantity", most=MOST_PIECES)
    cart = _open(session, owner, now)
    if quantity == 0:
        session.execute(
            delete(CartLine).where(CartLine.cart_id == cart.id, CartLine.listing_id == listing_id)
        )
    else:
        session.execute(
            insert(CartLine)
            .values(cart_id=cart.id, listing_id=listing_id, quantity=quantity, added_at=now)
            .on_conflict_do_update(index_elements=["cart_id", "listing_id"], set_={"quantity": quantity})
        )
    cart.updated_at, cart.recalled_titles = now, []
    session.flush()
    session.expire(cart, ["lines"])
    return cart


def adopt(session: Session, account_id: uuid.UUID, token_hash: str, now: datetime) -> None:
    """Move what a visitor put in before she signed in to her own cart; the larger quantity stays."""
    visitors = find(session, Owner(token_hash=token_hash))
    if visitors is None:
        return
    own = find(session, Owner(account_id=account_id))
    had = {line.listing_id: line.quantity for line in own.lines} if own else {}
    for line in visitors.lines:
        quantity = max(line.quantity, had.get(line.listing_id, 0))
        cart = set_quantity(session, Owner(account_id=account_id), line.listing_id, quantity, now)
        cart.scene_ids = list(dict.fromkeys([*cart.scene_ids, *visitors.scene_ids]))
    session.delete(visitors)
    session.flush()


def count(session: Session, owner: Owner) -> int:
    """How many pieces are in the cart."""
    cart = find(session, owner)
    return sum(line.quantity for line in cart.lines) if cart else 0


def _of(owner: Owner) -> Select[Cart]:
    if owner.account_id is not None:
        return select(Cart).where(Cart.account_id == owner.account_id)
    return select(Cart).where(Cart.token_hash == owner.token_hash)


def _open(session: Session, owner: Owner, now: datetime) -> Cart:
    session.execute(
        insert(Cart)
        .values(
            id=new_id(),
            account_id=owner.account_id,
            token_hash=owner.token_hash,
            updated_at=now,
            recalled_titles=[],
        )
        # Held until the end: an order on another phone takes the whole cart away.
        .on_conflict_do_update(
            index_elements=["account_id" if owner.account_id else "token_hash"], set_={"updated_at": now}
        )
    )
    return session.execute(_of(owner)).scalar_one()
