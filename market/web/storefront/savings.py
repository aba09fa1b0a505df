"""The three accounts of a listing against the old appliance at home."""

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import abort, render_template, request
from flask_babel import gettext

from market.catalog.models import LabelRecord, Listing, Product
from market.catalog.queries import LISTING, LISTING_LABELS
from market.catalog.rules import LabelState
from market.catalog.running_cost import WASHES_A_YEAR, yearly_energy_kwh
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import Refused
from market.kernel.together import Together, hang
from market.orders.cart import CartEntry
from market.orders.quote import price_for_anybody
from market.recycling.trade_in import quote_trade_in
from market.savings import appliances
from market.savings.compare import Compared, Household, New, Old, compare
from market.savings.models import Appliance
from market.savings.rules import age_years, light, started_on
from market.savings.tables import Tariff, carbon_factor, safe_life, tariffs
from market.subsidies.queries import offers_of
from market.web.guards import signed_in_id
from market.web.storefront import bp
from market.web.storefront.paid_out import county_and_running
from market.web.storefront.savings_form import FIGURES, SavingsForm
from market.web.text import local_name

FEN = Decimal(100)
RATE = Decimal(3)
CHART_WIDTH = 200
DEFAULT_REGION = "other"
YEARS = 10
_PAGE = Together(LISTING, LISTING_LABELS, appliances.MINE)


@bp.get("/savings/<uuid:listing_id>")
def savings(listing_id: uuid.UUID) -> str | tuple[str, int]:
    """Energy, money, safety; every input in the form, every formula with its source."""
    session, now = db.session(), clock.now()
    rows, labels, mine = _PAGE.read(session, listing_id=listing_id, account_id=signed_in_id())
    if not rows or not rows[0][0].is_for_sale:
        abort(404)
    found: Listing = rows[0][0]
    hang(Product.labels, [found.product], labels)
    today, code = clock.local_date(now), found.product.category_code
    known = tariffs(today)
    form = SavingsForm(request.args if request.args else None)
    form = form.of(code, [(tariff.region, local_name(tariff)) for tariff in known])
    if not request.args:
        _remember(form, code, mine)
    valid = not request.args or form.validate()
    home, running = county_and_running(found.shop.county_code)
    price = price_for_anybody(CartEntry(found, 1, True), offers_of(running), home.code, now)
    price_fen = price.lines[0].paid_fen
    factor, tariff = carbon_factor(today), _tariff(form, known)
    value = _value_yuan(form, code, now) if valid else Decimal(0)
    label_kwh = _label_kwh(found)
    compared = (
        _compared(form, code, price_fen, label_kwh, tariff, value, factor.kg_per_kwh) if valid else None
    )
    start = started_on(form.bought_on.data, form.installed_on.data) if valid else None
    life = safe_life(code, today)
    years = form.declared_life_years.data or (life.years if life else None)
    page = render_template(
        "storefront/savings.html",
        listing=found,
        form=form,
        figures=FIGURES.get(code, ()),
        price_fen=price_fen,
        value=value,
        label_kwh=label_kwh,
        compared=compared,
        bars=_bars(compared) if compared else [],
        asked=bool(request.args) and valid,
        tariff=tariff,
        price_yuan=form.tariff.data or tariff.tiers[0][1],
        typed=bool(form.tariff.data),
        factor=factor,
        light=light(start, years, form.hazards.data or [], today) if valid else None,
        age=age_years(start, today) if start else None,
        life=life,
        life_years=years,
        use_years=form.years.data or YEARS,
    )
    return page, 200 if valid else 422


def _remember(form: SavingsForm, category_code: str, mine: Sequence[Appliance]) -> None:
    """Start from the oldest of hers of this kind, where she is signed in and has noted one."""
    old = next((one for one in mine if one.category_code == category_code), None)
    if old is not None:
        form.bought_on.data, form.installed_on.data = old.bought_on, old.installed_on
        form.declared_life_years.data = old.declared_life_years


def _tariff(form: SavingsForm, known: tuple[Tariff, ...]) -> Tariff:
    region = form.region.data or DEFAULT_REGION
    return next((one for one in known if one.region == region), known[-1])


def _value_yuan(form: SavingsForm, category_code: str, now: Any) -> Decimal:
    """What the old one takes off: typed, else quoted by the table in force for a working, whole one."""
    if form.value.data is not None:
        return Decimal(form.value.data)
    start = started_on(form.bought_on.data, form.installed_on.data)
    if start is None:
        return Decimal(0)
    try:
        age = int(age_years(start, clock.local_date(now)))
        return quote_trade_in(db.session(), category_code, age, True, True, now).credit_fen / FEN
    except Refused:
        return Decimal(0)


def _compared(
    form: SavingsForm,
    category_code: str,
    price_fen: int,
    label_kwh: Decimal | None,
    tariff: Tariff,
    value: Decimal,
    kg_per_kwh: Decimal,
) -> Compared | None:
    figures = {name: form[name].data for name, *_words in FIGURES.get(category_code, ())}
    tiers = ((None, form.tariff.data),) if form.tariff.data else tariff.tiers
    new_kwh = form.new_year_kwh.data if form.new_year_kwh.data is not None else label_kwh
    return compare(
        category_code,
        Old(
            figures,
            form.year_kwh.data,
            _or(form, "ageing", 1),
            _or(form, "repairs", 0),
            value,
            figures.get("wash_liters"),
        ),
        New(price_fen / FEN, new_kwh, form["new_wash_liters"].data if "new_wash_liters" in form else None),
        Household(
            _or(form, "usage", 1),
            _or(form, "cycles", WASHES_A_YEAR),
            tiers,
            form.month_kwh.data,
            form["water_price"].data if "water_price" in form else None,
            _or(form, "rate", RATE) / 100,
            form.years.data or YEARS,
        ),
        kg_per_kwh,
    )


def _or(form: SavingsForm, name: str, default: int | Decimal) -> Decimal:
    """What was typed, else the default."""
    typed = form[name].data if name in form else None
    return Decimal(default) if typed is None else Decimal(typed)


def _label_kwh(found: Listing) -> Decimal | None:
    """By the label that was verified, else by the shop's words."""
    proofs = [label for label in found.product.labels if label.state is not LabelState.rejected]
    best: LabelRecord | None = min(proofs, key=lambda label: label.state is LabelState.declared, default=None)
    measured = best.measured if best else {}
    return yearly_energy_kwh(found.product.category_code, found.product.specs, measured)


def _bars(compared: Compared) -> list[tuple[str, list[tuple[str, str, int]]]]:
    """The chart: for each pair its title, and (name, figure, width) of the old and the new."""
    money = compared.money
    pairs = (
        (gettext("一年用电（度）"), compared.old_kwh, compared.new_kwh),
        (gettext("十年一共花（元）"), money.ten_years_old_yuan, money.ten_years_new_yuan),
    )
    drawn = []
    for title, old, new in pairs:
        most = max(old, new, Decimal(1))
        rows = [(gettext("旧的"), old), (gettext("新的"), new)]
        drawn.append((title, [(name, f"{n:.0f}", _width(n, most)) for name, n in rows]))
    return drawn


def _width(figure: Decimal, most: Decimal) -> int:
    return max(1, int(CHART_WIDTH * max(figure, Decimal(0)) / most))
