"""Fill an empty or a filled database with a kind of seed, in one transaction."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from market.aftersales import terms
from market.catalog.load import load_catalog
from market.places.load import load_regions
from market.seed.collection import open_points, report_something
from market.seed.consumers import settle
from market.seed.county import fund_programmes, hire_auditors, hire_operators, open_county, open_stations
from market.seed.custom import ask_for_one
from market.seed.fairs import plan_fairs
from market.seed.fleet import buy_vehicles
from market.seed.groups import open_groups
from market.seed.plans import PLANS
from market.seed.recalls import recall_some
from market.seed.recyclers import open_recyclers, pay_freight, publish_prices
from market.seed.scenes import put_sets_together
from market.seed.sent_in import send_phones_in
from market.seed.shops import open_shops
from market.seed.summary import summary
from market.seed.trust import rate_everybody
from market.seed.world import Progress, World


def seed(
    session_factory: Callable[[], Session],
    kind: str,
    scale: int,
    seed: int,
    now: datetime,
    progress: Progress,
) -> dict[str, Any]:
    """Make everything of `kind` (``demo`` or ``test``) that is not there yet, and answer what there is.

    `scale` multiplies stations, vehicles, consumers and stock; `seed` decides names, prices and amounts.
    `progress` is told the step, how far it is and how far it goes. Raises KeyError for an unknown kind.
    """
    plans = PLANS[kind]
    with session_factory() as session, session.begin():
        load_regions(session, lambda done, total: progress("regions", done, total))
        load_catalog(session)
        for data in terms.shipped():
            terms.publish(session, data)
        for plan in plans:
            _fill(World(session, plan, max(scale, 1), seed, now, progress))
        return {"kind": kind, "scale": scale, "seed": seed} | summary(session, plans)


def _fill(world: World) -> None:
    open_county(world)
    open_stations(world)
    operator = hire_operators(world)
    hire_auditors(world)
    publish_prices(world)
    fund_programmes(world)
    open_shops(world, operator)
    ask_for_one(world)
    put_sets_together(world)
    open_groups(world)
    plan_fairs(world)
    open_recyclers(world)
    recall_some(world)
    open_points(world)
    report_something(world)
    pay_freight(world)
    buy_vehicles(world)
    settle(world)
    send_phones_in(world)
    rate_everybody(world)
