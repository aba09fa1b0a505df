"""The demo county's goods beside two hundred others, and how a sentence is answered among them."""

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from benchmarks.million import goods_of
from market.catalog.models import Category, Listing, ListingState, Product
from market.inventory.models import Stock
from market.kernel.clock import local_date
from market.search.find import Found, find
from market.search.nearest import nearest
from market.search.understand import understand
from market.search.vocabulary import Name, Vocabulary, build, in_force, load
from market.seed.goods import goods
from market.shops.models import Shop
from market.words.segment import words
from tests.builders.catalog import categories
from tests.builders.shops import a_shop

COUNTY = "610924"
Answer = Callable[[str], Found]


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """What the demo county's goods are called, without a database."""
    from market.catalog.load import rows

    names = [Name(row["code"], row["name_zh"], row["name_en"]) for row in rows("categories")]
    zh = {name.code: name.name_zh for name in names}
    titles = {word for good in goods() for word in words(f"{good.name_zh} {zh[good.category]}")}
    return build(names, {it.brand for it in goods()}, titles, [it.model for it in goods()], in_force([]))


@pytest.fixture
def shop(session: Session, now: datetime) -> Shop:
    return a_shop(session, now)


@pytest.fixture
def answer(session: Session, shop: Shop, now: datetime) -> Answer:
    """What the page shows for a sentence: what is found, or what is nearest."""
    categories(session)
    _stock_up(session, shop, now)
    vocabulary, today = load(session, COUNTY), local_date(now)

    def answer(sentence: str) -> Found:
        asked = understand(sentence, vocabulary)
        found = find(session, COUNTY, asked, today)
        near = None if found.cards else nearest(asked)
        return find(session, COUNTY, near, today) if near else found

    return answer


def _stock_up(session: Session, shop: Shop, now: datetime) -> None:
    known = {row.code: row for row in session.query(Category)}
    products = [_product(known[it.category], it.brand, it.model, it.name_zh, now) for it in goods()]
    products += [
        _product(known[code], brand, model, name, now) for code, brand, model, name, _ in goods_of(200, 7)
    ]
    session.add_all(products)
    session.flush()
    listings = [_listing(shop, product, now) for product in products]
    session.add_all(listings)
    session.flush()
    session.add_all([Stock(listing_id=listing.id, on_hand=5) for listing in listings])
    session.flush()


def _product(category: Category, brand: str, model: str, name_zh: str, now: datetime) -> Product:
    product = Product(
        brand=brand, model=model, category_code=category.code, name_zh=name_zh, specs={}, interop=[],
        net_weight_grams=30_000, packed_length_mm=600, packed_width_mm=600, packed_height_mm=900, badges=[],
        created_at=now,
    )  # fmt: skip
    product.index_for_search(category)
    return product


def _listing(shop: Shop, product: Product, now: datetime) -> Listing:
    return Listing(
        shop_id=shop.id, product_id=product.id, list_price_fen=150_000, price_fen=150_000,
        state=ListingState.active, people_required=1, install_skill="none", install_seconds=0, created_at=now,
        updated_at=now,
    )  # fmt: skip
