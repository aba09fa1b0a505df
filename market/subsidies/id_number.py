"""The number of a resident's identity card (GB 11643-1999): its shape, its checksum and what it says."""

import unicodedata
from datetime import date

OLD_DIGITS = 15
_DIGITS = 18
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_OLDEST_YEARS = 120
# From fourteen on a person agrees for herself to the use of so sensitive a number (PIPL art. 31).
_YOUNGEST_YEARS = 14
# The first two digits: provinces, Hong Kong, Macao, Taiwan, and the residence permits of the last three.
_REGIONS = frozenset(
    f"{first}{second}"
    for first, last in zip(range(1, 9), (5, 3, 7, 6, 4, 5, 1, 3), strict=True)
    for second in range(1 if first != 5 else 0, last + 1)
)


def normalize(text: str) -> str:
    """`text` as the card prints it: no spaces, half-width, a capital X."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def check_digit(first: str) -> str:
    """The eighteenth sign that belongs to seventeen digits."""
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(first, _WEIGHTS, strict=True)) % 11]


def flaw(number: str, today: date) -> str | None:
    """The refusal's code where `number` (normalized) can be nobody's; None where it is plausible."""
    if len(number) == OLD_DIGITS and number.isascii() and number.isdigit():
        return "subsidy.id_old"
    first = number[:-1]
    if len(number) != _DIGITS or not (number.isascii() and first.isdigit()):
        return "subsidy.id_shape"
    if number[-1] != check_digit(first):
        return "subsidy.id_checksum"
    born = born_on(number)
    if number[:2] not in _REGIONS or born is None or not 0 <= _age(born, today) <= _OLDEST_YEARS:
        return "subsidy.id_implausible"
    return "subsidy.id_too_young" if _age(born, today) < _YOUNGEST_YEARS else None


def born_on(number: str) -> date | None:
    """The birthday that the number spells; None where there is no such day."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def masked(number: str) -> str:
    """What may be shown: the first and the last sign."""
    return f"{number[0]}{'*' * (len(number) - 2)}{number[-1]}"


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
