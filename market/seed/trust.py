"""Reviews of the county's goods and what its shops, couriers and recyclers are rated by.

The demo's buyers have their goods from before the market kept orders, so the reviews' references are no order
lines, and nothing weighs them; every rating is computed from its events, as any other.
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import exists, select

from market.catalog.models import Listing
from market.credit.answer_review import answer_review, vote
from market.credit.mask_review import propose_mask
from market.credit.models import Review, SubjectKind
from market.credit.record_event import record_event
from market.credit.review_models import MaskReason
from market.credit.write_review import edit_review, write_review
from market.delivery.models import Courier
from market.people.models import Account
from market.recycling.models import Recycler
from market.seed.world import World
from market.shops.models import Shop, ShopStaff

_DAYS = 150
# Stars, days ago and words, shop by shop.
_SAID: tuple[tuple[tuple[int, int, str], ...], ...] = (
    (
        (5, 120, "送到村里还给装好了，声音小，洗得干净。"),
        (5, 96, "补贴当场就减了，比镇上便宜。"),
        (4, 71, "东西不错，就是晚到了一天，打过电话说了。"),
        (5, 44, "老人也会用，师傅教得耐心。"),
        (2, 30, "门关不严，打电话第二天来换了胶条。"),
        (5, 12, "第二次买了，放心。"),
    ),
    (
        (5, 80, "屋里暖和，电费也说得清楚。"),
        (3, 52, "能用，说明书太难懂。"),
        (1, 20, "说好上午送，等到天黑。老板说话也难听，这种人不配开店。"),
    ),
    ((5, 66, "灶好用，接口都试过漏。"), (4, 25, "抽得干净，有点响。")),
    ((4, 40, "手机是真的，查过。"),),
    (),
)
_FACTS: dict[SubjectKind, tuple[tuple[str, int], ...]] = {
    SubjectKind.shop: (
        ("handed_over_on_time", 14), ("handed_over_late", 1), ("order_completed", 15),
        ("evidence_complete", 6), ("evidence_incomplete", 1), ("returned_for_fault", 1),
    ),
    SubjectKind.courier: (
        ("delivered_on_time", 22), ("delivered_late", 1), ("delivered_whole", 22), ("cash_in_full", 8),
    ),
    SubjectKind.recycler: (
        ("offer_as_quoted", 9), ("offer_lowered", 2), ("assessed_on_time", 11), ("wipe_verified", 7),
    ),
}  # fmt: skip


def rate_everybody(world: World) -> None:
    """Reviews and events of the months before; what is there already stays."""
    if world.session.scalar(
        select(exists().where(Review.shop_id == Shop.id, Shop.county_code == world.plan.code))
    ):
        return
    shops = _ids(world, Shop)
    for number, shop_id in enumerate(shops):
        _review(world, shop_id, _SAID[number % len(_SAID)])
        # The last to open is new, and shows how that looks.
        if number < len(shops) - 1:
            _record(world, SubjectKind.shop, shop_id)
    for kind, table in ((SubjectKind.courier, Courier), (SubjectKind.recycler, Recycler)):
        for subject_id in _ids(world, table):
            _record(world, kind, subject_id)


def _ids(world: World, table: type[Shop] | type[Courier] | type[Recycler]) -> list[uuid.UUID]:
    found = select(table.id).where(table.county_code == world.plan.code).order_by(table.id)
    return list(world.session.scalars(found))


def _record(world: World, kind: SubjectKind, subject_id: uuid.UUID) -> None:
    chance = world.random(f"facts:{subject_id}")
    for what, times in _FACTS[kind]:
        for number in range(1, times + 1):
            at = world.now - timedelta(days=chance.randint(2, _DAYS), hours=chance.randint(0, 9))
            record_event(world.session, kind, subject_id, what, f"before:{what}:{number}", at)


def _review(world: World, shop_id: uuid.UUID, said: tuple[tuple[int, int, str], ...]) -> None:
    listings = world.session.scalars(
        select(Listing.id).where(Listing.shop_id == shop_id).order_by(Listing.id).limit(2)
    ).all()
    buyers = [world.account("consumer", number) for number in range(1, world.plan.consumers + 1)]
    for number, (stars, days, words) in enumerate(said[: len(buyers)] if listings else ()):
        at, author = world.now - timedelta(days=days), buyers[number]
        listing_id = listings[number % len(listings)]
        reference = f"before:{shop_id}:{number}"
        review_id = write_review(world.session, author.id, shop_id, listing_id, reference, stars, words, at)
        _add(world, shop_id, review_id, stars, at, [it for it in buyers if it.id != author.id])


def _add(
    world: World, shop_id: uuid.UUID, review_id: uuid.UUID, stars: int, at: datetime, readers: list[Account]
) -> None:
    """The shop answers complaints, readers vote, one author came round, and one text is to be covered."""
    later = at + timedelta(days=2)
    for reader in readers[: 6 - stars]:
        vote(world.session, reader.id, review_id, True, later)
    if stars <= 3:
        staff = (
            select(ShopStaff.account_id).where(ShopStaff.shop_id == shop_id).order_by(ShopStaff.account_id)
        )
        clerk_id = world.session.scalars(staff).first()
        if clerk_id is not None:
            words = "对不住，让您费心了。已经改进，有事请打店里电话。"
            answer_review(world.session, shop_id, clerk_id, review_id, words, later)
    if stars == 2:
        author_id = world.session.get_one(Review, review_id).author_id
        edit_review(world.session, author_id, review_id, 4, "换了胶条，现在好了。", at + timedelta(days=5))
    if stars == 1:
        operator_id = world.account("operator", 1).id
        reason, note = MaskReason.insult, "“不配开店”是骂人，前面的话留着"
        propose_mask(world.session, world.plan.code, operator_id, review_id, reason, note, later)
