"""Make everything that finding rests on anew: after an upgrade, or where the audit found a difference."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Select, delete, func, literal, select, union
from sqlalchemy.orm import Session, joinedload

from market.catalog.models import Listing, Product
from market.search.models import CatalogWord

BATCH = 500
Progress = Callable[[str, int, int], None]


def rebuild(session: Session, progress: Progress) -> int:
    """Every product's terms, every listing's entry, the words in use; how many listings there are.

    Commits nothing: what visitors find changes at once, in the caller's transaction.
    """
    total = session.scalar(select(func.count()).select_from(Product)) or 0
    for done, ids in enumerate(_batches(session, Product.id), 1):
        for product in session.scalars(_products(ids)):
            product.index_for_search(product.category)
        session.flush()
        session.expunge_all()
        progress("products", min(done * BATCH, total), total)
    _forget_words(session)
    listings = 0
    for ids in _batches(session, Listing.id):
        session.execute(select(func.search_refresh(ids)))
        listings += len(ids)
        progress("listings", listings, listings)
    return listings


def is_due(session: Session) -> bool:
    """Whether there is a product that finding knows nothing of, as after an upgrade from before it."""
    blank = select(Product.id).where(func.cardinality(Product.search_terms) == 0).limit(1)
    return session.scalar(blank) is not None


def _products(ids: list[uuid.UUID]) -> Select[Any]:
    found = select(Product).where(Product.id.in_(ids)).order_by(Product.id)
    return found.options(joinedload(Product.category))


def _batches(session: Session, column: Any) -> Iterator[list[uuid.UUID]]:
    ids: list[uuid.UUID] = list(session.scalars(select(column).order_by(column)))
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def _forget_words(session: Session) -> None:
    """Words that no product has any more; products of now put theirs in by trigger."""
    used = union(
        select(Product.brand, literal("brand")),
        select(Product.model, literal("model")),
        select(func.unnest(Product.search_words), literal("word")),
    ).subquery()
    word, kind = used.c
    known = select(word).where(word == CatalogWord.word, kind == CatalogWord.kind)
    session.execute(delete(CatalogWord).where(~known.exists()))
