"""What finding must always keep: entries that say what the catalog says, and rulings without a gap."""

from collections.abc import Iterator

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from market.search.models import Ruling

_WRONG = text("""
SELECT coalesce(entry.listing_id, now.listing_id) AS listing_id, entry.listing_id IS NULL AS is_missing,
  now.listing_id IS NULL AS is_left_over
FROM search_entries entry FULL JOIN search_current now USING (listing_id)
WHERE entry IS DISTINCT FROM now ORDER BY 1
""")


def breaks(session: Session) -> Iterator[str]:
    """Sentences, one for each entry that is not what the catalog says, and each ruling with a gap."""
    for listing_id, is_missing, is_left_over in session.execute(_WRONG):
        wrong = "is out of date"
        if is_missing or is_left_over:
            wrong = "cannot be found" if is_missing else "is found, but not for sale"
        yield f"listing {listing_id} {wrong}: market search rebuild"
    kept = (Ruling.county_code, Ruling.word, Ruling.means)
    gaps = select(*kept).group_by(*kept).having(func.max(Ruling.version) != func.count())
    for county, word, means in session.execute(gaps.order_by(*kept)):
        yield f"county {county} lacks a version of {word} = {means}"
