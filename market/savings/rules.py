"""The three accounts. Pure; yuan, kWh and kg are Decimals here: estimates, and no money that moves."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

TIER_MONTHS = 12
TEN_YEARS = 10
DAYS_A_YEAR = Decimal("365.2425")
AMBER_FROM = Decimal("0.8")  # of its safe life, facts §2.3
HAZARDS = ("leak", "burnt_smell", "no_earth", "gas_smell")

Tier = tuple[Decimal | None, Decimal]  # kWh a month up to which (None: without end), yuan a kWh


class Light(StrEnum):
    """How an appliance stands; `stop` is a hazard and no score."""

    unknown = "unknown"
    green = "green"
    amber = "amber"
    red = "red"
    stop = "stop"


@dataclass(frozen=True, slots=True)
class Economics:
    """What replacing costs and brings, in yuan. `payback_years` is None where it never pays."""

    net_price_yuan: Decimal
    yearly_yuan: Decimal
    payback_years: Decimal | None
    ten_years_old_yuan: Decimal
    ten_years_new_yuan: Decimal
    saved_value_yuan: Decimal
    net_present_value_yuan: Decimal

    @property
    def pays(self) -> bool:
        """Whether the savings of the years ahead, at their value of today, are worth its price."""
        return self.payback_years is not None and self.net_present_value_yuan > 0


def used_kwh(label_kwh: Decimal, usage: Decimal, ageing: Decimal = Decimal(1)) -> Decimal:
    """A label's year in this household: times how much it is used, and how much worse it has become."""
    return label_kwh * usage * ageing


def bill_yuan(month_kwh: Decimal, tiers: Sequence[Tier]) -> Decimal:
    """A month's electricity by progressive tiers (facts §2.4: Beijing, 300 kWh = 149.49 yuan)."""
    bill, below = Decimal(0), Decimal(0)
    for upto, price in tiers:
        top = month_kwh if upto is None else min(month_kwh, upto)
        bill += max(Decimal(0), top - below) * price
        if upto is None or month_kwh <= upto:
            break
        below = upto
    return bill


def yearly_saving_yuan(saved_kwh: Decimal, tiers: Sequence[Tier], month_kwh: Decimal | None) -> Decimal:
    """What `saved_kwh` a year are worth: off the top of the household's bill where that is known, else at the
    first tier."""
    if month_kwh is None or len(tiers) == 1:
        return saved_kwh * tiers[0][1]
    after = max(Decimal(0), month_kwh - saved_kwh / TIER_MONTHS)
    return TIER_MONTHS * (bill_yuan(month_kwh, tiers) - bill_yuan(after, tiers))


def carbon_kg(kwh: Decimal, kg_per_kwh: Decimal) -> Decimal:
    """CO2 of so much electricity."""
    return kwh * kg_per_kwh


def payback_years(net_price_yuan: Decimal, yearly_yuan: Decimal) -> Decimal | None:
    """Years until the price is saved; None where nothing is saved, 0 where it costs nothing."""
    if yearly_yuan <= 0:
        return None
    return max(Decimal(0), net_price_yuan) / yearly_yuan


def present_value(yearly_yuan: Decimal, rate: Decimal, years: int) -> Decimal:
    """Today's value of `yearly_yuan` at the end of each of `years` years, at `rate` a year (0.03 is 3%)."""
    return sum((yearly_yuan / (1 + rate) ** year for year in range(1, years + 1)), Decimal(0))


def economics(
    net_price_yuan: Decimal,
    old_yearly_yuan: Decimal,
    new_yearly_yuan: Decimal,
    repairs_yuan: Decimal,
    rate: Decimal,
    years: int,
) -> Economics:
    """The economic account: what the old one costs to keep (with its repairs) against the new one."""
    yearly = old_yearly_yuan + repairs_yuan - new_yearly_yuan
    saved = present_value(yearly, rate, years)
    return Economics(
        net_price_yuan,
        yearly,
        payback_years(net_price_yuan, yearly),
        TEN_YEARS * (old_yearly_yuan + repairs_yuan),
        net_price_yuan + TEN_YEARS * new_yearly_yuan,
        saved,
        saved - net_price_yuan,
    )


def started_on(bought_on: date | None, installed_on: date | None) -> date | None:
    """When the safe life began: installed, where that is needed, else bought (GB/T 21097-2025)."""
    return installed_on or bought_on


def age_years(start: date, today: date) -> Decimal:
    """Years in use, to a tenth and never negative."""
    days = max(0, (today - start).days)
    return (Decimal(days) / DAYS_A_YEAR).quantize(Decimal("0.1"))


def safe_until(start: date, life_years: int) -> date:
    """The last day of its safe life; of one begun on 29 February, 28 February."""
    year = start.year + life_years
    try:
        return start.replace(year=year)
    except ValueError:
        return start.replace(year=year, day=28)


def light(start: date | None, life_years: int | None, hazards: Collection[str], today: date) -> Light:
    """Hazards first; then the age against the safe life; unknown where either is (facts §2.3)."""
    if hazards:
        return Light.stop
    if start is None or life_years is None:
        return Light.unknown
    if today > safe_until(start, life_years):
        return Light.red
    ratio = Decimal(max(0, (today - start).days)) / DAYS_A_YEAR / life_years
    return Light.green if ratio < AMBER_FROM else Light.amber
