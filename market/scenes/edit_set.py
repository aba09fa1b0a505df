"""A shop makes a set, changes it, hides it and shows it again."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.catalog.models import Listing
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import new_id
from market.scenes.models import SET_STATES, SceneLine, SceneSet, SetState
from market.scenes.rules import LEAST_LINES, MOST_LINES, MOST_PIECES, Scene, most_promotion_fen


@dataclass(frozen=True, slots=True)
class SetDraft:
    """What a set is to be: `pieces` of each listing, in the order they are shown."""

    scene: Scene
    name: str
    promotion_fen: int
    pieces: Mapping[uuid.UUID, int]


def make_set(session: Session, shop_id: uuid.UUID, draft: SetDraft, now: datetime) -> SceneSet:
    """A new set of the shop's, shown at once.

    Raises Refused: ``scene.lines``, ``scene.pieces``, ``scene.not_own`` (field lines), ``scene.promotion``
    (field promotion), ``scene.name_taken`` (field name).
    """
    made = SceneSet(id=new_id(), shop_id=shop_id, created_at=now)
    fill(session, made, draft, _prices(session, shop_id, draft), now)
    session.add(made)
    session.flush()
    return made


def change_set(
    session: Session, shop_id: uuid.UUID, set_id: uuid.UUID, draft: SetDraft, now: datetime
) -> SceneSet:
    """Change everything of a set; carts go by the new terms. Raises NotFound, and as `make_set`."""
    found = _own(session, shop_id, set_id)
    fill(session, found, draft, _prices(session, shop_id, draft), now)
    session.flush()
    return found


def set_shown(
    session: Session, shop_id: uuid.UUID, set_id: uuid.UUID, to: SetState, now: datetime
) -> SceneSet:
    """Hide a set or show it again; one that is so already stays so. Raises NotFound."""
    found = _own(session, shop_id, set_id)
    turn(session, found, to, now)
    return found


def turn(session: Session, found: SceneSet, to: SetState, now: datetime) -> None:
    """Hide or show a locked set; nothing where it is so already."""
    if found.state is not to:
        SET_STATES.move(found, to)
        found.updated_at = now
        session.flush()


def fill(
    session: Session, found: SceneSet, draft: SetDraft, prices: Mapping[uuid.UUID, int], now: datetime
) -> None:
    """Make the set what the draft says; `prices` in fen are of the listings it may hold. Raises Refused."""
    _check(session, found, draft, prices)
    found.scene, found.name = draft.scene, draft.name
    found.promotion_fen, found.updated_at = draft.promotion_fen, now
    found.lines = [
        SceneLine(set_id=found.id, listing_id=id_, position=place, pieces=pieces)
        for place, (id_, pieces) in enumerate(draft.pieces.items(), 1)
    ]


def _check(session: Session, found: SceneSet, draft: SetDraft, prices: Mapping[uuid.UUID, int]) -> None:
    if not LEAST_LINES <= len(draft.pieces) <= MOST_LINES:
        raise Refused("scene.lines", field="lines", least=LEAST_LINES, most=MOST_LINES)
    if not all(1 <= pieces <= MOST_PIECES for pieces in draft.pieces.values()):
        raise Refused("scene.pieces", field="lines", most=MOST_PIECES)
    if len(prices) < len(draft.pieces):
        raise Refused("scene.not_own" if found.shop_id else "scene.not_zone", field="lines")
    most_fen = most_promotion_fen(sum(prices[id_] * pieces for id_, pieces in draft.pieces.items()))
    if not 0 <= draft.promotion_fen <= most_fen:
        raise Refused("scene.promotion", field="promotion", most_fen=most_fen)
    same = select(SceneSet.id).where(
        SceneSet.shop_id.is_not_distinct_from(found.shop_id),
        SceneSet.county_code.is_not_distinct_from(found.county_code),
        SceneSet.name == draft.name,
        SceneSet.id != found.id,
    )
    if session.scalar(same):
        raise Refused("scene.name_taken", field="name")


def _prices(session: Session, shop_id: uuid.UUID, draft: SetDraft) -> dict[uuid.UUID, int]:
    rows = session.execute(
        select(Listing.id, Listing.price_fen).where(
            Listing.id.in_(list(draft.pieces)), Listing.shop_id == shop_id
        )
    )
    return {row.id: row.price_fen for row in rows}


def _own(session: Session, shop_id: uuid.UUID, set_id: uuid.UUID) -> SceneSet:
    found = session.scalar(
        select(SceneSet).where(SceneSet.id == set_id, SceneSet.shop_id == shop_id).with_for_update()
    )
    if found is None:
        raise NotFound
    return found
