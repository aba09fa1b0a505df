"""Read a shop's sheet and keep it until the shop says yes. Nothing of the shop's changes."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from market.bulk.columns import NOTES, Cell
from market.bulk.known import Judged, Known
from market.bulk.models import ImportState, SheetImport
from market.bulk.read_sheet import Line, read_table
from market.bulk.rules import read_head
from market.kernel.errors import Refused
from market.kernel.ids import new_id


def read_in(
    session: Session, shop_id: uuid.UUID, data: bytes, account_id: uuid.UUID, now: datetime
) -> SheetImport:
    """The sheet, kept. Raises Refused (field sheet) as `read_table` and `read_head`, ``bulk.empty``."""
    (_, head), *lines = read_table(data)
    keys = read_head(head, Known(session, shop_id, now).columns, NOTES)
    rows = [(number, row) for line in lines if any((row := _row(keys, line)).values()) for number in line[:1]]
    if not rows:
        raise Refused("bulk.empty", field="sheet")
    found = SheetImport(
        id=new_id(),
        shop_id=shop_id,
        rows=[row for _, row in rows],
        lines=[number for number, _ in rows],
        total=len(rows),
        done=0,
        counts={},
        flaws={},
        state=ImportState.read,
        asked_by=account_id,
        created_at=now,
    )
    session.add(found)
    session.flush()
    return found


def preview(session: Session, sheet: SheetImport, now: datetime) -> list[Judged]:
    """What each row would come to now."""
    return Known(session, sheet.shop_id, now).judge(sheet.rows)


def _row(keys: list[str | None], line: Line) -> dict[str, Cell]:
    return {key: cell for key, cell in zip(keys, line[1], strict=False) if key}
