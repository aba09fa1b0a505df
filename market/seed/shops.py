"""The county's shops: licences, staff, what they list, and the stock they start with."""

from collections.abc import Iterable
from datetime import timedelta
from random import Random

from sqlalchemy import select

from market.catalog.declare_label import LabelDraft
from market.catalog.drafts import OfferDraft, ProductDraft
from market.catalog.edit_listing import file_price
from market.catalog.list_item import list_item
from market.catalog.listing_photos import add_photos
from market.catalog.models import Category, InstallSkill, LabelRecord, Listing, Product, Standard
from market.catalog.review_edit import last_edit, waiting_edit
from market.catalog.rules import LabelKind, LabelState
from market.catalog.verify_label import verify_label
from market.inventory.receive import receive
from market.kernel import clock
from market.people.models import Account
from market.places import queries as places
from market.seed.goods import Good, GoodLabel, goods
from market.seed.names import phone
from market.seed.plans import MAIN_TOWNS, SHOPS
from market.seed.scans import draw_photo, draw_scan
from market.seed.world import World
from market.shops.apply import Application, add_staff, apply
from market.shops.change_state import change_state
from market.shops.decide_paper import decide_paper
from market.shops.models import PaperState, Shop, ShopRole, ShopState
from market.shops.papers import needed
from market.shops.submit_paper import submit_paper

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
COMMISSION_BP = 300
_PLUGGED_IN_BELOW_GRAMS = 15_000


def open_shops(world: World, operator: Account) -> None:
    """Every shop of the plan, open, with an owner and a clerk, and with its goods."""
    for number, letter in enumerate(world.plan.shops, 1):
        owner = world.account("shop", number * 10)
        clerk = world.account("shop", number * 10 + 1)
        shop = _shop(world, letter, owner, clerk, operator)
        _list_goods(world, shop, letter, clerk, operator)
        _keep_desk(world, shop, clerk)
        world.progress(f"{shop.name}", number, len(world.plan.shops))


def _shop(world: World, letter: str, owner: Account, clerk: Account, operator: Account) -> Shop:
    licence = licence_number(world.plan.code, letter)
    found = world.session.scalar(select(Shop).where(Shop.licence_number == licence))
    if found:
        return found
    shop = apply(world.session, _application(world, letter, licence), owner.id, world.now)
    add_staff(world.session, shop.id, clerk.id, ShopRole.clerk, world.now)
    _hand_in_papers(world, shop, owner, operator)
    return change_state(world.session, world.plan.code, operator.id, shop.id, ShopState.open, "", world.now)


def _hand_in_papers(world: World, shop: Shop, owner: Account, operator: Account) -> None:
    """Every paper it needs, looked at by the county; they hold for three years."""
    until = clock.local_date(world.now) + timedelta(days=3 * 365)
    for paper in needed(shop.categories):
        photo = draw_scan(paper.name_en.upper(), [shop.licence_number], shop.licence_number)
        submit_paper(world.session, shop.id, owner.id, paper.kind, photo, until, world.now)
        decided = PaperState.accepted
        decide_paper(world.session, world.plan.code, operator.id, shop.id, paper.kind, decided, "", world.now)


def _application(world: World, letter: str, licence: str) -> Application:
    plan = SHOPS[letter]
    town_code = world.plan.code + (MAIN_TOWNS[world.plan.code] if plan.town == "main" else plan.town)
    town = places.region(world.session, town_code)
    return Application(
        county_code=world.plan.code,
        name=plan.name,
        licence_number=licence,
        phone=phone(world.plan.digit, "shop", world.plan.shops.index(letter) * 10 + 10),
        address=places.region_path(world.session, town_code) + plan.street,
        lat=town.position.lat if town and town.position else None,
        lon=town.position.lon if town and town.position else None,
        commission_bp=COMMISSION_BP,
        categories=tuple(sorted({good.category for good in goods() if letter in good.sellers})),
    )


def licence_number(county_code: str, letter: str) -> str:
    """A unified social credit code with its check character (GB 32100-2015), of a body that is not there."""
    body = f"92{county_code}MA000000{letter.upper()}"
    weighted = sum(_ALPHABET.index(sign) * 3**place for place, sign in enumerate(body))
    return body + _ALPHABET[-weighted % 31]


def _list_goods(world: World, shop: Shop, letter: str, clerk: Account, operator: Account) -> None:
    listed = set(
        world.session.execute(
            select(Product.brand, Product.model).join(Listing).where(Listing.shop_id == shop.id)
        ).all()
    )
    sold = [good for good in goods() if letter in good.sellers][:: world.plan.goods_step]
    for good in sold:
        if (good.brand, good.model) not in listed:
            listing = _list(world, shop, letter, good, clerk)
            pieces = world.random(f"stock:{letter}:{good.model}").randint(6, 40) * world.scale
            receive(world.session, listing.id, pieces, "开业进货", world.now, clerk.id)
    labels = [good.label for good in sold if good.label]
    _verify(world, operator, [label.record_number for label in labels if label.verified])


def _keep_desk(world: World, shop: Shop, clerk: Account) -> None:
    """What a desk in use looks like: own numbers, photos of one thing, and a filed price that is to rise."""
    own = select(Listing).where(Listing.shop_id == shop.id).order_by(Listing.id)
    listings = world.session.scalars(own).all()
    for number, listing in enumerate(listings, 1):
        listing.own_number = listing.own_number or f"{number:03d}"
    if not listings:
        return
    first, last = listings[0], listings[-1]
    if not first.photos:
        box = first.product
        sides = (box.packed_length_mm, box.packed_width_mm)
        views = [draw_photo(side, box.packed_height_mm) for side in sides]
        add_photos(world.session, shop.id, first.id, views, world.now)
    filed_fen = last.list_price_fen + 10_000
    if last_edit(world.session, last.id) is None and waiting_edit(world.session, last.id) is None:
        file_price(world.session, shop.id, last.id, filed_fen, filed_fen, clerk.id, world.now)


def _list(world: World, shop: Shop, letter: str, good: Good, clerk: Account) -> Listing:
    category = world.session.get_one(Category, good.category)
    offer = _offer(category, good, letter, world.random(f"price:{letter}:{good.model}"))
    label = _label(world, good, good.label)
    return list_item(
        world.session, shop.id, good.category, _product(category, good), offer, label, clerk.id, world.now
    )


def _product(category: Category, good: Good) -> ProductDraft:
    length, width, height = good.packed_mm
    return ProductDraft(
        brand=good.brand,
        model=good.model,
        name_zh=good.name_zh,
        name_en=good.name_en,
        gtin=good.gtin,
        specs=dict(good.specs),
        net_weight_grams=good.net_weight_grams,
        packed_length_mm=length,
        packed_width_mm=width,
        packed_height_mm=height,
        upright=category.upright,
    )


def _offer(category: Category, good: Good, letter: str, chance: Random) -> OfferDraft:
    """The first seller asks the file's price, the others up to 3 % more; some are below what they filed."""
    dearer_bp = 0 if letter == good.sellers[0] else chance.randint(0, 3) * 100
    price_fen = good.price_fen * (10_000 + dearer_bp) // 10_000 // 100 * 100
    filed_fen = price_fen + chance.choice((0, 0, 5, 8)) * good.price_fen // 100 // 1000 * 1000
    skill = _skill(category, good)
    return OfferDraft(
        list_price_fen=filed_fen,
        price_fen=price_fen,
        people_required=2 if good.takes_two else 1,
        install_skill=skill,
        install_seconds=0 if skill is InstallSkill.none else category.install_seconds,
    )


def _skill(category: Category, good: Good) -> InstallSkill:
    """Who must put it in place; what is light and only needs a socket is handed over as it is."""
    if category.code in ("tv", "home_storage") and good.net_weight_grams < _PLUGGED_IN_BELOW_GRAMS:
        return InstallSkill.none
    return InstallSkill.gas if good.burns_gas else category.install_skill


def _label(world: World, good: Good, label: GoodLabel | None) -> LabelDraft | None:
    """What to declare; nothing where the good has no label, or another shop declared it before."""
    if label is None or world.session.scalar(
        select(LabelRecord.id).where(LabelRecord.record_number == label.record_number)
    ):
        return None
    return LabelDraft(
        kind=LabelKind(world.session.get_one(Standard, label.standard_number).kinds[0]),
        grade=label.grade,
        standard_number=label.standard_number,
        record_number=label.record_number,
        issued_on=label.issued_on,
        variant=label.variant,
        measured=label.measured,
        scan=_scan(good, label),
    )


def _scan(good: Good, label: GoodLabel) -> bytes:
    figures = [f"{name} {value}" for name, value in label.measured.items()]
    lines = [good.name_en, good.model, label.standard_number, *figures, label.record_number]
    return draw_scan("CHINA ENERGY LABEL", lines, label.record_number, label.grade)


def _verify(world: World, operator: Account, record_numbers: Iterable[str]) -> None:
    """The operator finds the declared labels in the register."""
    declared = select(LabelRecord.id).where(
        LabelRecord.record_number.in_(list(record_numbers)), LabelRecord.state == LabelState.declared
    )
    for label_id in world.session.scalars(declared).all():
        verify_label(world.session, world.plan.code, label_id, operator.id, world.now)
