"""What a village home needs next, by the month: the season's categories, shown first."""

from dataclasses import dataclass
from datetime import date

from flask_babel import LazyString, lazy_gettext


@dataclass(frozen=True, slots=True)
class Season:
    """A headline and the categories it is about."""

    title: LazyString
    text: LazyString
    categories: tuple[str, ...]


HEATING = Season(
    lazy_gettext("天冷前，把取暖换好"),
    lazy_gettext("空气源热泵、壁挂炉和清洁炉具，装好再入冬"),
    ("heat_pump", "wall_hung_boiler", "clean_stove"),
)
SPRING = Season(
    lazy_gettext("开春添洗晒，热水靠太阳"),
    lazy_gettext("太阳能热水器和洗衣机，农忙前送到家"),
    ("solar_water_heater", "washer", "water_heater"),
)
COOLING = Season(
    lazy_gettext("天热前，空调冰箱先备好"),
    lazy_gettext("一级能效的空调和冰箱，一个夏天省下不少电"),
    ("ac", "fridge", "home_storage"),
)
AUTUMN = Season(
    lazy_gettext("秋收过后，给家里添件新家电"),
    lazy_gettext("电视、洗衣机、电饭煲，旧的可以一起收走"),
    ("tv", "washer", "rice_cooker"),
)

_BY_MONTH = {10: HEATING, 11: HEATING, 12: HEATING, 1: HEATING, 2: HEATING, 3: SPRING, 4: SPRING, 9: AUTUMN}


def season(today: date) -> Season:
    """The season of `today`."""
    return _BY_MONTH.get(today.month, COOLING)
