"""The chart of accounts, and what makes an entry well formed."""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    CNY = "CNY"  # fen
    PTS = "PTS"  # points


class Side(StrEnum):
    debit = "debit"
    credit = "credit"


@dataclass(frozen=True, slots=True)
class Account:
    """An account by its code; the family (the code without its owner) fixes unit and normal side."""

    code: str
    unit: Unit
    normal_side: Side


@dataclass(frozen=True, slots=True)
class Line:
    """One posting to be: `amount` in fen or points, positive to debit the account, negative to credit it."""

    account: Account
    amount: int


def _cny(code: str, side: Side) -> Account:
    return Account(code, Unit.CNY, side)


def _pts(code: str, side: Side) -> Account:
    return Account(code, Unit.PTS, side)


# What the county's market holds.
STRIPE_CLEARING = _cny("stripe:clearing", Side.debit)
BANK = _cny("bank", Side.debit)
# What it owes buyers until the goods are theirs.
UNEARNED = _cny("orders:unearned", Side.credit)
REFUNDS_DUE = _cny("refunds:due", Side.credit)
# What buyers have paid down towards goods that are still to be made, until an order takes it up.
DEPOSITS = _cny("groups:deposits", Side.credit)
# What it earns, and what points, goodwill and missing cash cost it.
COMMISSION = _cny("commission", Side.credit)
DELIVERY_FEES = _cny("delivery:fees", Side.credit)
CARRIAGE = _cny("delivery:shares", Side.credit)
REPAIRS = _cny("repairs", Side.credit)
POINTS_COST = _cny("points:cost", Side.debit)
GOODWILL = _cny("goodwill", Side.debit)
CASH_DIFFERENCES = _cny("cash:differences", Side.debit)
POINTS_PROGRAMME = _pts("points:programme", Side.debit)


def courier_cash(courier_id: uuid.UUID) -> Account:
    """Cash in one courier's bag."""
    return _cny(f"courier:{courier_id}:cash", Side.debit)


def hub_cash(county_code: str) -> Account:
    """Cash in the safe of a county's hub."""
    return _cny(f"hub:{county_code}:cash", Side.debit)


def treasury(programme_id: str, county_code: str) -> Account:
    """What the state still has to pay into a pot."""
    return _cny(f"treasury:{programme_id}:{county_code}", Side.debit)


def pot(programme_id: str, county_code: str) -> Account:
    """What is left of a subsidy pot; holds on it are pending entries."""
    return _cny(f"pot:{programme_id}:{county_code}", Side.credit)


def clawbacks(programme_id: str, county_code: str) -> Account:
    """What the state has paid, or was asked for, and is to have back."""
    return _cny(f"clawback:{programme_id}:{county_code}", Side.credit)


def disallowed(county_code: str) -> Account:
    """What the state will not pay, until the shop that sold it has borne it."""
    return _cny(f"disallowed:{county_code}", Side.debit)


def trade_in(county_code: str) -> Account:
    """Old appliances taken against credit, at the credit given."""
    return _cny(f"tradein:{county_code}", Side.debit)


def trade_in_due(county_code: str) -> Account:
    """What buyers owe of credit that their old appliances did not bear out."""
    return _cny(f"tradein:{county_code}:due", Side.debit)


# The kind of an entry by which a recycler pays what it owes.
RECYCLER_PAID = "recycler.paid"


def recycler_due(recycler_id: uuid.UUID) -> Account:
    """What a recycler owes the market for old appliances that buyers were credited."""
    return _cny(f"recycler:{recycler_id}:due", Side.debit)


def maker_due(recall_id: uuid.UUID) -> Account:
    """What a maker owes for the remedies of one recall."""
    return _cny(f"recall:{recall_id}:maker", Side.debit)


def recall_costs(county_code: str) -> Account:
    """What makers are to make good of recalls in a county: due to whoever has borne it."""
    return _cny(f"recalls:{county_code}:costs", Side.credit)


def seller_payable(account_id: uuid.UUID) -> Account:
    """What the market owes a consumer in yuan for things she sent in, until the bank has paid it."""
    return _cny(f"recycling:payable:{account_id}", Side.credit)


def freight_pledge(county_code: str) -> Account:
    """What a county has pledged for the freight of things sent in, and still has to pay in."""
    return _cny(f"freight:{county_code}:pledge", Side.debit)


def freight_pot(campaign_id: uuid.UUID) -> Account:
    """What is left of a freight campaign; holds on it are pending entries."""
    return _cny(f"freight:{campaign_id}:pot", Side.credit)


def freight_due(campaign_id: uuid.UUID) -> Account:
    """What a campaign owes its carriers for parcels they have taken."""
    return _cny(f"freight:{campaign_id}:due", Side.credit)


def shop_pending(shop_id: uuid.UUID) -> Account:
    """A shop's money until the return window is over."""
    return _cny(f"shop:{shop_id}:pending", Side.credit)


def shop_available(shop_id: uuid.UUID) -> Account:
    """A shop's money that is its own and on its way through a settlement sheet."""
    return _cny(f"shop:{shop_id}:available", Side.credit)


def shop_payable(shop_id: uuid.UUID) -> Account:
    """A shop's money on an approved sheet, until the bank has paid it."""
    return _cny(f"shop:{shop_id}:payable", Side.credit)


def points_pending(account_id: uuid.UUID) -> Account:
    """A buyer's points that are earned and not yet hers to spend."""
    return _pts(f"points:pending:{account_id}", Side.credit)


def points_available(account_id: uuid.UUID) -> Account:
    """A buyer's points that she may spend."""
    return _pts(f"points:available:{account_id}", Side.credit)


def points_debt(account_id: uuid.UUID) -> Account:
    """Points that a buyer has spent and whose money went back to her."""
    return _pts(f"points:debt:{account_id}", Side.debit)


def debit(account: Account, amount: int) -> Line:
    """Put `amount` (fen or points, not negative) on the debit side of `account`."""
    return Line(account, amount)


def credit(account: Account, amount: int) -> Line:
    """Put `amount` (fen or points, not negative) on the credit side of `account`."""
    return Line(account, -amount)


def reversed_lines(lines: Iterable[Line]) -> list[Line]:
    """The lines that undo `lines`."""
    return [Line(line.account, -line.amount) for line in lines]


def well_formed(lines: Iterable[Line]) -> list[Line]:
    """`lines` without zeros. Raises ValueError where they do not sum to zero in each unit."""
    kept = [line for line in lines if line.amount]
    sums: Counter[Unit] = Counter()
    for line in kept:
        sums[line.account.unit] += line.amount
    broken = {unit.value: total for unit, total in sums.items() if total}
    if broken:
        raise ValueError(f"the entry does not balance: {broken}")
    return kept
