"""What a sentence was understood as."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """What a filter narrows by; its value is a code, a name, fen, a grade, or ``from-upto unit``."""

    category = "category"
    brand = "brand"
    price_from = "price_from"
    price_upto = "price_upto"
    paid_from = "paid_from"
    paid_upto = "paid_upto"
    grade = "grade"
    water = "water"
    trait = "trait"
    size = "size"
    subsidized = "subsidized"
    cheap = "cheap"


@dataclass(frozen=True, slots=True)
class Filter:
    """One thing asked for, and the `phrase` that said so."""

    kind: Kind
    value: str
    phrase: str

    @property
    def name(self) -> str:
        """What takes it off in an address; traits are told apart."""
        return f"{self.kind}:{self.value}" if self.kind is Kind.trait else str(self.kind)


class Why(StrEnum):
    """Why a word was read as another."""

    pinyin = "pinyin"
    sound = "sound"
    slip = "slip"
    dialect = "dialect"


@dataclass(frozen=True, slots=True)
class Reading:
    """`typed` was read as `meant`; a dialect word's `region`, and whether somebody has `reviewed` that."""

    typed: str
    meant: str
    why: Why
    region: str = ""
    reviewed: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """A sentence as filters, the words that are left, and what was read as something else."""

    filters: tuple[Filter, ...] = ()
    words: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Between:
    """Bounds of a size, both included; None is open."""

    least: Decimal | None
    most: Decimal | None
    unit: str

    def __str__(self) -> str:
        return f"{_text(self.least)}-{_text(self.most)} {self.unit}"

    @classmethod
    def read(cls, value: str) -> "Between":
        """The bounds that `str` wrote."""
        bounds, unit = value.split(" ")
        least, most = bounds.split("-")
        return cls(Decimal(least) if least else None, Decimal(most) if most else None, unit)


def _text(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"
