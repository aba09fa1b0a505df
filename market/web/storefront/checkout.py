"""Checkout: one page that shows every choice and every reduction, and one short page to change each."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from market.catalog.queries import categories
from market.delivery.queries import next_day
from market.kernel import clock
from market.kernel.db import db
from market.kernel.errors import NotFound, Refused
from market.kernel.ids import parse_id
from market.orders import cart as carts
from market.orders.cart import CartEntry, Owner
from market.orders.checkout import checkout
from market.orders.models import Order, PaymentMethod, Place
from market.orders.quote import price_entries
from market.people import queries as people
from market.people.models import Address
from market.places import queries as places
from market.places.models import Station
from market.points import queries as points_queries
from market.points.rules import spendable
from market.recycling.trade_in import TradeInQuote, quote_trade_in
from market.web.county_choice import all_counties, home_address
from market.web.delivery_text import DAY_PARTS
from market.web.guards import signed_in
from market.web.once import HEADER, once
from market.web.recycling_text import deductions
from market.web.refusals import show
from market.web.storefront import bp, draft
from market.web.storefront.cart import by_shop
from market.web.storefront.forms import AddressForm, DeliveryForm, PaymentForm, PlaceOrderForm, TradeInForm
from market.web.storefront.one_page import written
from market.web.subsidy_text import why
from market.web.text import local_name

# One thing on each screen, for who reads large letters: in this order, and the whole at the end.
_STEPS = ("choose_address", "choose_delivery", "choose_trade_in", "choose_payment", "review_order")


def _onward(here: str) -> Response:
    """Back to the whole order, or on to the next question."""
    if "steps" not in request.args:
        return redirect(url_for("storefront.review_order"), 303)
    following = _STEPS[_STEPS.index(here) + 1]
    steps = None if following == _STEPS[-1] else 1
    return redirect(url_for(f"storefront.{following}", steps=steps), 303)


@bp.get("/checkout")
@signed_in
def review_order() -> str | Response:
    """All choices, the price of all lines, and the button that places the order."""
    return _review(PlaceOrderForm())


@bp.post("/checkout")
@signed_in
@once("order.place")
def place_order() -> tuple[str | Response, int] | Response:
    """Place the order as it was shown."""
    form, address = PlaceOrderForm(), _address()
    if address is None:
        return redirect(url_for("storefront.choose_address"), 303)
    if form.validate_on_submit():
        try:
            order = _place_as_shown(form, address)
            return redirect(url_for("storefront.order", order_id=order.id, placed=1), 303)
        except Refused as refused:
            db.session.rollback()
            if refused.code == "cart.empty":
                flash(gettext("购物车空了，可能已在别处下过单。您的订单都在这里"))
                return redirect(url_for("storefront.orders"), 303)
            show(form, refused)
    return _review(form), 422


def _place_as_shown(form: PlaceOrderForm, address: Address) -> Order:
    """Raises Refused as `checkout` does, and where the page showed other choices than those of now."""
    chosen, entries = draft.load(), _entries()
    if entries and form.shown.data != chosen.shown(address, entries):
        raise Refused("checkout.choices_changed")
    key = request.headers.get(HEADER) or request.form[HEADER]
    choices = chosen.choices(address, form.expected_payable_fen.data or 0)
    return checkout(db.session(), current_user.account, choices, key, clock.now())


@bp.route("/checkout/address", methods=["GET", "POST"])
@signed_in
def choose_address() -> str | tuple[str, int] | Response:
    """Which address it goes to; a new one is written on the account's own page."""
    addresses = people.addresses(db.session(), current_user.id)
    if not addresses:
        here = url_for("storefront.choose_address", steps=request.args.get("steps"))
        return redirect(url_for("account.new_address", next=here), 303)
    form = AddressForm(address_id=draft.load().address_id or str(addresses[0].id))
    form.address_id.choices = written(addresses)
    if form.validate_on_submit():
        draft.change(address_id=form.address_id.data, station_id="", station_consent=False)
        return _onward("choose_address")
    return _page("storefront/choose_address.html", form)


@bp.route("/checkout/delivery", methods=["GET", "POST"])
@signed_in
def choose_delivery() -> str | tuple[str, int] | Response:
    """To the door or to a village station."""
    address = _address()
    if address is None:
        return redirect(url_for("storefront.choose_address"), 303)
    form = DeliveryForm(data=vars_of(draft.load(), "place", "day_part", "station_id", "station_consent"))
    form.station_id.choices = [("", "—"), *_stations_near(address)]
    if form.validate_on_submit() and _station_is_agreed(form):
        draft.change(**entered(form, "place", "day_part", "station_id", "station_consent"))
        _pay_online_at_station()
        return _onward("choose_delivery")
    return _page("storefront/choose_delivery.html", form)


@bp.route("/checkout/payment", methods=["GET", "POST"])
@signed_in
def choose_payment() -> str | tuple[str, int] | Response:
    """Online or in cash, and with how many points."""
    goods_fen = sum(entry.price_fen for entry in _entries())
    most = spendable(points_queries.balance(db.session(), current_user.id, clock.now()).available, goods_fen)
    form = PaymentForm(data=vars_of(draft.load(), "payment_method", "points"))
    if form.validate_on_submit():
        if form.payment_method.data == PaymentMethod.cash and draft.load().place == Place.station:
            show(form, Refused("checkout.station_cash", field="payment_method"))
        elif form.points.data > most:
            show(form, Refused("checkout.points", field="points", most=most))
        else:
            draft.change(payment_method=form.payment_method.data, points=form.points.data)
            return _onward("choose_payment")
    return _page("storefront/choose_payment.html", form, most=most)


@bp.route("/checkout/trade-in", methods=["GET", "POST"])
@signed_in
def choose_trade_in() -> str | tuple[str, int] | Response:
    """Hand in an old appliance, or not."""
    if request.method == "POST" and "without" in request.form:
        draft.change(trade_in=None)
        return _onward("choose_trade_in")
    form = TradeInForm(data=draft.load().trade_in)
    kinds = [kind for kind in categories(db.session()) if kind.accepts_trade_in]
    form.category_code.choices = [("", "—"), *((kind.code, local_name(kind)) for kind in kinds)]
    if form.validate_on_submit():
        answers = entered(form, "category_code", "age_years", "works", "complete")
        try:
            quote_trade_in(db.session(), **answers, now=clock.now())
            draft.change(trade_in=answers)
            return _onward("choose_trade_in")
        except Refused as refused:
            show(form, refused)
    return _page("storefront/choose_trade_in.html", form)


def _pay_online_at_station() -> None:
    chosen = draft.load()
    if (chosen.place, chosen.payment_method) == (Place.station, PaymentMethod.cash):
        draft.change(payment_method=PaymentMethod.stripe.value)
        flash(gettext("放在服务站的货请网上付款，付款方式已改好"), "info")


def vars_of(thing: object, *names: str) -> dict[str, Any]:
    """The named attributes of `thing`."""
    return {name: getattr(thing, name) for name in names}


def entered(form: Any, *names: str) -> dict[str, Any]:
    """What was entered in the named fields."""
    return {name: form[name].data for name in names}


def _page(template: str, form: Any, **values: Any) -> str | tuple[str, int]:
    page = render_template(template, form=form, **values)
    return (page, 422) if form.errors else page


def _review(form: PlaceOrderForm) -> str | Response:
    session, chosen, now = db.session(), draft.load(), clock.now()
    entries, address = _entries(), _address()
    if not entries:
        return redirect(url_for("storefront.cart"), 303)
    if address is None:
        return redirect(url_for("storefront.choose_address"), 303)
    options = chosen.options(current_user.id, address)
    priced = price_entries(session, entries, options, now)
    form.expected_payable_fen.data = priced.payable_fen
    form.shown.data = chosen.shown(address, entries)
    handed_in = chosen.trade_in if priced.trade_in_fen else None
    trade_in = quote_trade_in(session, **handed_in, now=now) if handed_in else None
    return render_template(
        "storefront/checkout.html",
        form=form,
        chosen=chosen,
        address=address,
        written=written([address])[0][1],
        station=_station(chosen, address),
        day_part=DAY_PARTS[chosen.day_part],
        shops=by_shop(entries),
        lines={line.item.line: line for line in priced.lines},
        priced=priced,
        why=why,
        trade_in=trade_in,
        deductions=_deductions(trade_in, handed_in) if trade_in and handed_in else [],
        day=places_day(address),
    )


def _deductions(trade_in: TradeInQuote, answers: dict[str, Any]) -> list[tuple[str, int]]:
    """The three largest reasons why the old appliance is not worth more."""
    return deductions(trade_in.prices.table, trade_in.deductions, answers["age_years"])


def places_day(address: Address) -> Any:
    """The day the next batch goes out to the address's county."""
    county = next((it for it in all_counties() if it.code == address.county_code), None)
    if county is None:
        raise NotFound
    return next_day(county, clock.now())


def _entries() -> list[CartEntry]:
    return carts.entries(db.session(), Owner(account_id=current_user.id))


def _address() -> Address | None:
    """The chosen address, else the latest; None where she has none."""
    chosen, latest = parse_id(draft.load().address_id), home_address()
    if chosen and not (latest and latest.id == chosen):
        try:
            return people.address(db.session(), current_user.id, chosen)
        except NotFound:  # removed meanwhile
            pass
    return latest


def _station(chosen: draft.Draft, address: Address) -> Station | None:
    station_id = parse_id(chosen.station_id)
    if chosen.place != Place.station or station_id is None:
        return None
    return places.station(db.session(), address.county_code, station_id)


def _stations_near(address: Address) -> list[tuple[str, str]]:
    """The county's stations: the address's village first, then its township, then the others."""
    found = places.stations(db.session(), address.county_code)
    townships = {region.code: region.name for region in places.townships(db.session(), address.county_code)}

    def far(station: Station) -> tuple[bool, bool]:
        return station.village_code != address.village_code, station.township_code != address.township_code

    near = sorted(found, key=far)
    return [
        (str(station.id), f"{townships.get(station.township_code, '')} {station.name}") for station in near
    ]


def _station_is_agreed(form: DeliveryForm) -> bool:
    if form.place.data != Place.station:
        return True
    if not form.station_id.data:
        show(form, Refused("checkout.station", field="station_id"))
    elif not form.station_consent.data:
        show(form, Refused("checkout.station_consent", field="station_consent"))
    return not form.errors
