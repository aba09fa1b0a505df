"""The shares of a batch's cost: asked for by each new plan, frozen when it is released."""

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from market.delivery.events import BatchPlanned, SharesFrozen
from market.delivery.models import Batch, BatchProgress, BatchShare, BatchState
from market.kernel.outbox import emit


def ask_for_shares(session: Session, batch: Batch, now: datetime) -> None:
    """The plan of `batch` is new: shares of an earlier one go, and the worker is to find this one's.

    For whoever changes a planned batch's runs or their cost, in the same transaction.
    """
    drop_shares(session, batch)
    emit(session, BatchPlanned(batch.id), now)


def drop_shares(session: Session, batch: Batch) -> None:
    """The plan that the shares of `batch` were of counts no more."""
    session.execute(delete(BatchShare).where(BatchShare.batch_id == batch.id))
    batch.alone_fen = batch.lower_bound_fen = None
    told = session.get(BatchProgress, batch.id)
    if told is not None:
        told.shares_percent = 0
    session.flush()


def freeze_shares(session: Session, batch: Batch, now: datetime) -> None:
    """What each party of the released `batch` bears is final, and may be charged. Once.

    Shares of another plan than the released one are asked for again; those that are still being found are
    frozen by whoever finds them.
    """
    if batch.alone_fen is None or batch.cost_fen is None:
        return
    shared = select(func.sum(BatchShare.share_fen)).where(BatchShare.batch_id == batch.id)
    if session.scalar(shared) == min(batch.cost_fen, batch.alone_fen):
        emit(session, SharesFrozen(batch.id), now, dedupe_key=f"shares_frozen:{batch.id}")
    else:
        ask_for_shares(session, batch, now)


def is_frozen(batch: Batch) -> bool:
    """Whether the shares of `batch` change no more."""
    return batch.state in (BatchState.released, BatchState.done) and batch.alone_fen is not None
