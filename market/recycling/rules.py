"""What a used thing is worth, what may not go by post, and how custody rows are chained. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

BP = 10_000
QUOTE_DAYS = 7
LABEL_DAYS = 14
REMIND_AFTER_DAYS = 3
TRANSIT_DAYS = 15
ANSWER_DAYS = 7
ASSESS_HOURS = 48
SHOWN_DEDUCTIONS = 3
AGE = "age"
LOCKED = "locked"
ORDER_OFF = "order_off"  # nothing is left of the order that the credit was for
BATTERY = "battery"  # in a licence's scope: batteries by themselves, which are no category of goods
FIRST_KG_FEN = 8_00
NEXT_KG_FEN = 2_00
PAY_HOURS = 2
RETURN_WITHIN_DAYS = 3
CLAIM_DAYS = 7
HAZARD_DAYS = 7
DANGERS = {  # hazard: why not by post; the worst first
    "swollen_or_leaking": "recycling.battery_swollen",
    "e_bike_battery": "recycling.e_bike_battery",
    "power_bank": "recycling.power_bank",
    "loose_battery": "recycling.battery_loose",
    "gas_residue": "recycling.gas_residue",
    "refrigerant": "recycling.refrigerant",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with the thing; it then keeps `keeps_bp` of its value (basis points)."""

    code: str
    name_zh: str
    name_en: str
    keeps_bp: int


@dataclass(frozen=True, slots=True)
class Typical:
    """What a used thing of a category usually weighs and takes of a truck, as it stands in the house."""

    weight_grams: int
    volume_cm3: int
    longest_side_mm: int
    people: int


@dataclass(frozen=True, slots=True)
class PriceTable:
    """One version of a category's prices. `by_age_bp[n]` is what is left after n years; the last goes on."""

    base_fen: int
    material_fen: int
    by_age_bp: tuple[int, ...]
    faults: tuple[Fault, ...]
    holds_data: bool
    typical: Typical

    def __post_init__(self) -> None:
        falling = list(self.by_age_bp) == sorted(self.by_age_bp, reverse=True)
        known = [*self.by_age_bp, *(fault.keeps_bp for fault in self.faults)]
        if not falling or not self.by_age_bp or not all(0 <= bp <= BP for bp in known):
            raise ValueError("shares lie between 0 and 10000, and no year raises a price")
        if not 0 < self.material_fen <= self.base_fen:
            raise ValueError("the material is worth something, and no more than the thing when new")

    @property
    def fault_codes(self) -> frozenset[str]:
        """The faults that this category knows."""
        return frozenset(fault.code for fault in self.faults)


@dataclass(frozen=True, slots=True)
class Deduction:
    """How much one reason takes off."""

    code: str
    fen: int


@dataclass(frozen=True, slots=True)
class Valuation:
    """What the thing is worth, and everything that was taken off the price of a new one."""

    base_fen: int
    value_fen: int
    deductions: tuple[Deduction, ...]

    @property
    def largest(self) -> tuple[Deduction, ...]:
        """The three largest deductions, largest first."""
        by_size = sorted(self.deductions, key=lambda deduction: -deduction.fen)
        return tuple(by_size[:SHOWN_DEDUCTIONS])


@dataclass(frozen=True, slots=True)
class Safety:
    """Answers to the questions before a mail-in label. True is a danger."""

    loose_battery: bool
    swollen_or_leaking: bool
    power_bank: bool
    e_bike_battery: bool = False
    refrigerant: bool = False
    gas_residue: bool = False


def read_table(data: Mapping[str, Any]) -> PriceTable:
    """A price table from its data. Raises KeyError, TypeError or ValueError where it cannot be one."""
    return PriceTable(
        base_fen=data["base_fen"],
        material_fen=data["material_fen"],
        by_age_bp=tuple(data["by_age_bp"]),
        faults=tuple(Fault(**fault) for fault in data["faults"]),
        holds_data=data["holds_data"],
        typical=Typical(**data["typical"]),
    )


def value(table: PriceTable, age_years: int, faults: Collection[str]) -> Valuation:
    """The worth of a thing: base × age × each fault in the table's order, never below the material.

    Deductions sum to what lies between the base and the value. Raises ValueError for an unknown fault.
    """
    if unknown := set(faults) - table.fault_codes:
        raise ValueError(f"the table knows no fault {sorted(unknown)}")
    left = table.base_fen
    deductions = []
    keeps = [(AGE, table.by_age_bp[min(age_years, len(table.by_age_bp) - 1)])]
    keeps += [(fault.code, fault.keeps_bp) for fault in table.faults if fault.code in faults]
    for code, keeps_bp in keeps:
        then = max(table.material_fen, left * keeps_bp // BP)
        if then < left:
            deductions.append(Deduction(code, left - then))
        left = then
    return Valuation(table.base_fen, left, tuple(deductions))


def hazards(safety: Safety) -> tuple[str, ...]:
    """The dangers that were answered with yes, the worst first."""
    return tuple(code for code in DANGERS if getattr(safety, code))


def danger(found: Collection[str]) -> str | None:
    """Why a thing with the hazards `found` may not go by post (the code of the refusal), or None.

    Batteries travel installed in their device or not at all (facts §3.3).
    """
    return next((code for hazard, code in DANGERS.items() if hazard in found), None)


def differences(
    age_years: int, faults: Collection[str], found_age_years: int, found_faults: Collection[str]
) -> tuple[str, ...]:
    """The reason codes of an assessment that differs: faults not told of, and a greater age."""
    older = (AGE,) if found_age_years > age_years else ()
    return (*older, *sorted(set(found_faults) - set(faults)))


def owed_fen(had_fen: int, paid_fen: int, worth_fen: int) -> int:
    """What a buyer owes who had `had_fen` for an appliance and paid `paid_fen` of it back; negative where
    she is owed."""
    return had_fen - paid_fen - worth_fen


def freight_fen(weight_grams: int) -> int:
    """What the carrier takes for a parcel within the county: the first kilogram, and each started one after.

    The market's own demo tariff; what carriers charge is unknown (facts §3.2).
    """
    return FIRST_KG_FEN + NEXT_KG_FEN * max(0, -(-weight_grams // 1000) - 1)


def assess_by(received_at: datetime) -> datetime:
    """When an assessment is due."""
    return received_at + timedelta(hours=ASSESS_HOURS)


def pay_by(accepted_at: datetime) -> datetime:
    """When an accepted offer is due (facts §3.2)."""
    return accepted_at + timedelta(hours=PAY_HOURS)


def return_by(decided_at: datetime) -> datetime:
    """When a device that goes home is to be posted."""
    return decided_at + timedelta(days=RETURN_WITHIN_DAYS)
