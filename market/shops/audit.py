"""What must always hold of shops."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.shops.checklist import IN_HAND, checklist
from market.shops.models import ON_SHOW, Shop, ShopRole, ShopState
from market.shops.queries import staff


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each shop that sells without its papers, or that nobody owns."""
    for shop in session.scalars(select(Shop).where(Shop.state != ShopState.closed).order_by(Shop.id)):
        stopping = [
            it.requirement.kind
            for it in checklist(session, shop)
            if it.requirement.suspends and it.state not in IN_HAND
        ]
        if shop.state in ON_SHOW and stopping:
            yield f"shop {shop.licence_number}: sells without {', '.join(stopping)}"
        if not any(member.role is ShopRole.owner for member in staff(session, shop.id)):
            yield f"shop {shop.licence_number}: nobody owns it"
