"""Licensed recyclers and a dismantler with their staff, and the prices they pay."""

import uuid
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from market.kernel.clock import local_date
from market.kernel.ids import new_id
from market.people.models import Account
from market.places import queries as places
from market.recycling import prices
from market.recycling.freight_campaign import campaigns, open_campaign
from market.recycling.models import PriceTableRow, Recycler, RecyclerKind, RecyclerStaff, RecyclerState
from market.recycling.register import ring_when_over
from market.recycling.rules import BATTERY
from market.seed.names import phone
from market.seed.plans import MAIN_TOWNS
from market.seed.world import World

_NAMES = ("青垣再生资源回收站", "溪谷电子回收中心")
_DISMANTLERS = ("岭南坪家电拆解厂", "清水湾家电拆解厂", "松岭家电拆解厂")
_DISMANTLERS_NUMBER = 9
_LICENCE_DAYS = 3 * 365
_CAMPAIGN_DAYS = 60
_STAFF_EACH = 2  # a wipe is verified by a second person


def publish_prices(world: World) -> None:
    """The shipped price tables of recycling."""
    for data in prices.shipped():
        prices.publish(world.session, data)


def open_recyclers(world: World) -> None:
    """Every recycler of the plan with two members of staff, and one dismantler for all of them."""
    for number, name in enumerate(_NAMES[: world.plan.recyclers], 1):
        recycler_id = _recycler(world, number, name)
        for member in range(_STAFF_EACH):
            _hire(world, recycler_id, world.account("recycler", number * 10 + member))
    name = _DISMANTLERS[world.plan.digit % len(_DISMANTLERS)]
    dismantler_id = _recycler(world, _DISMANTLERS_NUMBER, name, RecyclerKind.dismantler)
    _hire(world, dismantler_id, world.account("recycler", _DISMANTLERS_NUMBER * 10))


def pay_freight(world: World) -> None:
    """A campaign of two months in which the county pays the freight of what is sent in."""
    if campaigns(world.session, world.plan.code):
        return
    today = local_date(world.now)
    last_day = today + timedelta(days=_CAMPAIGN_DAYS)
    name, budget_fen = "乡亲寄旧机，县里出运费", 3_000_00
    open_campaign(world.session, world.plan.code, None, name, today, last_day, budget_fen, 2, world.now)


def _recycler(world: World, number: int, name: str, kind: RecyclerKind = RecyclerKind.collector) -> uuid.UUID:
    licence = f"{world.plan.code}-HS-{number:03d}"
    found = world.session.scalar(select(Recycler.id).where(Recycler.licence_number == licence))
    if found:
        return found
    town_code = world.plan.code + MAIN_TOWNS[world.plan.code]
    today = local_date(world.now)
    recycler = Recycler(
        id=new_id(),
        county_code=world.plan.code,
        name=name,
        kind=kind,
        licence_number=licence,
        scope=[*sorted(world.session.scalars(select(PriceTableRow.category_code).distinct())), BATTERY],
        valid_from=today - timedelta(days=180),
        valid_to=today + timedelta(days=_LICENCE_DAYS),
        address=f"{places.region_path(world.session, town_code)}工业路 {number * 8} 号",
        phone=phone(world.plan.digit, "recycler", number * 10),
        state=RecyclerState.active,
        created_at=world.now,
    )
    world.session.add(recycler)
    world.session.flush()
    ring_when_over(world.session, recycler, world.now)
    return recycler.id


def _hire(world: World, recycler_id: uuid.UUID, account: Account) -> None:
    row = insert(RecyclerStaff).values(account_id=account.id, recycler_id=recycler_id, created_at=world.now)
    world.session.execute(row.on_conflict_do_nothing())
