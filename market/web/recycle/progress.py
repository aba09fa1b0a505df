"""Where a thing is, as steps: what happened by its custody, then what is still to come."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from market.recycling.custody_models import CustodyEvent
from market.recycling.states import STATES as MOVES
from market.recycling.states import RecyclingState as S
from market.web.custody_text import label
from market.web.recycling_text import STATES, UNHAPPY

AHEAD = (S.quoted, S.label_issued, S.in_transit, S.received, S.inspecting, S.paid)
PASSING = frozenset({S.draft, S.offer_accepted})

Step = tuple[str, str, datetime | None]


def steps(session: Session, trail: Sequence[CustodyEvent]) -> list[Step]:
    """(label, state, time) for the tracker; the last row of custody is where the thing is now."""
    told = [event for event in trail if not event.details.get("taken_over")]
    past = [event for event in told if event.state not in PASSING or event is told[-1]]
    here, state = past[-1], S(past[-1].state)
    done: list[Step] = [(label(session, event, STATES), "done", event.happened_at) for event in past[:-1]]
    return [*done, (label(session, here, STATES), _look(state), here.happened_at), *_to_come(state)]


def _look(state: S) -> str:
    if state in UNHAPPY:
        return "failed"
    return "done" if MOVES.is_end(state) or state is S.paid else "now"


def _to_come(state: S) -> list[Step]:
    at = {S.draft: -1, S.awaiting_pickup: 1, S.reoffer: 4, S.payout_pending: 4}.get(state)
    if at is None and state in AHEAD:
        at = AHEAD.index(state)
    return [] if at is None else [(str(STATES[ahead]), "wait", None) for ahead in AHEAD[at + 1 :]]
