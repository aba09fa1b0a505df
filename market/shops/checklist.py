"""How far a shop's papers are."""

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.errors import Refused
from market.shops.models import SETTLED, PaperState, Shop, ShopPaper
from market.shops.papers import Requirement, needed, permits, requirements
from market.shops.queries import papers_of

IN_HAND = (PaperState.submitted, *SETTLED)


@dataclass(frozen=True, slots=True)
class Item:
    """A paper that a shop needs, and what there is of it."""

    requirement: Requirement
    paper: ShopPaper | None

    @property
    def state(self) -> PaperState:
        return self.paper.state if self.paper else PaperState.missing


def checklist(session: Session, shop: Shop) -> list[Item]:
    """What the shop needs, and what else it sent in."""
    papers = papers_of(session, shop.id)
    wanted = needed(shop.categories)
    others = [it for kind, it in requirements().items() if kind in papers and it not in wanted]
    return [Item(it, papers.get(it.kind)) for it in (*wanted, *others)]


def unmet(session: Session, shop: Shop) -> list[Requirement]:
    """The needed papers that the county has neither accepted nor waived."""
    return [it.requirement for it in _needed(session, shop) if it.state not in SETTLED]


def is_complete(session: Session, shop: Shop) -> bool:
    """Whether every needed paper is in the county's hands."""
    return all(it.state in IN_HAND for it in _needed(session, shop))


def check_permits(session: Session, shop_id: uuid.UUID, category_code: str) -> None:
    """Raises Refused(``shops.permit_needed``) where the category needs a permit that the shop has not got."""
    wanted = permits(category_code)
    if not wanted:
        return
    settled = select(ShopPaper.kind).where(ShopPaper.shop_id == shop_id, ShopPaper.state.in_(SETTLED))
    held = set(session.scalars(settled))
    for it in wanted:
        if it.kind not in held:
            raise Refused("shops.permit_needed", field="model", paper=it.name_zh)


def _needed(session: Session, shop: Shop) -> list[Item]:
    return [it for it in checklist(session, shop) if it.requirement.is_needed(shop.categories)]
