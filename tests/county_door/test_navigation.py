"""The desk's navigation: a group at a time, and where one is."""

import re
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from tests.builders.claims import an_auditor
from tests.builders.people import an_operator
from tests.builders.places import a_county
from tests.builders.subsidies import a_funded_programme
from tests.builders.web import Browser

LINK = re.compile(r'<a href="(/county/[^"]*)"(?: aria-current="(\w+)")?>')


def shown(client: Browser, path: str) -> dict[str, str]:
    """The navigation's links on a page, each with what aria-current says."""
    nav = client.get(path).text.split('<nav class="door')[1].split("</nav>")[0]
    return dict(LINK.findall(nav))


@pytest.fixture
def operator(client: Browser, session: Session, now: datetime) -> Browser:
    client.become(an_operator(session, now))
    return client


def test_a_page_shows_the_groups_and_the_pages_of_its_own(operator: Browser) -> None:
    assert shown(operator, "/county/settlements") == {
        "/county/": "",
        "/county/cash": "",
        "/county/returns": "",
        "/county/programmes": "",
        "/county/labels": "",
        "/county/appeals": "",
        "/county/recyclers": "",
        "/county/refunds": "",
        "/county/settlements": "page",
        "/county/statements": "",
        "/county/invoices": "",
        "/county/points": "",
    }


def test_the_first_page_is_in_the_first_group(operator: Browser) -> None:
    links = shown(operator, "/county/")
    assert links["/county/"] == "page"
    assert {"/county/hub", "/county/batches", "/county/vehicles", "/county/stations"} < set(links)


def test_every_page_can_be_reached_in_two_steps(operator: Browser) -> None:
    groups = shown(operator, "/county/")
    reached = {path for group in groups for path in shown(operator, group)}
    assert len(reached) == 37


def test_an_auditor_sees_the_claims_and_no_groups(client: Browser, session: Session, now: datetime) -> None:
    a_county(session, "610924")
    client.become(an_auditor(session, now))
    assert shown(client, "/county/claims") == {"/county/claims": "page"}


def test_a_page_below_another_marks_it(operator: Browser, session: Session, now: datetime) -> None:
    programme_id = a_funded_programme(session, "610924", now)
    assert shown(operator, f"/county/programmes/{programme_id}")["/county/claims"] == ""
    assert shown(operator, f"/county/programmes/{programme_id}")["/county/programmes"] == "true"
