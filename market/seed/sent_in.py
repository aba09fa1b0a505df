"""Phones that were sent in during the two months before, and what the recycler was asked to pay for them."""

from datetime import date, datetime, time, timedelta

from sqlalchemy import exists, func, select

from market.kernel.clock import at
from market.people.models import Account
from market.recycling import assess, pay_out, receive, send_in
from market.recycling.models import PriceTableRow, Recycler, RecyclerKind, RecyclingOrder
from market.recycling.rules import Safety
from market.seed.scans import draw_scan
from market.seed.world import World
from market.settlements.rules import last_month, month_end
from market.settlements.statements import confirm_statement, draw_up_statements

Phone = tuple[str, int, list[str]]
# Month before month: which phones, how old, and what was wrong with them.
_SENT: tuple[tuple[Phone, ...], ...] = (
    (("山雀 X2", 2, ["battery_weak"]), ("青岚 S5", 4, [])),
    (("山雀 X1", 3, ["battery_weak"]), ("竹影 M3", 1, []), ("青岚 S4", 5, ["battery_weak"])),
)
_SAFE = Safety(loose_battery=False, swollen_or_leaking=False, power_bank=False)
_GRAMS = 186
_MORNING, _EVERY_DAYS = time(10), 3


def send_phones_in(world: World) -> None:
    """The month before last was paid; last month's statement is still due."""
    here = RecyclingOrder.county_code == world.plan.code
    if world.session.scalar(select(exists().where(here))):
        return
    last = last_month(world.now)
    before = last_month(at(last, _MORNING))
    if at(before, time(0)) < world.session.scalars(select(func.min(PriceTableRow.valid_from))).one():
        return  # nobody paid for anything yet
    for month, phones in zip((before, last), _SENT, strict=True):
        for number, phone in enumerate(phones, 1):
            _paid(world, number, phone, at(month + timedelta(days=_EVERY_DAYS * number), _MORNING))
        _ask(world, month, is_paid=month != last)


def _paid(world: World, number: int, phone: Phone, moment: datetime) -> None:
    model, years, faults = phone
    buyer, session = world.account("consumer", 1 + number % world.plan.consumers), world.session
    order = send_in.describe(session, buyer.id, world.plan.code, "phone", model, years, faults, moment)
    send_in.quote(session, buyer.id, order.id, _SAFE, moment)
    send_in.accept_quote(session, buyer.id, order.id, moment)
    recycler, clerk = _who_got(world, order)
    later, seal = moment + timedelta(days=2), f"DEMO-{number}"
    photo = draw_scan("PHONE", [model], order.code)
    receive.receive(session, recycler, clerk.id, order.id, _GRAMS, seal, photo, later)
    assess.assess(session, recycler, clerk.id, order.id, years, faults, "", None, later)
    pay_out.pay_out(session, order.id, later)


def _who_got(world: World, order: RecyclingOrder) -> tuple[Recycler, Account]:
    """The firm that the parcel went to, and one of its people."""
    recycler = world.session.get_one(Recycler, order.recycler_id)
    of_county = Recycler.county_code == world.plan.code, Recycler.kind == RecyclerKind.collector
    firms = world.session.scalars(
        select(Recycler.id).where(*of_county).order_by(Recycler.licence_number)
    ).all()
    return recycler, world.account("recycler", (firms.index(recycler.id) + 1) * 10)


def _ask(world: World, month: date, *, is_paid: bool) -> None:
    then = month_end(month) + timedelta(hours=1)
    for made in draw_up_statements(world.session, world.plan.code, month, then):
        if is_paid:
            operator, slip = world.account("operator", 1), f"HD-{world.plan.code}-{made.number:04d}"
            day = then + timedelta(days=9)
            confirm_statement(world.session, world.plan.code, operator.id, made.id, slip, day)
