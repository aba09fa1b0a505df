"""The operator sees the photo beside what was declared, decides on certificates, and lifts an old recall."""

from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from market.catalog.certificates import CertificateDraft, declare_certificate
from market.catalog.declare_label import declare
from market.catalog.models import Listing
from market.catalog.recall import leave_zone
from market.catalog.zone import open_recall
from market.catalog.zone_rule import Scheme
from tests.builders.catalog import a_label_draft, a_listing, a_scan
from tests.builders.people import an_operator
from tests.builders.shops import a_shop
from tests.builders.web import Browser


@pytest.fixture
def operator(client: Browser, session: Session, now: datetime) -> Browser:
    client.become(an_operator(session, now))
    return client


@pytest.fixture
def fridge(session: Session, now: datetime) -> Listing:
    return a_listing(session, a_shop(session, now), now, category="fridge")


def test_the_photo_is_beside_the_figures_and_an_old_standard_is_warned_of(
    operator: Browser, session: Session, fridge: Listing, now: datetime
) -> None:
    label = declare(session, fridge.product, a_label_draft(standard_number="GB 12021.2-2015"), now)
    page = operator.get("/county/labels").text
    assert f'src="/county/scans/{label.scan_id}"' in page
    assert "GB 12021.2-2015 已在2026年6月1日" in page
    photo = operator.get(f"/county/scans/{label.scan_id}")
    assert (photo.status_code, photo.mimetype) == (200, "image/jpeg")
    assert photo.headers["Cache-Control"] == "private, no-store"


def test_another_countys_photo_is_not_found(
    client: Browser, session: Session, fridge: Listing, now: datetime
) -> None:
    label = declare(session, fridge.product, a_label_draft(standard_number="GB 12021.2-2015"), now)
    client.become(an_operator(session, now, "610728"))
    assert client.get(f"/county/scans/{label.scan_id}").status_code == 404


def test_a_certificate_is_verified_suspended_and_withdrawn(
    operator: Browser, session: Session, fridge: Listing, now: datetime
) -> None:
    draft = CertificateDraft(Scheme.china_green, "CGP-0001", "霁禾公司", "BCD 系列", date(2025, 1, 1))
    found = declare_certificate(session, fridge.shop_id, fridge.id, draft, a_scan(), now)
    path = f"/county/certificates/{found.id}"
    assert "CGP-0001" in operator.get("/county/certificates").text
    assert operator.submit(f"{path}/spaceship").status_code == 404
    for move, state in (("verify", "valid"), ("suspend", "suspended"), ("withdraw", "withdrawn")):
        assert operator.submit(f"{path}/{move}", {"reason": "抽检不合格"}).status_code == 303
        session.refresh(found)
        assert found.state == state
        badge = "绿色产品认证" in operator.get(f"/listing/{fridge.id}").text
        assert badge is (state == "valid")


def test_a_recall_from_before_there_were_pieces_can_be_lifted(
    operator: Browser, session: Session, fridge: Listing, now: datetime
) -> None:
    leave_zone(session, fridge.product_id, "漏电", an_operator(session, now).id, now)
    assert "召回中" in operator.get("/county/recalls").text
    path = f"/county/recalls/products/{fridge.product_id}/lift"
    assert operator.submit(path, {"reason": " "}).status_code == 422
    assert open_recall(session, fridge.product_id) is not None
    assert operator.submit(path, {"reason": "已换线"}).status_code == 303
    assert open_recall(session, fridge.product_id) is None
