"""Collection points, for tests."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from market.collection.keep_point import PointDraft, open_point
from market.collection.models import CollectionPoint
from market.collection.states import PointKind
from market.places.rules import PositionSource
from tests.builders.places import a_county, a_region
from tests.builders.recycling import price_tables


def a_draft(**changes: Any) -> PointDraft:
    """A point in 焕古镇: ten phones, ten batteries and two fridges in two cubic meters."""
    fields: dict[str, Any] = {
        "kind": PointKind.temporary,
        "township_code": "610924103",
        "name": "焕古镇收集点",
        "address": "焕古镇老街 5 号",
        "lat": 32.59,
        "lon": 108.46,
        "position_source": PositionSource.surveyed,
        "operator_name": "焕古供销社",
        "phone": "13900000000",
        "licence_number": "610924-SJ-001",
        "fire_cover": "干粉灭火器 4 具",
        "opens_on": date(2026, 11, 1),
        "closes_on": date(2026, 12, 31),
        "capacity_cm3": 2_000_000,
        "units": {"phone": 10, "battery": 10, "fridge": 2},
    }
    return PointDraft(**{**fields, **changes})


def a_point(session: Session, now: datetime, keeper_phone: str = "", **changes: Any) -> CollectionPoint:
    """The point, open."""
    price_tables(session)
    a_county(session)
    a_region(session, "610924103204")
    return open_point(session, "610924", a_draft(**changes), keeper_phone, None, now)
