"""A programme's next version: one writes it, another publishes it, nobody changes it afterwards."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, InternalError

from market.insights.replay import replay
from market.kernel.errors import NotFound, Refused
from market.ledger.queries import balance
from market.ledger.rules import pot as pot_account
from market.orders.models import PaymentMethod
from market.subsidies import audit, claim, draft, pots, queries
from market.subsidies.draft import DraftInput
from market.subsidies.models import Pot, ProgrammeRow, ProgrammeState
from market.subsidies.rules import Decision, Item, Reason
from tests.builders.life import react, two_listings
from tests.builders.orders import an_order
from tests.builders.people import an_account, an_operator
from tests.builders.places import a_county
from tests.builders.subsidies import GB_2026, a_funded_programme

COUNTY = "610924"
SECOND = "GB-2026:2"


@pytest.fixture
def operators(session, now):
    a_county(session, COUNTY)
    a_funded_programme(session, COUNTY, now, 1000_00)
    return an_operator(session, now).id, an_operator(session, now).id


def as_input(row, **changes):
    written = DraftInput(
        row.name_zh, row.name_en, row.valid_from, row.valid_to, deepcopy(row.rules), row.source, row.verified
    )
    return replace(written, **changes)


def paying(row, rate):
    """The rules with another rate for grade 1."""
    rules = deepcopy(row.rules)
    rules["rate_rules"][0]["rate"] = rate
    return as_input(row, rules=rules)


def published(session, operators, now, rate="0.20"):
    author, reviewer = operators
    row = draft.start_draft(session, COUNTY, author, GB_2026, now)
    draft.write_draft(session, COUNTY, author, row.id, paying(row, rate), now)
    return draft.publish_draft(session, COUNTY, reviewer, row.id, now)


def quoted(session, now, **item):
    [decision] = queries.quote(session, [Item("x", "tv", 1, 1, 3000_00)], COUNTY, None, now)
    return decision


def test_a_draft_is_a_copy_with_the_next_version_and_pays_nothing_yet(session, operators, now):
    row = draft.start_draft(session, COUNTY, operators[0], GB_2026, now)
    assert (row.id, row.state, row.county_code) == (SECOND, ProgrammeState.draft, COUNTY)
    assert draft.start_draft(session, COUNTY, operators[1], GB_2026, now).id == SECOND
    assert quoted(session, now).programme_id == GB_2026


def test_nobody_publishes_what_she_wrote(session, operators, now):
    author, reviewer = operators
    row = draft.start_draft(session, COUNTY, author, GB_2026, now)
    draft.write_draft(session, COUNTY, reviewer, row.id, paying(row, "0.20"), now)
    with pytest.raises(Refused) as refused:
        draft.publish_draft(session, COUNTY, reviewer, row.id, now)
    assert refused.value.code == "programme.own_draft"
    assert (row.state, row.published_by) == (ProgrammeState.draft, None)
    draft.publish_draft(session, COUNTY, author, row.id, now)
    assert (row.state, row.published_by) == (ProgrammeState.published, author)


def test_the_database_too_wants_four_eyes(session, operators, now):
    row = draft.start_draft(session, COUNTY, operators[0], GB_2026, now)
    row.published_by = operators[0]
    with pytest.raises(IntegrityError, match="four_eyes"):
        session.flush()


@pytest.mark.parametrize(
    "statement", ["UPDATE programmes SET name_zh = 'x'", "DELETE FROM programmes WHERE version = 1"]
)
def test_a_published_version_never_changes(session, operators, now, statement):
    with pytest.raises((InternalError, IntegrityError), match="never changed"):
        session.execute(text(statement))


def test_a_published_version_is_no_draft_any_more(session, operators, now):
    row = published(session, operators, now)
    for act in (
        lambda: draft.write_draft(session, COUNTY, operators[0], row.id, as_input(row), now),
        lambda: draft.publish_draft(session, COUNTY, operators[0], row.id, now),
        lambda: draft.drop_draft(session, COUNTY, row.id),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "programme.published"


def test_the_newest_published_version_counts_at_once_and_has_what_the_pot_has_left(session, operators, now):
    buyer = an_account(session, now).id
    claim.hold(session, Decision("tv", 3000_00, 450_00, 1, GB_2026), COUNTY, buyer, "tv", "order_line:1", now)
    published(session, operators, now)
    decision = quoted(session, now)
    assert (decision.amount_fen, decision.reason) == (0, Reason.pot_empty)  # 600.00 of the 550.00 left
    pots.top_up(session, COUNTY, SECOND, 50_00, "key", now)
    assert (quoted(session, now).programme_id, quoted(session, now).amount_fen) == (SECOND, 600_00)
    old, new = (session.get(Pot, (version, COUNTY), populate_existing=True) for version in (GB_2026, SECOND))
    assert (old.budget, old.held, new.budget, new.held) == (450_00, 450_00, 600_00, 0)
    assert balance(session, pot_account(SECOND, COUNTY)) == 600_00
    assert list(audit.breaks(session)) == []


def test_what_was_used_under_the_version_before_is_used(session, operators, now):
    buyer = an_account(session, now).id
    claim.hold(session, Decision("tv", 3000_00, 450_00, 1, GB_2026), COUNTY, buyer, "tv", "order_line:1", now)
    published(session, operators, now, "0.10")
    [decision] = queries.quote(session, [Item("x", "tv", 1, 1, 3000_00)], COUNTY, buyer, now)
    assert decision.reason is Reason.quota_used
    savepoint = session.begin_nested()
    with pytest.raises(Refused) as refused:
        claim.hold(
            session, Decision("x", 3000_00, 300_00, 1, SECOND), COUNTY, buyer, "tv", "order_line:2", now
        )
    savepoint.rollback()
    assert refused.value.code == "subsidy.quota_used"


def test_a_version_that_begins_later_takes_the_pot_over_when_it_begins(session, operators, now):
    author, reviewer = operators
    later = now + timedelta(days=3)
    row = draft.start_draft(session, COUNTY, author, GB_2026, now)
    draft.write_draft(session, COUNTY, author, row.id, replace(paying(row, "0.20"), valid_from=later), now)
    draft.publish_draft(session, COUNTY, reviewer, row.id, now)
    assert quoted(session, now).amount_fen == 450_00
    react(session, now)
    draft.begin_version(session, SECOND, later - timedelta(minutes=1))  # a message that came early
    assert quoted(session, now).amount_fen == 450_00
    react(session, later)
    assert (quoted(session, later).programme_id, quoted(session, later).amount_fen) == (SECOND, 600_00)
    draft.begin_version(session, SECOND, later)
    assert list(audit.breaks(session)) == []


def test_a_draft_is_its_county_s_alone(session, operators, now):
    row = draft.start_draft(session, COUNTY, operators[0], GB_2026, now)
    a_county(session, "610728")
    with pytest.raises(NotFound):
        queries.county_programme(session, "610728", row.id)
    with pytest.raises(NotFound):
        draft.publish_draft(session, "610728", operators[1], row.id, now)


def test_a_version_of_another_county_changes_nothing_here(session, operators, now):
    a_county(session, "610728")
    a_funded_programme(session, "610728", now)
    published(session, operators, now)
    [decision] = queries.quote(session, [Item("x", "tv", 1, 1, 3000_00)], "610728", None, now)
    assert (decision.programme_id, decision.amount_fen) == (GB_2026, 450_00)


def test_rules_that_cannot_be_read_are_refused_by_their_field(session, operators, now):
    row = draft.start_draft(session, COUNTY, operators[0], GB_2026, now)
    with pytest.raises(Refused) as refused:
        draft.write_draft(session, COUNTY, operators[0], row.id, paying(row, "2"), now)
    assert (refused.value.code, refused.value.values["where"]) == (
        "programme.unreadable",
        "rate_rules.0.rate",
    )
    assert row.rules["rate_rules"][0]["rate"] == "0.15"


def test_a_dropped_draft_is_gone(session, operators, now):
    row = draft.start_draft(session, COUNTY, operators[0], GB_2026, now)
    draft.drop_draft(session, COUNTY, row.id)
    assert session.get(ProgrammeRow, SECOND) is None


def test_the_treasury_gives_more_once_a_key(session, operators, now):
    for key in ("a", "a", "b"):
        pots.top_up(session, COUNTY, GB_2026, 100_00, key, now)
    assert session.get(Pot, (GB_2026, COUNTY), populate_existing=True).budget == 1200_00
    assert list(audit.breaks(session)) == []


def test_a_replay_says_what_last_month_s_orders_would_have_had(session, now):
    washer, _ = two_listings(session, now)
    author = an_operator(session, now).id
    first, second = an_account(session, now), an_account(session, now)
    an_order(session, first, [(washer, 1)], now - timedelta(days=40), PaymentMethod.cash, key="old")
    an_order(session, second, [(washer, 2)], now - timedelta(days=3), PaymentMethod.cash)
    row = draft.start_draft(session, COUNTY, author, GB_2026, now)
    draft.write_draft(session, COUNTY, author, row.id, paying(row, "0.20"), now)
    found = replay(session, COUNTY, row, now)
    assert [(c.quantity, c.before_fen, c.after_fen) for c in found.changes] == [(2, 389_85, 519_80)]
    assert (found.before_fen, found.after_fen, found.gainers, found.losers) == (389_85, 519_80, 1, 0)
    draft.write_draft(session, COUNTY, author, row.id, paying(row, "0.10"), now)
    found = replay(session, COUNTY, row, now)
    assert (found.after_fen, found.gainers, found.losers) == (259_90, 0, 1)
