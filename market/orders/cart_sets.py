"""A set in the cart: its lines go in together or not at all, and the cart knows that they belong together."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.errors import NotFound, Refused
from market.orders import cart as carts
from market.orders.models import Cart
from market.scenes.queries import offered_set
from market.scenes.rules import Missing

_REFUSED = {
    Missing.recalled: "scene.recalled",
    Missing.gone: "scene.gone",
    Missing.short: "scene.short",
}


def put_set(session: Session, owner: carts.Owner, set_id: uuid.UUID, now: datetime) -> Cart:
    """Add one whole set. Nothing is added where a part of it cannot be bought.

    Raises NotFound where it is not shown; Refused: ``scene.recalled``, ``scene.gone``, ``scene.short``
    (title=…), ``cart.quantity``.
    """
    found = offered_set(session, set_id)
    if found is None:
        raise NotFound
    for part in found.parts:
        if part.missing:
            raise Refused(_REFUSED[part.missing], title=part.listing.product.name_zh)
    had = carts.find(session, owner)
    pieces = {line.listing_id: line.quantity for line in had.lines} if had else {}
    for part in found.parts:
        more = pieces.get(part.listing.id, 0) + part.pieces
        cart = carts.set_quantity(session, owner, part.listing.id, more, now)
    if set_id not in cart.scene_ids:
        cart.scene_ids = [*cart.scene_ids, set_id]
    session.flush()
    return cart
