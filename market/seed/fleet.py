"""The county's vehicles and who drives them."""

from dataclasses import dataclass
from datetime import time

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from market.delivery.models import Courier, Vehicle, VehicleType
from market.kernel.ids import new_id
from market.seed.world import World

# Overtime costs half as much again (劳动法 art. 44): an estimate, as if all that an hour costs were wages.
TYPES = (
    VehicleType(
        code="minivan", name_zh="微型面包车", name_en="Minivan", capacity_grams=600_000,
        capacity_cm3=3_500_000, longest_side_mm=2_400, fixed_fen=80_00, fen_per_km=1_10, fen_per_hour=35_00,
        fen_per_overtime_hour=17_50,
    ),
    VehicleType(
        code="small_truck", name_zh="小型厢式货车", name_en="Small box truck", capacity_grams=1_000_000,
        capacity_cm3=7_000_000, longest_side_mm=3_000, fixed_fen=110_00, fen_per_km=1_40, fen_per_hour=60_00,
        fen_per_overtime_hour=30_00,
    ),
    VehicleType(
        code="light_truck", name_zh="轻型厢式货车", name_en="Light box truck", capacity_grams=1_500_000,
        capacity_cm3=15_000_000, longest_side_mm=4_100, fixed_fen=150_00, fen_per_km=1_80, fen_per_hour=65_00,
        fen_per_overtime_hour=32_50,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Crew:
    """Who usually goes along on one vehicle, and what they are trained to install."""

    type_code: str
    people: int
    skills: tuple[str, ...]


# The first crew can do anything that is sold; a county with more vehicles starts over from the first.
CREWS = (
    Crew("light_truck", 2, ("electric", "gas", "general")),
    Crew("small_truck", 2, ("electric", "general")),
    Crew("minivan", 1, ("general",)),
    Crew("light_truck", 2, ("electric", "gas", "general")),
    Crew("small_truck", 2, ("electric", "gas", "general")),
    Crew("minivan", 1, ("electric", "general")),
)


def buy_vehicles(world: World) -> None:
    """The plan's vehicles, each with its courier."""
    _name_types(world)
    for number in range(1, world.plan.vehicles * world.scale + 1):
        _hire_courier(world, number, _vehicle(world, number))


def _name_types(world: World) -> None:
    for kind in TYPES:
        values = {column.key: getattr(kind, column.key) for column in VehicleType.__table__.columns}
        world.session.execute(insert(VehicleType).values(**values).on_conflict_do_nothing())


def _vehicle(world: World, number: int) -> Vehicle:
    # A trial plate (试) of the county's own prefecture: no vehicle on the road carries it.
    plate = f"{world.plan.plate}{number:04d}试"
    found = world.session.scalar(select(Vehicle).where(Vehicle.plate == plate))
    if found:
        return found
    crew = CREWS[(number - 1) % len(CREWS)]
    vehicle = Vehicle(
        id=new_id(),
        county_code=world.plan.code,
        type_code=crew.type_code,
        plate=plate,
        people=crew.people,
        skills=list(crew.skills),
        shift_start=time(8),
        shift_end=time(18),
        active=True,
    )
    world.session.add(vehicle)
    world.session.flush()
    return vehicle


def _hire_courier(world: World, number: int, vehicle: Vehicle) -> None:
    account = world.account("courier", number)
    row = insert(Courier).values(
        id=new_id(),
        account_id=account.id,
        county_code=world.plan.code,
        vehicle_id=vehicle.id,
        name=account.name,
        phone=account.phone,
    )
    world.session.execute(row.on_conflict_do_nothing())
