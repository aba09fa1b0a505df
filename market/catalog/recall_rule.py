"""Which pieces a recall is of: a whole model, a barcode, a batch, or a run of serial numbers. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

SERIAL_LENGTH = range(4, 41)
_TAIL = re.compile(r"(.*?)(\d+)")


class ScopeKind(StrEnum):
    """By what the recalled pieces are known (facts §6.6)."""

    model = "model"
    gtin = "gtin"
    batch = "batch"
    serials = "serials"


WHOLE_MODEL = frozenset({ScopeKind.model, ScopeKind.gtin})


@dataclass(frozen=True, slots=True)
class Scope:
    """What is called back of one product. `batch` only for a batch, `first` and `last` only for serials."""

    kind: ScopeKind
    batch: str | None = None
    first: str | None = None
    last: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every piece of the product is called back."""
        return self.kind in WHOLE_MODEL


def normalized(text: str) -> str:
    """A serial or batch number as it is compared: upper case, without spaces."""
    return "".join(text.split()).upper()


def is_run(first: str, last: str) -> bool:
    """Whether two serial numbers are ends of one run: alike but for the digits they end in, and in order."""
    start, end = _split(first), _split(last)
    if start is None or end is None:
        return False
    (head, low), (other_head, high) = start, end
    return head == other_head and len(low) == len(high) and low <= high


def in_run(serial: str, first: str, last: str) -> bool:
    """Whether `serial` is one of the run from `first` to `last`, both included."""
    return is_run(first, serial) and is_run(serial, last)


def covers(scope: Scope, serial: str | None, batch: str | None) -> bool:
    """Whether a piece of the scope's product, with what is known of it, is surely called back."""
    if scope.is_whole:
        return True
    if scope.kind is ScopeKind.batch:
        return batch is not None and normalized(batch) == scope.batch
    return serial is not None and in_run(normalized(serial), scope.first or "", scope.last or "")


def may_cover(scope: Scope, serial: str | None, batch: str | None) -> bool:
    """Whether it is called back as far as anybody can tell: what is unknown is not thought safe."""
    unknown = batch is None if scope.kind is ScopeKind.batch else serial is None
    return covers(scope, serial, batch) or (not scope.is_whole and unknown)


def _split(serial: str) -> tuple[str, str] | None:
    found = _TAIL.fullmatch(serial) if serial.isascii() else None
    return (found[1], found[2]) if found else None
