"""The keeper's counter: codes, and what nobody wants; and what the buyer sees meanwhile."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.delivery.models import Job, Kept, KeptEnd
from market.kernel import clock
from market.orders.models import Fulfillment, ShopOrder
from market.people.models import Account, DataAccess
from market.places.models import Station
from tests.builders.catalog import a_listing
from tests.builders.delivery import a_courier
from tests.builders.life import react
from tests.builders.people import an_account
from tests.builders.places import a_station
from tests.builders.shops import a_shop
from tests.builders.stations import a_keeper, a_paid_part, left_at_station
from tests.builders.web import Browser


@pytest.fixture
def buyer(session: Session, now: datetime) -> Account:
    return an_account(session, now)


@pytest.fixture
def station(session: Session) -> Station:
    return a_station(session)


@pytest.fixture
def part(session: Session, buyer: Account, station: Station, now: datetime) -> ShopOrder:
    courier = a_courier(session, now)
    part = a_paid_part(session, buyer, a_listing(session, a_shop(session, now), now), station, now)
    left_at_station(session, courier, now)
    react(session, now)
    session.commit()
    return part


@pytest.fixture
def job(session: Session, part: ShopOrder) -> Job:
    return session.scalars(select(Job).where(Job.reference == part.reference)).one()


@pytest.fixture
def keeper(client: Browser, session: Session, station: Station, now: datetime) -> Account:
    account = a_keeper(session, station, now)
    client.become(account)
    return account


def test_the_keeper_sees_what_stands_there_without_a_whole_number_or_the_code(
    client: Browser, session: Session, keeper: Account, job: Job, buyer: Account
) -> None:
    page = client.get("/station").text
    assert "王秀英" in page
    assert job.order_number in page
    assert job.recipient_phone not in page
    assert job.pickup_code not in page
    seen = session.scalars(select(DataAccess).where(DataAccess.account_id == buyer.id)).one()
    assert (seen.viewer_id, seen.role, seen.purpose) == (keeper.id, "station", "delivery")


@pytest.mark.usefixtures("keeper")
def test_the_right_code_hands_it_out(client: Browser, session: Session, job: Job) -> None:
    answer = client.submit(f"/station/{job.id}/hand-out", {"code": job.pickup_code})
    assert (answer.status_code, answer.location) == (303, "/station")
    assert "现在没有等人来取的货" in client.get("/station").text
    session.expire_all()
    assert session.get_one(Kept, job.id).ended_by is KeptEnd.code


@pytest.mark.usefixtures("keeper")
def test_a_wrong_code_is_a_sentence_by_its_field_keeps_what_was_typed_and_counts(
    client: Browser, session: Session, job: Job
) -> None:
    wrong = "111111" if job.pickup_code != "111111" else "222222"
    answer = client.submit(f"/station/{job.id}/hand-out", {"code": wrong})
    assert answer.status_code == 422
    assert "取货码不对" in answer.text
    assert f'value="{wrong}"' in answer.text
    session.expire_all()
    assert (session.get_one(Kept, job.id).wrong_codes, session.get_one(Kept, job.id).ended_at) == (1, None)


@pytest.mark.usefixtures("keeper")
@pytest.mark.parametrize(("typed", "said"), [("", "请填取货码"), ("12a", "取货码是 6 位数字")])
def test_what_is_no_code_is_not_counted(
    client: Browser, session: Session, job: Job, typed: str, said: str
) -> None:
    answer = client.submit(f"/station/{job.id}/hand-out", {"code": typed})
    assert answer.status_code == 422
    assert said in answer.text
    session.expire_all()
    assert session.get_one(Kept, job.id).wrong_codes == 0


@pytest.mark.usefixtures("keeper")
def test_what_the_buyer_does_not_want_is_sent_back(client: Browser, session: Session, job: Job) -> None:
    assert client.submit(f"/station/{job.id}/send-back").status_code == 303
    session.expire_all()
    assert session.get_one(Kept, job.id).ended_by is KeptEnd.sent_back


def test_another_stations_keeper_gets_404_and_changes_nothing(
    client: Browser, session: Session, job: Job, now: datetime
) -> None:
    client.become(a_keeper(session, a_station(session, name="别处服务站"), now))
    for path in ("hand-out", "send-back"):
        answer = client.submit(f"/station/{job.id}/{path}", {"code": job.pickup_code})
        assert answer.status_code == 404
    session.expire_all()
    assert session.get_one(Kept, job.id).ended_at is None


def test_the_buyer_sees_where_until_when_and_her_code_and_signs_off(
    client: Browser, session: Session, buyer: Account, part: ShopOrder, job: Job, now: datetime
) -> None:
    client.become(buyer)
    page = client.get(f"/orders/{part.order_id}").text
    assert f'<b class="big code">{job.pickup_code}</b>' in page
    assert "大连村服务站" in page
    assert "等您凭取货码去取" in page
    assert client.submit(f"/orders/{part.order_id}/fetched/{part.id}").status_code == 303
    react(session, clock.now())
    session.expire_all()
    assert part.state is Fulfillment.delivered
    page = client.get(f"/orders/{part.order_id}").text
    assert "已取走" in page
    assert 'class="big code"' not in page


def test_only_the_buyer_signs_off(client: Browser, session: Session, part: ShopOrder, now: datetime) -> None:
    client.become(an_account(session, now))
    assert client.submit(f"/orders/{part.order_id}/fetched/{part.id}").status_code == 404
    session.expire_all()
    assert part.state is Fulfillment.at_station
