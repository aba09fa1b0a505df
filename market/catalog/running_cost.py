"""What an appliance uses in a year, from the figures of its label (facts §2.4).

Label figures are measured in a laboratory's climate: a household's differ, and pages say 参考值. What the
formula leaves open (cycles, liters, degrees) is a convention of this market, the same for every product,
so that products can be compared.
"""

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

AC_KWH_APF_PER_KW = Decimal("954.6")  # the register: APF x (cooling + heating kWh) a kW of cooling, V-M S37
DAYS = 365
WASHES_A_YEAR = 220  # facts §2.4, a parameter
WATER_LITERS_A_DAY = 100  # our convention: nothing official is known
WATER_RISE_KELVIN = 40  # our convention
WATER_KJ_PER_LITER_KELVIN = Decimal("4.186")
TARIFF_FEN_PER_KWH = Decimal(55)  # 0.55 yuan, K-M: unverified, and shown as such
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(\w*)")
_TENTH = Decimal("0.1")
# How many of the unit that a formula counts in: a name that is not here is not understood.
_KILOWATTS = {"kw": Decimal(1), "千瓦": Decimal(1), "w": Decimal("0.001"), "瓦": Decimal("0.001")}
_KILOWATT_HOURS = {"kwh": Decimal(1), "度": Decimal(1), "千瓦时": Decimal(1)}
_KILOGRAMS = {"kg": Decimal(1), "公斤": Decimal(1), "千克": Decimal(1)}


def yearly_energy_kwh(
    category_code: str, specs: Mapping[str, Any], measured: Mapping[str, Any]
) -> Decimal | None:
    """Electricity a year in kWh, to a tenth; None where the label does not tell.

    `specs` are the shop's words by name (``制冷量`` → ``3.5 kW``), `measured` the label's figures by metric
    as numbers or their text; a figure of the label goes before the shop's word. Gas, sun and wood are not
    counted, and neither is what a tank loses while it stands.
    """
    compute = _BY_CATEGORY.get(category_code)
    found = compute(specs, measured) if compute else None
    return None if found is None else found.quantize(_TENTH, ROUND_HALF_UP)


def yearly_cost_fen(
    yearly_kwh: Decimal | None, tariff_fen_per_kwh: Decimal = TARIFF_FEN_PER_KWH
) -> int | None:
    """What that costs in fen; None where the use is unknown."""
    if yearly_kwh is None:
        return None
    return int((yearly_kwh * tariff_fen_per_kwh).quantize(Decimal(1), ROUND_HALF_UP))


def _air_conditioner(specs: Mapping[str, Any], measured: Mapping[str, Any]) -> Decimal | None:
    watts, apf = _figure(measured, "rated_cooling_w"), _figure(measured, "apf")
    kilowatts = watts / 1000 if watts else _size(specs, "制冷量", _KILOWATTS)
    return AC_KWH_APF_PER_KW * kilowatts / apf if kilowatts and apf else None


def _fridge(specs: Mapping[str, Any], measured: Mapping[str, Any]) -> Decimal | None:
    daily_kwh = _figure(measured, "kwh_per_24h") or _size(specs, "日耗电", _KILOWATT_HOURS)
    return daily_kwh * DAYS if daily_kwh else None


def _washer(specs: Mapping[str, Any], measured: Mapping[str, Any]) -> Decimal | None:
    unit_kwh = _figure(measured, "kwh_per_cycle_kg")
    load_kg = _figure(measured, "capacity_kg") or _size(specs, "洗涤容量", _KILOGRAMS)
    return WASHES_A_YEAR * load_kg * unit_kwh if load_kg and unit_kwh else None


def _water_heater(specs: Mapping[str, Any], measured: Mapping[str, Any]) -> Decimal | None:
    """By the heat that the water takes: a heat pump gives `cop` times its current, an element just that."""
    efficiency = _figure(measured, "cop") or (Decimal(1) if _figure(measured, "loss_coefficient") else None)
    heat_kj = WATER_LITERS_A_DAY * DAYS * WATER_KJ_PER_LITER_KELVIN * WATER_RISE_KELVIN
    return heat_kj / 3600 / efficiency if efficiency else None


_BY_CATEGORY = {
    "ac": _air_conditioner,
    "fridge": _fridge,
    "washer": _washer,
    "water_heater": _water_heater,
}


def _figure(measured: Mapping[str, Any], name: str) -> Decimal | None:
    """A positive figure of the label."""
    value = measured.get(name)
    found = None if value in (None, "") else Decimal(str(value))
    return found if found is not None and found.is_finite() and found > 0 else None


def _size(specs: Mapping[str, Any], name: str, units: Mapping[str, Decimal]) -> Decimal | None:
    """A size in the shop's words, where its unit is one of `units`."""
    found = _SIZE.match(str(specs.get(name, "")).strip())
    scale = units.get(found[2].lower()) if found else None
    return Decimal(found[1]) * scale or None if found and scale else None
