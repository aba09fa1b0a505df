"""Vehicles with their couriers and the cash they carry, and the county's stations."""

from flask import g, render_template

from market.delivery.queries import fleet
from market.kernel.db import db
from market.ledger.queries import balance
from market.ledger.rules import courier_cash
from market.places.queries import stations
from market.web.county import bp


@bp.get("/vehicles")
def vehicles() -> str:
    """What drives, who drives it, and how much cash is in whose bag."""
    session = db.session()
    rows = fleet(session, g.county_code)
    cash = {driver.id: balance(session, courier_cash(driver.id)) for _, driver in rows if driver}
    return render_template("county/vehicles.html", rows=rows, cash=cash)


@bp.get("/stations")
def station_list() -> str:
    """The village stations."""
    return render_template("county/stations.html", stations=stations(db.session(), g.county_code))
