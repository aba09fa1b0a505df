"""What comes nearest where nothing is found."""

from market.search.asked import Asked, Kind

_KEPT = (Kind.category, Kind.brand)


def nearest(asked: Asked) -> Asked | None:
    """The kind and the brand alone, where there was more; else the words alone; None where there is less."""
    kept = tuple(one for one in asked.filters if one.kind in _KEPT)
    if kept and (asked.words or len(kept) < len(asked.filters)):
        return Asked(kept)
    return Asked((), asked.words) if asked.words and asked.filters else None
