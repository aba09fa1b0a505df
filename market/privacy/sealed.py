"""The columns whose text is sealed (PIPL 51: identity and account numbers), and sealing them anew after a key
has been replaced.

Put the new key first in SECRET_KEY, the old one into SECRET_KEY_FALLBACKS, and run the worker for a night:
`stale` is then empty, and the old key may go.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, inspect, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from market.kernel.seal import Seal, SealBroken
from market.oversight import draw_inspections
from market.oversight.models import InspectionDraw
from market.people import second_factor
from market.people.second_factor_models import SecondFactor
from market.recycling import choose
from market.recycling.payout_models import BankPayout
from market.settlements import bank_account
from market.settlements.models import BankFile, ShopBankAccount
from market.subsidies import lottery, real_name
from market.subsidies.coupon_models import LotteryRound, RealName

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed text, the purpose of its seal, and the keyed hash (a column) that finds its rows."""

    column: InstrumentedAttribute[str]
    purpose: str
    mark: str | None = None

    @property
    def name(self) -> str:
        """``table.column``."""
        return f"{self.column.class_.__tablename__}.{self.column.key}"


SEALED = (
    SealedColumn(RealName.sealed, real_name.SEAL_PURPOSE, RealName.fingerprint.key),
    SealedColumn(BankPayout.number_sealed, choose.SEAL_PURPOSE),
    SealedColumn(ShopBankAccount.number_sealed, bank_account.SEAL_PURPOSE),
    SealedColumn(BankFile.content_sealed, bank_account.SEAL_PURPOSE),
    SealedColumn(LotteryRound.sealed_seed, lottery.SEAL_PURPOSE),
    SealedColumn(SecondFactor.secret_sealed, second_factor.SEAL_PURPOSE),
    SealedColumn(SecondFactor.pending_sealed, second_factor.SEAL_PURPOSE),
    SealedColumn(InspectionDraw.sealed_seed, draw_inspections.SEAL_PURPOSE),
)


def stale(session: Session, sealed: SealedColumn, seal: Seal) -> list[Row[Any]]:
    """The primary keys of the rows that another key than the newest has sealed. Blank ones need none."""
    keys = inspect(sealed.column.class_).primary_key
    old = ~sealed.column.startswith(f"{seal.key_id}.", autoescape=True)
    return list(session.execute(select(*keys).where(sealed.column != "", old).order_by(*keys)))


def in_parts(rows: Sequence[Row[Any]]) -> Iterator[Sequence[Row[Any]]]:
    """`rows` in parts that fit a transaction each."""
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))


def renew(session: Session, sealed: SealedColumn, rows: Sequence[Row[Any]], seal: Seal) -> int:
    """Seal and mark `rows` with the newest key: how many changed. Done twice, it is done once.

    What no known key opens stays as it is: `unreadable` tells of it.
    """
    model = sealed.column.class_
    keys = inspect(model).primary_key
    chosen = select(model).where(tuple_(*keys).in_([tuple(row) for row in rows])).order_by(*keys)
    found = session.scalars(chosen.with_for_update().execution_options(populate_existing=True)).all()
    renewed = sum(_renewed(sealed, row, seal) for row in found)
    session.flush()
    return renewed


def unreadable(session: Session, secrets: Sequence[str]) -> Iterator[str]:
    """Sentences, one for each sealed value that none of the known keys opens."""
    for sealed in SEALED:
        seal, keys = Seal(secrets, sealed.purpose), inspect(sealed.column.class_).primary_key
        rows = session.execute(select(sealed.column, *keys).where(sealed.column != "").order_by(*keys))
        for text, *key in rows:
            if not _opens(text, seal):
                yield f"{sealed.name} of {' '.join(map(str, key))} is opened by none of the known keys"


def _renewed(sealed: SealedColumn, row: Any, seal: Seal) -> bool:
    text = getattr(row, sealed.column.key)
    if not text or text.startswith(f"{seal.key_id}.") or not _opens(text, seal):
        return False
    setattr(row, sealed.column.key, seal.renew(text))
    if sealed.mark is not None:
        setattr(row, sealed.mark, seal.fingerprints(seal.open(text))[0])
    return True


def _opens(text: str, seal: Seal) -> bool:
    try:
        seal.open(text)
    except SealBroken:
        return False
    return True
