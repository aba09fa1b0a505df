"""The shop's menu: groups, the pages of one's own group, and nothing that one may not open."""

import re
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from market.shops.apply import add_staff
from market.shops.models import ShopRole
from tests.builders.people import an_account
from tests.builders.shops import a_clerk, a_shop
from tests.builders.web import Browser

LINK = re.compile(r'<a href="(/[^"]*)"(?: aria-current="\w+")?>')


def shown(client: Browser, path: str) -> list[list[str]]:
    """The rows of the menu on a page."""
    menu = client.get(path).text.split('<nav class="door')[1].split("</nav>")[0]
    return [LINK.findall(row) for row in menu.split("<div")[1:]]


@pytest.fixture
def clerk(client: Browser, session: Session, now: datetime) -> Browser:
    client.become(a_clerk(session, a_shop(session, now), now))
    return client


def test_a_phone_shows_the_menu_in_two_rows(clerk: Browser) -> None:
    groups, pages = shown(clerk, "/shop/settlements")
    assert len(groups) == 5
    assert pages == ["/shop/settlements", "/shop/claims", "/shop/invoices", "/shop/trade-ins"]


def test_every_page_is_two_steps_away_and_opens(clerk: Browser) -> None:
    reached = {path for group in shown(clerk, "/shop/")[0] for path in shown(clerk, group)[1]}
    assert len(reached) == 20
    assert "/shop/people" not in reached
    assert [path for path in reached if clerk.get(path).status_code != 200] == []


def test_a_driver_sees_what_is_to_be_handed_over(client: Browser, session: Session, now: datetime) -> None:
    driver = an_account(session, now)
    add_staff(session, a_shop(session, now).id, driver.id, ShopRole.driver, now)
    client.become(driver)
    assert shown(client, "/shop/hand-over") == [["/shop/hand-over"]]
