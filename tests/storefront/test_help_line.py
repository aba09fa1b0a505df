"""The telephone number at the foot of the page is that of one's own county."""

from datetime import datetime

from flask import Flask
from sqlalchemy.orm import Session

from market.places.models import County
from tests.builders.people import an_account, an_address
from tests.builders.places import a_county
from tests.builders.web import Browser


def test_it_is_the_county_one_picked_else_ones_own_else_the_first(
    app: Flask, session: Session, now: datetime
) -> None:
    for code in ("610924", "610728"):
        a_county(session, code)
    first, second = (session.get_one(County, code) for code in ("610728", "610924"))
    first.phone, second.phone = "09160000001", "09150000002"
    session.flush()
    browser = Browser(app)
    assert first.phone in browser.get("/zone").text
    buyer = an_account(session, now)
    assert an_address(session, buyer, now).county_code == second.code
    browser.become(buyer)
    assert second.phone in browser.get("/zone").text
    browser.submit("/region", {"county": first.code, "next": "/zone"})
    assert first.phone in browser.get("/zone").text
