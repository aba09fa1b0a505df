"""How a thing may go to the recycler, and which danger closes which way (facts §3.3). Pure."""

from collections.abc import Collection
from enum import StrEnum


class Way(StrEnum):
    """By post, by the courier on a delivery run, or carried to a place that takes it."""

    post = "post"
    courier = "courier"
    carry = "carry"


class Hazard(StrEnum):
    """A dangerous answer to a safety question; the names are those of `rules.Safety`."""

    swollen_or_leaking = "swollen_or_leaking"
    power_bank = "power_bank"
    loose_battery = "loose_battery"
    e_bike_battery = "e_bike_battery"
    refrigerant = "refrigerant"
    gas_residue = "gas_residue"


BATTERIES = (Hazard.swollen_or_leaking, Hazard.power_bank, Hazard.loose_battery, Hazard.e_bike_battery)
ASKED = {
    "fridge": (Hazard.refrigerant,),
    "ac": (Hazard.refrigerant,),
    "gas_cooker": (Hazard.gas_residue,),
    "wall_hung_boiler": (Hazard.gas_residue,),
    "water_heater": (Hazard.gas_residue,),
    "washer": (),
    "range_hood": (),
    "microwave": (),
    "solar_water_heater": (),
    "clean_stove": (),
}
# None goes by post. A courier's van carries no bare or damaged cell; pipes are opened by trained hands only,
# so what holds refrigerant or gas is fetched.
OPEN_TO = {
    Hazard.swollen_or_leaking: frozenset({Way.carry}),
    Hazard.power_bank: frozenset({Way.carry}),
    Hazard.loose_battery: frozenset({Way.carry}),
    Hazard.e_bike_battery: frozenset({Way.carry}),
    Hazard.refrigerant: frozenset({Way.courier}),
    Hazard.gas_residue: frozenset({Way.courier}),
}
# A village station has no fire box: what is damaged or heavy goes to the recycler's own yard.
AT_A_STATION = frozenset({Hazard.power_bank, Hazard.loose_battery})


def asked(category_code: str) -> tuple[Hazard, ...]:
    """The safety questions of a category; one that is not listed may have a battery."""
    return ASKED.get(category_code, BATTERIES)


def ways_for(accepts_mail_in: bool, hazards: Collection[str]) -> tuple[Way, ...]:
    """The ways that are open to a thing, the most usual first; none where its dangers exclude each other."""
    dangers = {Hazard(code) for code in hazards}
    may_post = {Way.post} if accepts_mail_in and not dangers else set()
    others = {Way.courier, Way.carry}.intersection(*(OPEN_TO[danger] for danger in dangers))
    return tuple(way for way in Way if way in may_post | others)


def station_takes(people: int, hazards: Collection[str]) -> bool:
    """Whether a village station takes in a thing that `people` have to carry and that has these dangers."""
    return people == 1 and {Hazard(code) for code in hazards} <= AT_A_STATION
