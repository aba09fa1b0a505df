"""The panel of a batch's saving and shares, at the county's desk and the shop's."""

import gzip
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from market.delivery.models import Batch, BatchShare
from market.delivery.plan_batch import release_batch
from market.delivery.queries import record_shares_progress
from market.delivery.share_batch import share_batch
from market.kernel.money import format_yuan
from market.shops.models import Shop
from tests.builders.delivery import a_courier, a_planned_batch, a_ready_job
from tests.builders.people import an_operator
from tests.builders.shops import a_clerk, a_shop
from tests.builders.web import Browser


@pytest.fixture
def operator(client: Browser, session: Session, now: datetime) -> Browser:
    client.become(an_operator(session, now))
    return client


@pytest.fixture
def shops(session: Session, now: datetime) -> list[Shop]:
    a_courier(session, now)
    shops = [a_shop(session, now, name=name) for name in ("垄上家电行", "暖垭取暖设备店")]
    for number, shop in enumerate(shops):
        a_ready_job(session, now, party=str(shop.id), address_text=f"焕古镇大连村 {number} 号")
    return shops


@pytest.fixture
def batch(session: Session, shops: list[Shop], now: datetime) -> Batch:
    return a_planned_batch(session, now)


def told(session: Session, batch: Batch, **figures: int) -> None:
    """Figures that a plan might have."""
    for name, fen in figures.items():
        setattr(batch, name, fen)
    session.flush()


def a_share(
    session: Session, batch: Batch, shop: Shop, alone_fen: int, share_fen: int, error_fen: int
) -> None:
    fens = {"alone_fen": alone_fen, "share_fen": share_fen, "error_fen": error_fen}
    session.add(BatchShare(batch_id=batch.id, party=str(shop.id), jobs=1, **fens))


def test_while_shares_are_found_the_page_says_how_far_that_is(
    operator: Browser, session: Session, batch: Batch, now: datetime
) -> None:
    assert "算到 0%" in operator.get(f"/county/batches/{batch.id}").text
    record_shares_progress(session, batch.id, 0.42, now)
    session.flush()
    assert "算到 42%" in operator.get(f"/county/batches/{batch.id}").text


def test_the_panel_shows_cost_alone_saving_bound_and_every_shops_share(
    operator: Browser, session: Session, batch: Batch, shops: list[Shop], now: datetime
) -> None:
    told(session, batch, cost_fen=400_00, alone_fen=640_00, lower_bound_fen=320_00)
    for shop, share_fen in zip(shops, (150_00, 250_00), strict=True):
        a_share(session, batch, shop, 320_00, share_fen, 0)
    session.flush()
    page = operator.get(f"/county/batches/{batch.id}").text
    for words in ("400.00", "640.00", "¥240.00（37.5%）", "¥320.00，这个方案最多高出 25.0%", "下发后定下",
                  "垄上家电行", "暖垭取暖设备店", "150.00", "250.00", "170.00", "70.00"):  # fmt: skip
        assert words in page, words
    assert "±" not in page
    assert page.index("暖垭取暖设备店") < page.index("垄上家电行")


def test_sampled_shares_show_their_error_and_a_released_batch_that_they_are_final(
    operator: Browser, session: Session, batch: Batch, shops: list[Shop], now: datetime
) -> None:
    told(session, batch, cost_fen=400_00, alone_fen=640_00, lower_bound_fen=320_00)
    for shop in shops:
        a_share(session, batch, shop, 320_00, 200_00, 1_23)
    session.flush()
    release_batch(session, "610924", batch.id, now)
    page = operator.get(f"/county/batches/{batch.id}").text
    assert "± 1.23" in page
    assert "抽样" in page
    assert "已定，记进账" in page


def test_a_batch_that_saves_nothing_says_that_it_is_not_pooled(
    operator: Browser, session: Session, batch: Batch, now: datetime
) -> None:
    batch.cost_fen = 9_999_00
    share_batch(session, batch.id, now, cpu_seconds=0.2)
    page = operator.get(f"/county/batches/{batch.id}").text
    assert "没有省" in page
    assert "合着送反而贵" in page


def test_eight_shops_fit_the_first_flight_of_packets(
    operator: Browser, session: Session, batch: Batch, now: datetime
) -> None:
    told(session, batch, cost_fen=800_00, alone_fen=1640_00, lower_bound_fen=320_00)
    for number in range(8):
        shop = a_shop(session, now, name=f"第{number}家电行")
        a_share(session, batch, shop, 205_00, 100_00, 0)
    session.flush()
    answer = operator.get(f"/county/batches/{batch.id}")
    css = operator.get("/static/app.css").data
    assert len(gzip.compress(answer.data)) + len(gzip.compress(css)) <= 14_000


def test_a_shop_sees_its_own_share_and_no_others(
    client: Browser, session: Session, batch: Batch, shops: list[Shop], now: datetime
) -> None:
    share_batch(session, batch.id, now, cpu_seconds=0.2)
    client.become(a_clerk(session, shops[0], now))
    assert "合送分摊" not in client.get("/shop/settlements").text
    release_batch(session, "610924", batch.id, now)
    own = session.get_one(BatchShare, (batch.id, str(shops[0].id)))
    page = client.get("/shop/settlements").text
    assert f"自己送要 {format_yuan(own.alone_fen)} 元，合送分摊 {format_yuan(own.share_fen)} 元" in page
    assert page.count("合送分摊") == 1
    assert "暖垭" not in page
