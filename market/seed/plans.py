"""What each kind of seed makes: its counties, and how much of everything in them. Pure."""

from dataclasses import dataclass
from datetime import time
from decimal import Decimal

from market.places.rules import Position

PASSWORD = "lvxiang-2026"  # noqa: S105 - everyone's in the demo, printed by `market seed`

BUDGETS_FEN = {"GB-2026": 2_000_000_00, "DIGI-2026": 300_000_00, "COUNTY-HEAT-2026": 800_000_00}
COUPONS = 200  # of each kind, where the county asks for them

KEEPERS = 2  # stations whose keeper has an account
AUDITORS = 2
AUDIT_FIRM = "青衡会计师事务所"  # does not exist


@dataclass(frozen=True, slots=True)
class CountyPlan:
    """One county's hub and roads, and how many stations, operators, vehicles and consumers it gets.

    `shops` are letters of `SHOPS`; every `goods_step`-th model of a shop is listed. `coupons_for` are the
    programmes whose subsidy has to be claimed before.
    """

    code: str
    digit: int  # in every phone number of the county
    plate: str  # how its prefecture's number plates begin
    hub_name: str
    hub: Position
    cutoff: time
    detour_factor: Decimal
    speed_kmh: int
    stations: int
    operators: int
    shops: str
    goods_step: int
    vehicles: int
    recyclers: int
    consumers: int
    coupons_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShopPlan:
    """A shop's name, its town (the last three digits of the township's code) and its street."""

    name: str
    town: str
    street: str


SHOPS = {
    "a": ShopPlan("垄上家电行", "main", "河堤路 18 号"),
    "b": ShopPlan("暖垭取暖设备店", "main", "环城路 56 号"),
    "c": ShopPlan("炊香厨卫店", "main", "新街 9 号"),
    "d": ShopPlan("溪岸数码店", "main", "桥头 3 号"),
    "e": ShopPlan("青禾乡村电器行", "101", "街道 27 号"),
}
MAIN_TOWNS = {"610924": "100", "610728": "001"}

_ZIYANG = CountyPlan(
    code="610924", digit=1, plate="陕G",
    hub_name="紫阳县共同配送中心", hub=Position(32.5142, 108.5218), cutoff=time(18),
    detour_factor=Decimal("1.60"), speed_kmh=30, stations=34, operators=3, shops="abcde", goods_step=1,
    vehicles=6, recyclers=2, consumers=12, coupons_for=("DIGI-2026",),
)  # fmt: skip
_ZIYANG_SMALL = CountyPlan(
    code="610924", digit=1, plate="陕G",
    hub_name="紫阳县共同配送中心", hub=Position(32.5142, 108.5218), cutoff=time(18),
    detour_factor=Decimal("1.60"), speed_kmh=30, stations=8, operators=1, shops="ade", goods_step=2,
    vehicles=3, recyclers=1, consumers=4,
)  # fmt: skip
_ZHENBA_SMALL = CountyPlan(
    code="610728", digit=2, plate="陕F",
    hub_name="镇巴县共同配送中心", hub=Position(32.5315, 107.9012), cutoff=time(17),
    detour_factor=Decimal("1.70"), speed_kmh=28, stations=6, operators=2, shops="be", goods_step=2,
    vehicles=2, recyclers=1, consumers=3,
)  # fmt: skip

PLANS = {"demo": (_ZIYANG,), "test": (_ZIYANG_SMALL, _ZHENBA_SMALL)}
