"""Which changes of a listing may be made at once, and which an operator looks at first. Pure."""

from collections.abc import Mapping
from typing import Any

PROVEN_FIELDS = frozenset({"brand", "model", "gtin", "specs"})
"""What a verified label or certificate speaks of: another model would borrow its proof."""
PRICE_FIELDS = frozenset({"list_price_fen", "price_fen"})
Changes = Mapping[str, tuple[Any, Any]]


def waiting(changes: Changes, *, proven: bool, shared: bool) -> set[str]:
    """The fields of `changes` (``{field: (old, new)}``) that wait for an operator.

    A `shared` product's words and measures are other shops' as well, so all of them wait; of a `proven` one
    what its papers are about. A filed price that rises is looked at before it is compared with (facts §1.4,
    §6.5: no raise before a subsidy or a discount), and takes the price that came with it along.
    """
    of_product = set(changes) - PRICE_FIELDS
    held = of_product if shared else of_product & PROVEN_FIELDS if proven else set()
    old, new = changes.get("list_price_fen", (0, 0))
    return held | (set(changes) & PRICE_FIELDS if new > old else set())
