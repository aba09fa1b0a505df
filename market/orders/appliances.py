"""What was bought here is among the buyer's appliances as soon as she has it."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.kernel.clock import local_date
from market.orders.models import ShopOrder
from market.savings.appliances import NAME_CHARS, About, remember
from market.savings.tables import safe_life

_MOST_PIECES = 5  # of one line: whoever buys more buys for others


def remember_bought(session: Session, shop_order_id: uuid.UUID, now: datetime) -> None:
    """Note each delivered piece with its dates, where its kind has a safe life. Once per piece."""
    shop_order = session.get_one(ShopOrder, shop_order_id)
    order, today = shop_order.order, local_date(now)
    for line in shop_order.lines:
        if safe_life(str(line.snapshot["category_code"]), today) is None:
            continue
        installed = line.snapshot["install_skill"] != "none"
        about = About(
            str(line.snapshot["category_code"]),
            str(line.snapshot["title"])[: NAME_CHARS.stop - 1],
            min(local_date(order.placed_at), today),
            today if installed else None,
        )
        for piece in range(min(line.quantity, _MOST_PIECES)):
            remember(session, order.account_id, about, now, reference=f"{line.reference}:{piece + 1}")


def line_of_piece(reference: str | None) -> uuid.UUID | None:
    """The order line that a remembered piece came with; None where she wrote it down herself."""
    kind, _, rest = (reference or "").partition(":")
    return uuid.UUID(rest.partition(":")[0]) if kind == "order_line" else None
