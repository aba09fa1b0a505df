"""Where a thing is, as steps: what happened by its custody, then what is still to come."""

from collections.abc import Sequence
from datetime import datetime

from market.recycling.models import CustodyEvent
from market.recycling.states import STATES as MOVES
from market.recycling.states import RecyclingState as S
from market.web.recycling_text import STATES, UNHAPPY

AHEAD = (S.quoted, S.label_issued, S.in_transit, S.received, S.inspecting, S.paid)
PASSING = frozenset({S.draft, S.offer_accepted})

Step = tuple[str, str, datetime | None]


def steps(trail: Sequence[CustodyEvent]) -> list[Step]:
    """(label, state, time) for the tracker; the last row of custody is where the thing is now."""
    past = [event for event in trail if event.state not in PASSING or event is trail[-1]]
    here = past[-1]
    done: list[Step] = [(str(STATES[event.state]), "done", event.happened_at) for event in past[:-1]]
    return [*done, (str(STATES[here.state]), _look(here.state), here.happened_at), *_to_come(here.state)]


def _look(state: S) -> str:
    if state in UNHAPPY:
        return "failed"
    return "done" if MOVES.is_end(state) or state is S.paid else "now"


def _to_come(state: S) -> list[Step]:
    at = {S.draft: -1, S.awaiting_pickup: 1, S.reoffer: 4, S.payout_pending: 4}.get(state)
    if at is None and state in AHEAD:
        at = AHEAD.index(state)
    return [] if at is None else [(str(STATES[ahead]), "wait", None) for ahead in AHEAD[at + 1 :]]
