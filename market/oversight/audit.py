"""What oversight must always keep: every draw comes out the same again, and what passed its date alarms."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.kernel.seal import hashed
from market.oversight.draw_inspections import drawn_by
from market.oversight.models import Finding, Inspection, InspectionDraw
from market.oversight.states import InspectionState
from market.recycling.models import Recycler


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each draw that does not come out again or visit that its findings belie."""
    for found in session.scalars(select(InspectionDraw).order_by(InspectionDraw.id)):
        yield from _draw_breaks(session, found)
    open_in_closed = (
        select(Finding.id, Inspection.state)
        .join(Inspection, Inspection.id == Finding.inspection_id)
        .where(
            Inspection.state.in_((InspectionState.rectified, InspectionState.closed)),
            Finding.rectified_at.is_(None),
        )
        .order_by(Finding.id)
    )
    for finding_id, state in session.execute(open_in_closed):
        yield f"finding {finding_id}: not put right, and its inspection is {state.value}"


def _draw_breaks(session: Session, found: InspectionDraw) -> Iterator[str]:
    if found.seed is None:
        return
    if hashed(found.seed) != found.seed_hash:
        yield f"draw {found.id}: its seed is not the one whose hash was published"
    drawn = {found.recyclers[it.recycler - 1]: list(it.inspectors) for it in drawn_by(found)}
    visits = session.execute(
        select(Recycler.licence_number, Inspection.inspector_numbers)
        .join(Recycler, Recycler.id == Inspection.recycler_id)
        .where(Inspection.draw_id == found.id)
    )
    for licence, numbers in visits:
        # A licence number may have been corrected since; then its inspectors still stand in the draw.
        if (licence in drawn and drawn[licence] != numbers) or numbers not in drawn.values():
            yield f"draw {found.id}: {licence} is inspected by others than were drawn"
