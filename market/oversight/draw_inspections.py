"""双随机: announce a draw with its lists and its seed's hash, then draw who is inspected and by whom."""

import secrets
import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.credit.effects import inspection_tickets
from market.kernel.errors import Refused
from market.kernel.outbox import emit
from market.kernel.seal import Seal, hashed
from market.notices.notify import notify
from market.oversight import rules
from market.oversight.events import DrawDue
from market.oversight.models import Inspection, InspectionDraw
from market.oversight.states import DRAW_STATES, DrawState, InspectionState
from market.people.models import CountyStaff
from market.recycling.models import Recycler

SEAL_PURPOSE = "inspections"


def announce(
    session: Session,
    county_code: str,
    operator_id: uuid.UUID,
    places: int,
    inspectors_each: int,
    draws_at: datetime,
    seal: Seal,
    now: datetime,
) -> InspectionDraw:
    """Publish who may be drawn, and the seed's hash; the draw is at `draws_at`.

    Every recycler of the register is in it, also one that may not work now, with as many tickets as its
    rating gives it. One of the county's staff is left to review each result.

    Raises Refused ``oversight.draws_at``, ``oversight.places``, ``oversight.inspectors``, each at its field.
    """
    recyclers = session.execute(
        select(Recycler.licence_number, Recycler.id)
        .where(Recycler.county_code == county_code)
        .order_by(Recycler.licence_number)
    ).all()
    inspectors = session.scalars(
        select(CountyStaff.account_id)
        .where(CountyStaff.county_code == county_code)
        .order_by(CountyStaff.account_id)
    ).all()
    if draws_at <= now:
        raise Refused("oversight.draws_at", field="draws_at")
    if not 0 < places <= len(recyclers):
        raise Refused("oversight.places", field="places", most=len(recyclers))
    if not 0 < inspectors_each < len(inspectors):
        raise Refused("oversight.inspectors", field="inspectors_each", most=max(len(inspectors) - 1, 0))
    seed = secrets.token_hex(32)
    found = InspectionDraw(
        county_code=county_code,
        state=DrawState.announced,
        draws_at=draws_at,
        places=places,
        inspectors_each=inspectors_each,
        recyclers=[licence for licence, _ in recyclers],
        tickets=[inspection_tickets(session, recycler_id) for _, recycler_id in recyclers],
        inspectors=[str(account_id) for account_id in inspectors],
        seed_hash=hashed(seed),
        sealed_seed=seal.close(seed),
        announced_by_id=operator_id,
        created_at=now,
    )
    session.add(found)
    session.flush()
    emit(session, DrawDue(found.id), now, due_at=draws_at, dedupe_key=f"{DrawDue.kind}:{found.id}")
    return found


def draw(session: Session, draw_id: uuid.UUID, seal: Seal, now: datetime) -> None:
    """Reveal the seed and open an inspection for each recycler drawn; the inspectors are told. Once."""
    found = session.get_one(InspectionDraw, draw_id, with_for_update=True, populate_existing=True)
    if found.state is not DrawState.announced or now < found.draws_at:
        return
    found.seed = seal.open(found.sealed_seed)
    DRAW_STATES.move(found, DrawState.drawn)
    for drawn in drawn_by(found):
        _open(session, found, drawn, now)
    session.flush()


def drawn_by(found: InspectionDraw) -> list[rules.Drawn]:
    """What a draw came to; nothing before its seed is known."""
    if found.seed is None:
        return []
    return rules.draw(found.seed, found.tickets, len(found.inspectors), found.places, found.inspectors_each)


def _open(session: Session, found: InspectionDraw, drawn: rules.Drawn, now: datetime) -> None:
    licence = found.recyclers[drawn.recycler - 1]
    recycler = session.scalars(select(Recycler).where(Recycler.licence_number == licence)).one_or_none()
    if recycler is None:  # its licence was corrected since: the number is still drawn, and shows as such
        return
    inspectors = [found.inspectors[number - 1] for number in drawn.inspectors]
    visit = Inspection(
        draw_id=found.id,
        county_code=found.county_code,
        recycler_id=recycler.id,
        inspector_numbers=list(drawn.inspectors),
        inspector_ids=inspectors,
        state=InspectionState.draft,
        summary="",
        sent_back="",
        created_at=now,
    )
    session.add(visit)
    session.flush()
    for account_id in inspectors:
        notify(
            session,
            uuid.UUID(account_id),
            "oversight.drawn",
            {"recycler": recycler.name},
            now,
            reference=f"inspection:{visit.id}",
            dedupe_key=f"oversight.drawn:{visit.id}:{account_id}",
        )
