"""What a scanner types: a label's order number, and behind it the serial numbers of what is inside."""

import re
import unicodedata
from dataclasses import dataclass, field

MOST_SCANS = 200
_LABEL = re.compile(r"LX\d{6}-[0-9A-Z]{8}-\d{1,3}")
_BETWEEN = re.compile(r"[\s,，;；]+")


@dataclass(slots=True)
class Scan:
    """One label and the serial numbers that were read after it; `label` is empty where none came first."""

    label: str
    serials: list[str] = field(default_factory=list)


def read_scans(text: str) -> list[Scan]:
    """The labels in `text`, in their order, each once, however they are parted and whatever their width."""
    found: dict[str, Scan] = {}
    label = ""
    for word in filter(None, _BETWEEN.split(unicodedata.normalize("NFKC", text))[:MOST_SCANS]):
        if _LABEL.fullmatch(word.upper()):
            label = word.upper()
            found.setdefault(label, Scan(label))
        else:
            found.setdefault(label, Scan(label)).serials.append(word)
    return list(found.values())
