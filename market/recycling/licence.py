"""Whether a recycler or dismantler may take something in today."""

from collections.abc import Iterable
from datetime import date

from market.kernel.errors import Refused
from market.recycling.models import Recycler, RecyclerState


def refuse_unlicensed(recycler: Recycler, category_codes: Iterable[str], on: date) -> None:
    """Raise Refused(``recycling.not_licensed``, name, licence) unless `recycler` may take all of these in on
    that day: licensed for each, neither expired nor suspended (条例, facts §3.1)."""
    holds = recycler.state is RecyclerState.active and recycler.valid_from <= on <= recycler.valid_to
    if not holds or set(category_codes) - set(recycler.scope):
        raise Refused("recycling.not_licensed", name=recycler.name, licence=recycler.licence_number)
