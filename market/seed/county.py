"""The county itself: its hub, its village stations, its operators, its pots."""

from collections.abc import Iterable, Iterator
from itertools import islice, zip_longest

from sqlalchemy.dialects.postgresql import insert

from market.kernel.ids import new_id
from market.people.models import Account, CountyStaff, StationKeeper
from market.places import queries as places
from market.places.models import County, Region, Station
from market.places.rules import PositionSource
from market.seed.names import person, phone
from market.seed.plans import AUDIT_FIRM, AUDITORS, BUDGETS_FEN, COUPONS, KEEPERS
from market.seed.world import World
from market.subsidies import pots, programmes, queries
from market.subsidies.review_models import Auditor


def open_county(world: World) -> None:
    """The county with its hub."""
    plan = world.plan
    region = world.session.get_one(Region, plan.code)
    row = insert(County).values(
        code=plan.code,
        name=region.name,
        hub_name=plan.hub_name,
        hub_lat=plan.hub.lat,
        hub_lon=plan.hub.lon,
        hub_position_source=plan.hub.source,
        cutoff=plan.cutoff,
        detour_factor=plan.detour_factor,
        speed_kmh=plan.speed_kmh,
        phone=phone(plan.digit, "operator", 0),
    )
    world.session.execute(row.on_conflict_do_nothing())


def open_stations(world: World) -> None:
    """A station in so many real villages, dealt out over the towns so that each gets its share."""
    standing = {station.village_code for station in places.stations(world.session, world.plan.code)}
    wanted = world.plan.stations * world.scale
    for number, village in enumerate(islice(villages_by_turns(world), wanted), 1):
        if village.code not in standing and village.position:
            world.session.add(_station(world, village, number))
    world.session.flush()
    _hire_keepers(world)


def _hire_keepers(world: World) -> None:
    """The first stations' keepers have an account; the others' goods are looked after by the county."""
    for station in places.stations(world.session, world.plan.code):
        number = int(station.phone[-4:])
        if number <= KEEPERS:
            row = insert(StationKeeper).values(
                account_id=world.account("station", number).id, station_id=station.id, created_at=world.now
            )
            world.session.execute(row.on_conflict_do_nothing())


def _station(world: World, village: Region, number: int) -> Station:
    assert village.position  # noqa: S101 - for the type checker: the caller asked
    return Station(
        id=new_id(),
        county_code=world.plan.code,
        township_code=village.code[:9],
        village_code=village.code,
        name=f"{village.name}服务站",
        keeper_name=person(world.random(f"station:{village.code}")),
        phone=phone(world.plan.digit, "station", number),
        lat=village.position.lat,
        lon=village.position.lon,
        position_source=PositionSource.estimated,
    )


def villages_by_turns(world: World) -> Iterator[Region]:
    """The county's villages, one from each town in turn."""
    towns = places.townships(world.session, world.plan.code)
    by_town = [_villages(world, town.code) for town in towns]
    for turn in zip_longest(*by_town):
        yield from (village for village in turn if village)


def _villages(world: World, town_code: str) -> list[Region]:
    """A town's villages; its own street, which has shops enough, comes last."""
    found = places.villages(world.session, town_code)
    return sorted(found, key=lambda village: (village.name.endswith("社区"), village.code))


def hire_operators(world: World) -> Account:
    """The county's operators; the first is the one that looks labels up."""
    accounts = [world.account("operator", number) for number in range(1, world.plan.operators + 1)]
    for account in accounts:
        row = insert(CountyStaff).values(
            account_id=account.id, county_code=world.plan.code, created_at=world.now
        )
        world.session.execute(row.on_conflict_do_nothing())
    return accounts[0]


def hire_auditors(world: World) -> None:
    """Two people of a third party, so that one may look at what the other has turned down."""
    for number in range(1, AUDITORS + 1):
        account = world.account("auditor", number)
        row = insert(Auditor).values(
            account_id=account.id,
            county_code=world.plan.code,
            firm=AUDIT_FIRM,
            created_at=world.now,
        )
        world.session.execute(row.on_conflict_do_nothing())


def fund_programmes(world: World) -> None:
    """Every shipped programme, and a pot for those that run now."""
    for data in programmes.shipped():
        programme_id = programmes.publish(world.session, data)
        if data["id"] in BUDGETS_FEN:
            budget_fen = BUDGETS_FEN[data["id"]]
            programmes.fund(world.session, programme_id, world.plan.code, budget_fen, world.now)
            if data["id"] in world.plan.coupons_for:
                _hand_out_coupons(world, programme_id, data["rules"]["categories"])


def _hand_out_coupons(world: World, programme_id: str, categories: Iterable[str]) -> None:
    if queries.pools(world.session, world.plan.code, programme_id):
        return  # what an operator has changed since stays
    pots.require_coupons(world.session, world.plan.code, programme_id, True)
    for category in categories:
        pots.set_places(world.session, world.plan.code, programme_id, category, COUPONS)
