"""Whether a recycler or dismantler may take something in today."""

from collections.abc import Iterable
from datetime import date

from market.kernel.errors import Refused
from market.recycling.models import Recycler
from market.recycling.queries import is_licensed


def refuse_unlicensed(recycler: Recycler, category_codes: Iterable[str], on: date) -> None:
    """Raise Refused(``recycling.not_licensed``, name, licence) unless `recycler` may take all of these in on
    that day: licensed for each, neither expired nor suspended (条例, facts §3.1)."""
    if not is_licensed(recycler, on) or set(category_codes) - set(recycler.scope):
        raise Refused("recycling.not_licensed", name=recycler.name, licence=recycler.licence_number)
