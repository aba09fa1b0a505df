"""What is called back now: the scopes in force and the serial numbers they hit.

The tables are here, low in the house, so that whoever sells, subsidizes or resells a piece can ask; what a
recall is and how it runs is the affair of `market.recalls`, far above.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from market.catalog.models import Listing, ListingState, Product
from market.catalog.recall_rule import Scope, ScopeKind, covers, in_run, normalized
from market.kernel.db import Base, Id
from market.kernel.ids import new_id


class RecallScope(Base):
    """What a published recall (`reference`) is of. It keeps its pieces off the shelf until `ended_at`; a run
    of serial numbers stays called back for good, but for those that were made safe.
    """

    __tablename__ = "recall_scopes"
    __table_args__ = (
        CheckConstraint("(kind = 'batch') = (batch IS NOT NULL)", name="batch_named"),
        CheckConstraint(
            "num_nonnulls(first_serial, last_serial) = CASE WHEN kind = 'serials' THEN 2 ELSE 0 END",
            name="serials_named",
        ),
        CheckConstraint("ended_at >= since", name="ended_later"),
        Index("ix_recall_scopes_open", "product_id", postgresql_where=text("ended_at IS NULL")),
    )

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(unique=True)
    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("products.id"))
    kind: Mapped[ScopeKind]
    batch: Mapped[str | None]
    first_serial: Mapped[str | None]
    last_serial: Mapped[str | None]
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    @property
    def scope(self) -> Scope:
        """As the rules know it."""
        return Scope(self.kind, self.batch, self.first_serial, self.last_serial)


class RecalledSerial(Base):
    """A piece that is known to be called back, until it is made safe (`cleared_at`)."""

    __tablename__ = "recalled_serials"
    __table_args__ = (
        CheckConstraint("cleared_at >= since", name="cleared_later"),
        Index("ix_recalled_serials_serial", "serial"),
    )

    reference: Mapped[str] = mapped_column(primary_key=True)
    serial: Mapped[str] = mapped_column(primary_key=True)
    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("products.id"))
    since: Mapped[datetime]
    cleared_at: Mapped[datetime | None]


def is_recalled(
    session: Session, serial: str, *, product_id: uuid.UUID | None = None, batch: str | None = None
) -> bool:
    """Whether the piece of that serial number is called back and has not been made safe.

    Who knows the product (and the batch) asks for that one; who has only the number hears of any product's.
    """
    number = normalized(serial)
    marked = select(RecalledSerial).where(RecalledSerial.serial == number)
    if product_id is not None:
        marked = marked.where(RecalledSerial.product_id == product_id)
    known = session.scalars(marked).all()
    if any(row.cleared_at is None for row in known):
        return True
    cleared = {row.reference for row in known}
    return any(
        row.reference not in cleared and _hits(row, number, product_id, batch)
        for row in _scopes(session, product_id)
    )


def first_recalled(
    session: Session, serials: Iterable[str], product_id: uuid.UUID | None, at: datetime | None = None
) -> str | None:
    """The first of the numbers that is called back, and was so `at` that moment; None where none is."""
    return next(
        (
            one
            for one in serials
            if is_recalled(session, one, product_id=product_id) and (at is None or _since(session, one) <= at)
        ),
        None,
    )


@dataclass(frozen=True, slots=True)
class Recalled:
    """How a piece of some products is told to be called back, for whoever has no signal when it matters."""

    whole: bool
    batches: list[str]
    runs: list[tuple[str, str]]
    serials: list[str]


def warning_for(session: Session, product_ids: Collection[uuid.UUID]) -> Recalled | None:
    """What is called back of these products; None where nothing is."""
    open_ = select(RecallScope).where(
        RecallScope.product_id.in_(list(product_ids)), RecallScope.ended_at.is_(None)
    )
    scopes = session.scalars(open_).all()
    marked = select(RecalledSerial.serial).where(
        RecalledSerial.product_id.in_(list(product_ids)), RecalledSerial.cleared_at.is_(None)
    )
    serials = sorted(set(session.scalars(marked)))
    if not scopes and not serials:
        return None
    return Recalled(
        whole=any(row.scope.is_whole for row in scopes),
        batches=sorted(row.batch for row in scopes if row.batch),
        runs=[(row.first_serial, row.last_serial) for row in scopes if row.first_serial and row.last_serial],
        serials=serials,
    )


def scopes_of(session: Session, product_id: uuid.UUID, *, lock: bool = False) -> Sequence[RecallScope]:
    """The scopes that keep pieces of the product off the shelf.

    With `lock` nobody publishes or ends a recall of the product until this transaction is over.
    """
    if lock:
        session.execute(select(Product.id).where(Product.id == product_id).with_for_update(read=True))
    return session.scalars(
        select(RecallScope).where(RecallScope.product_id == product_id, RecallScope.ended_at.is_(None))
    ).all()


def is_whole(session: Session, product_id: uuid.UUID) -> bool:
    """Whether every piece of the product is called back; so it stays until this transaction is over."""
    return bool(whole_of(session, [product_id]))


def whole_of(session: Session, product_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the products whose every piece is called back; so it stays until this transaction is over."""
    locked = select(Product.id).where(Product.id.in_(product_ids)).order_by(Product.id)
    session.execute(locked.with_for_update(read=True))
    open_ = select(RecallScope).where(RecallScope.product_id.in_(product_ids), RecallScope.ended_at.is_(None))
    return {row.product_id for row in session.scalars(open_) if row.scope.is_whole}


def is_partial(session: Session, product_id: uuid.UUID) -> bool:
    """Whether some of its pieces are called back, so that each has to be told apart by its number."""
    return any(not row.scope.is_whole for row in scopes_of(session, product_id))


def open_scope(
    session: Session, reference: str, product_id: uuid.UUID, scope: Scope, now: datetime
) -> list[uuid.UUID]:
    """From now on it is called back: every listing of the product is off sale. Their ids, in their order.

    The caller holds the product's lock, and the listings' before it.
    """
    session.add(
        RecallScope(
            id=new_id(),
            reference=reference,
            product_id=product_id,
            kind=scope.kind,
            batch=scope.batch,
            first_serial=scope.first,
            last_serial=scope.last,
            since=now,
        )
    )
    session.flush()
    hit = session.scalars(
        update(Listing)
        .where(Listing.product_id == product_id, Listing.state != ListingState.recalled)
        .values(state=ListingState.recalled, updated_at=now)
        .returning(Listing.id)
    ).all()
    every = session.scalars(select(Listing.id).where(Listing.product_id == product_id)).all()
    return sorted({*hit, *every})


def end_scope(session: Session, reference: str, now: datetime) -> None:
    """The recall is over. Its listings stay as they are: the shops put them on sale again themselves."""
    session.execute(
        update(RecallScope)
        .where(RecallScope.reference == reference, RecallScope.ended_at.is_(None))
        .values(ended_at=now)
    )
    session.flush()


def let_sell(session: Session, listing_id: uuid.UUID, now: datetime) -> None:
    """What may be sold of the listing may be put on sale again, by its shop."""
    session.execute(
        update(Listing)
        .where(Listing.id == listing_id, Listing.state == ListingState.recalled)
        .values(state=ListingState.paused, updated_at=now)
    )


def mark(
    session: Session, reference: str, product_id: uuid.UUID, serials: Iterable[str], now: datetime
) -> None:
    """These pieces are called back. Twice is once."""
    rows = [
        {"reference": reference, "serial": number, "product_id": product_id, "since": now}
        for number in sorted({normalized(serial) for serial in serials})
    ]
    if rows:
        session.execute(insert(RecalledSerial).values(rows).on_conflict_do_nothing())


def clear(session: Session, reference: str, product_id: uuid.UUID, serial: str, now: datetime) -> None:
    """The piece was made safe: this recall keeps it from nothing any more."""
    values = {"reference": reference, "serial": normalized(serial), "product_id": product_id, "since": now}
    session.execute(
        insert(RecalledSerial)
        .values(**values, cleared_at=now)
        .on_conflict_do_update(index_elements=["reference", "serial"], set_={"cleared_at": now})
    )


def _since(session: Session, serial: str) -> datetime:
    """Since when a number that is called back has been so."""
    number = normalized(serial)
    marked = select(RecalledSerial.since).where(
        RecalledSerial.serial == number, RecalledSerial.cleared_at.is_(None)
    )
    runs = [row.since for row in _scopes(session, None) if _hits(row, number, None, None)]
    since: datetime = min([*session.scalars(marked), *runs])
    return since


def _scopes(session: Session, product_id: uuid.UUID | None) -> Sequence[RecallScope]:
    found = select(RecallScope)
    if product_id is not None:
        found = found.where(RecallScope.product_id == product_id)
    else:
        found = found.where(RecallScope.kind == ScopeKind.serials)
    return session.scalars(found).all()


def _hits(row: RecallScope, number: str, product_id: uuid.UUID | None, batch: str | None) -> bool:
    if row.kind is ScopeKind.serials:
        return in_run(number, row.first_serial or "", row.last_serial or "")
    return product_id is not None and row.ended_at is None and covers(row.scope, number, batch)
