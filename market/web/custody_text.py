"""Custody in words: who holds a thing, and its way from hand to hand as steps."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext
from sqlalchemy.orm import Session

from market.recycling.custody_models import CustodyEvent
from market.recycling.models import Recycler
from market.recycling.parties import Party, Role

ROLES: dict[Role, LazyString] = {
    Role.consumer: lazy_gettext("客户"),
    Role.post: lazy_gettext("快递"),
    Role.station: lazy_gettext("村服务站"),
    Role.point: lazy_gettext("收集点"),
    Role.courier: lazy_gettext("送货员"),
    Role.hub: lazy_gettext("县共配中心"),
    Role.recycler: lazy_gettext("回收企业"),
    Role.dismantler: lazy_gettext("拆解企业"),
    Role.buyer: lazy_gettext("旧货买家"),
}
Step = tuple[str, str, datetime | None]
_ENDS = frozenset({"resold", "dismantled", "returned", "cancelled", "kept"})


def party_name(session: Session, party: Party) -> str:
    """What people call a party: a firm's own name, or what it does."""
    if party.role in (Role.recycler, Role.dismantler) and party.id:
        return session.get_one(Recycler, uuid.UUID(party.id)).name
    return str(ROLES[party.role])


def label(session: Session, event: CustodyEvent, words: Mapping[Any, LazyString]) -> str:
    """What one row of custody says to a person."""
    details = event.details
    if details.get("wipe") == "failed":
        return str(gettext("擦除核验没通过，重新擦"))
    if details.get("wipe") == "destroyed":
        return str(gettext("开不了机，存储部件已毁掉，等第二个人见证"))
    if "manifest" in details:
        name = party_name(session, Party.read(details["holder"]))
        return str(gettext("交%(name)s拆解，联单 %(number)s", name=name, number=details["manifest"]))
    if "mark" in details:
        months = details.get("warranty_months")
        return str(
            gettext("标“旧货”卖出，保修 %(months)s 个月", months=months) if months else words[event.state]
        )
    if "grade" in details:
        scrap = details["grade"] == "scrap"
        return str(gettext("验定：报废") if scrap else gettext("定为 %(grade)s 级", grade=details["grade"]))
    return _moved(session, event) or str(words[event.state])


def trail_steps(
    session: Session, events: Sequence[CustodyEvent], words: Mapping[Any, LazyString]
) -> list[Step]:
    """(label, look, time) of each row, the last one where the thing is now."""
    shown = [event for event in events if not event.details.get("taken_over") or event is events[0]]
    last = shown[-1] if shown else None
    return [(label(session, event, words), _look(event, event is last), event.happened_at) for event in shown]


def _moved(session: Session, event: CustodyEvent) -> str | None:
    """A hand-over that changed no state of its own, or the scale."""
    details = event.details
    if "handover" in details and event.seq:
        name = party_name(session, Party.read(details["holder"]))
        return str(gettext("%(name)s收下，两边签字", name=name))
    if "signed_in" in details:
        return str(gettext("送到%(name)s，收货人签收", name=details["signed_in"]))
    if "transfer" in details:
        name = party_name(session, Party.read(details["holder"]))
        return str(gettext("%(name)s收下，清运单 %(number)s", name=name, number=details["transfer"]))
    if "weight_grams" in details and "seal_number" not in details:
        return str(gettext("过秤 %(grams)s 克", grams=f"{details['weight_grams']:,}"))
    return None


def _look(event: CustodyEvent, is_last: bool) -> str:
    return "now" if is_last and event.state not in _ENDS else "done"
