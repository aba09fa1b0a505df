"""What bulk asks to be done later."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class RowsDue:
    """The next rows of a sheet, behind `done` of them, are to be applied."""

    kind: ClassVar[str] = "bulk.rows_due"
    import_id: uuid.UUID
    done: int
