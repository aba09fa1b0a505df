"""A county with a million listings, by COPY: what the benchmarks of finding and of the storefront look at.

``fill(engine, owner)`` fills an empty, migrated market. Everything follows from `seed`: brands that do not
exist, titles put together from what each category's goods are called, prices, labels, stock and shops.
"""

import json
import random
import signal
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.orm import Session

from market import embedded, migrate
from market.catalog.load import load_catalog
from market.catalog.models import Category, Product
from tests.builders.places import a_county
from tests.builders.shops import a_shop

COUNTY = "610924"
NOW = datetime(2026, 11, 1, tzinfo=UTC)
_SYLLABLES = "岚霁煦涧曜炊栎砾洄澄垅垣禾辰沐棠屿峤屹嵘泓澜渊湛溪汀洲沅澧漪"
_KINDS: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "kinds.json").read_text())


@dataclass(frozen=True, slots=True)
class Size:
    """How much is made: `products` models, each with the offers that make up `listings`, in `shops` shops."""

    listings: int = 1_000_000
    products: int = 250_000
    shops: int = 200


@contextmanager
def a_million(size: Size, keep: Path | None, settings: tuple[str, ...] = ()) -> Iterator[embedded.Postgres]:
    """A PostgreSQL with `size`, running; one that is filled already where `keep` is a folder from before."""
    with tempfile.TemporaryDirectory(prefix="market-million-") as scratch:
        folder = keep or Path(scratch)
        is_filled = (folder / "postgres").exists()
        folder.mkdir(parents=True, exist_ok=True)
        server = embedded.Postgres(folder / "postgres", folder / "postgres.log", settings)
        process = server.start()
        try:
            owner = server.url(embedded.OWNER)
            migrate.upgrade(owner)
            if not is_filled:
                fill(create_engine(server.url()), create_engine(owner), size)
            yield server
        finally:
            embedded.stop(process, signal.SIGINT)


def fill(engine: Engine, owner: Engine, size: Size | None = None, seed: int = 1) -> None:
    """Fill the market behind `engine`; `owner` may switch triggers off and build indexes on the same one."""
    size, dice = size or Size(), random.Random(seed)  # noqa: S311 - goods, no secrets
    with Session(engine, expire_on_commit=False) as session:
        load_catalog(session)
        a_county(session)
        shops = [a_shop(session, NOW, COUNTY, f"{number}号电器").id for number in range(size.shops)]
        categories = {row.code: row for row in session.scalars(select(Category))}
        session.commit()
    _switch(owner, "DISABLE")
    with owner.begin() as connection:
        products = list(_products(categories, size.products, dice))
        _copy(connection, "products", _PRODUCT, (row for row, _, _ in products))
        labels = list(_labels(products, dice))
        _copy(connection, "label_records", _LABEL, iter(labels))
        green = (row for row in labels if row[_LABEL.index("grade")] == 1)
        _copy(connection, "zone_memberships", _STAY, ((row[0], row[1], NOW) for row in green))
        offers = list(_offers(products, shops, size.listings, dice))
        _copy(connection, "listings", _LISTING, (offer[:-1] for offer in offers))
        _copy(connection, "stock", _STOCK, ((offer[0], offer[-1], 0, 0, False) for offer in offers))
    _switch(owner, "ENABLE")
    _index(owner)


_PRODUCT = (
    "id", "brand", "model", "category_code", "name_zh", "name_en", "specs", "net_weight_grams",
    "packed_length_mm", "packed_width_mm", "packed_height_mm", "upright", "interop", "yearly_kwh", "badges",
    "search_text", "search_terms", "search_words", "size", "size_unit", "created_at",
)  # fmt: skip
_LABEL = (
    "id", "product_id", "kind", "grade", "standard_number", "record_number", "measured", "issued_on",
    "expires_on", "state", "declared_at", "verified_at",
)  # fmt: skip
_LISTING = (
    "id", "shop_id", "product_id", "list_price_fen", "price_fen", "state", "people_required", "install_skill",
    "install_seconds", "made_to_order", "variant", "photos", "low_at", "created_at", "updated_at",
)  # fmt: skip
_STAY = ("id", "product_id", "since")
_STOCK = ("listing_id", "on_hand", "reserved", "allocated", "frozen")
Made = tuple[tuple[Any, ...], int, Category]  # a product's row, its price in fen, its category


def _id(kind: int, number: int) -> uuid.UUID:
    """An id like those of UUIDv7: it grows with `number`."""
    return uuid.UUID(int=(0x019A00000000 + number) << 80 | 7 << 76 | 2 << 62 | kind)


def _brands(dice: random.Random) -> list[str]:
    pairs = [one + other for one in _SYLLABLES for other in _SYLLABLES if one != other]
    return dice.sample(pairs, 300)


def goods_of(count: int, seed: int) -> Iterator[tuple[str, str, str, str, int]]:
    """So many goods of brands that do not exist: category, brand, model, Chinese name, price in fen."""
    dice = random.Random(seed)  # noqa: S311 - goods, no secrets
    brands = _brands(dice)
    weights = [kind["weight"] for kind in _KINDS.values()]
    for number in range(count):
        (code,) = dice.choices(list(_KINDS), weights)
        kind = _KINDS[code]
        brand, (low, high) = dice.choice(brands[: 60 if number % 3 else 300]), kind["yuan"]
        model = f"{code[:2].upper()}-{number % 900 + 100}{'ABCDEF'[number % 6]}{number // 900}"
        parts = (dice.choice(kind[name]) for name in ("sizes", "extras", "names"))
        yield code, brand, model, f"{brand} {' '.join(parts)}", round(dice.triangular(low, high, low)) * 100


def _products(categories: dict[str, Category], count: int, dice: random.Random) -> Iterator[Made]:
    for number, (code, brand, model, name_zh, price_fen) in enumerate(goods_of(count, dice.randrange(10**9))):
        kwh = Decimal(dice.randint(300, 9000)) / 10 if number % 5 else None
        yield _row(_id(1, number), categories[code], brand, model, name_zh, kwh), price_fen, categories[code]


def _row(
    product_id: uuid.UUID, category: Category, brand: str, model: str, name_zh: str, kwh: Decimal | None
) -> tuple[Any, ...]:
    product = Product(brand=brand, model=model, name_zh=name_zh, specs={"产地": "陕西"})
    product.index_for_search(category)
    return (
        product_id, brand, model, category.code, name_zh, None, json.dumps(product.specs), 30_000, 600, 600,
        900, False, "[]", kwh, "[]", product.search_text, product.search_terms, product.search_words,
        product.size, product.size_unit, NOW,
    )  # fmt: skip


def _labels(products: Sequence[Made], dice: random.Random) -> Iterator[tuple[Any, ...]]:
    for number, (row, _, category) in enumerate(products):
        if category.label_standard and number % 10:
            yield (
                _id(2, number), row[0], "energy", dice.randint(1, 3), category.label_standard,
                f"20250101-900001-{number:017d}", "{}", date(2025, 1, 1), date(2035, 1, 1), "verified",
                NOW, NOW,
            )  # fmt: skip


def _offers(
    products: Sequence[Made], shops: Sequence[uuid.UUID], count: int, dice: random.Random
) -> Iterator[tuple[Any, ...]]:
    """Every product by one shop, some by many; prices differ by a tenth, one in twelve is sold out."""
    for number in range(count):
        row, price_fen, _ = products[number % len(products)]
        turn = number // len(products)
        shop = shops[(number * 7 + turn * 13) % len(shops)]
        fen = round(price_fen * dice.uniform(0.95, 1.05) / 100) * 100
        at = NOW - timedelta(minutes=count - number)
        yield (
            _id(3, number), shop, row[0], fen, fen, "active", 1, "none", 0, "no",
            "" if turn < 3 else f"第{turn}款", "[]", 2, at, at,
            0 if number % 12 == 0 else dice.randint(1, 40),
        )  # fmt: skip


def _copy(connection: Any, table: str, columns: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    cursor = connection.connection.driver_connection.cursor()
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:  # our own names
        for row in rows:
            copy.write_row(row)


_WORDS = """
INSERT INTO search_words SELECT unnest(search_words), 'word' FROM products
UNION SELECT brand, 'brand' FROM products UNION SELECT model, 'model' FROM products
"""


def _switch(owner: Engine, how: str) -> None:
    with owner.begin() as connection:
        for table in ("products", "label_records", "zone_memberships", "listings", "stock"):
            connection.execute(text(f"ALTER TABLE {table} {how} TRIGGER USER"))


def _index(owner: Engine) -> None:
    """The entries and words that the triggers would have made, their indexes built at the end."""
    with owner.begin() as connection:
        made = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'search_entries'"
        later = [row for row in connection.execute(text(made)).all() if not row.indexname.startswith("pk_")]
        for name, _ in later:
            connection.execute(text(f"DROP INDEX {name}"))
        connection.execute(text("INSERT INTO search_entries SELECT * FROM search_current"))  # the same order
        connection.execute(text(_WORDS))
        connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        for _, definition in later:
            connection.execute(text(definition))
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
