import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import Session

from market.embedded import OWNER
from market.kernel.ids import new_id
from market.ledger import audit
from market.ledger.models import Entry, Posting
from market.ledger.post import hold, post, post_hold, reverse, void_hold
from market.ledger.queries import balance, held
from market.ledger.rules import (
    BANK,
    COMMISSION,
    POINTS_COST,
    POINTS_PROGRAMME,
    STRIPE_CLEARING,
    Line,
    credit,
    debit,
    well_formed,
)
from tests.builders.life import at_once

SALE = [debit(STRIPE_CLEARING, 500), credit(COMMISSION, 500)]


def entries(session):
    return session.scalar(select(func.count()).select_from(Entry))


def test_an_entry_moves_both_of_its_accounts(session, now):
    assert post(session, "sale", "order:1", "k", SALE, now)
    assert (balance(session, STRIPE_CLEARING), balance(session, COMMISSION)) == (500, 500)


def test_the_same_key_is_one_entry(session, now):
    assert post(session, "sale", "order:1", "k", SALE, now)
    assert not post(session, "sale", "order:1", "k", SALE, now)
    assert (entries(session), balance(session, COMMISSION)) == (1, 500)


def test_an_unbalanced_entry_is_refused_before_it_is_written(session, now):
    with pytest.raises(ValueError, match="does not balance"):
        post(session, "sale", "order:1", "k", [debit(BANK, 500), credit(COMMISSION, 499)], now)
    assert entries(session) == 0


def test_yuan_never_balance_points(session, now):
    with pytest.raises(ValueError, match="does not balance"):
        post(session, "sale", "order:1", "k", [debit(BANK, 5), credit(POINTS_PROGRAMME, 5)], now)
    assert entries(session) == 0


def test_postgresql_refuses_what_the_code_did_not_catch(session, now):
    post(session, "sale", "order:1", "k", SALE, now)
    entry_id = session.scalar(select(Entry.id))
    session.add(Posting(entry_id=entry_id, line=2, account_code=COMMISSION.code, amount=-1))
    session.flush()
    with pytest.raises(IntegrityError, match=f"ledger entry {entry_id} is off by -1 CNY"):
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def test_a_hold_counts_in_no_balance_until_it_is_posted(session, now):
    hold(session, "claim", "line:1", "h", SALE, now)
    assert (balance(session, COMMISSION), held(session, STRIPE_CLEARING)) == (0, -500)
    assert post_hold(session, "h", now)
    assert (balance(session, COMMISSION), held(session, STRIPE_CLEARING)) == (500, 0)


def test_a_hold_is_resolved_once(session, now):
    hold(session, "claim", "line:1", "h", SALE, now)
    assert void_hold(session, "h", now)
    assert not post_hold(session, "h", now)
    assert not void_hold(session, "h", now)
    assert (balance(session, COMMISSION), held(session, STRIPE_CLEARING)) == (0, 0)


def test_the_same_hold_asked_for_twice_is_one(session, now):
    first = hold(session, "claim", "line:1", "h", SALE, now)
    assert hold(session, "claim", "line:1", "h", SALE, now) == first
    assert entries(session) == 1


def test_an_entry_without_postings_is_refused_at_commit(session, now):
    session.execute(
        insert(Entry).values(
            id=new_id(),
            kind="sale",
            reference="order:1",
            key="k",
            phase="posted",
            occurred_at=now,
            created_at=now,
        )
    )
    with pytest.raises(IntegrityError, match="has no postings"):
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


def test_a_mistake_is_undone_by_its_mirror_image_once(session, now):
    post(session, "sale", "order:1", "k", SALE, now)
    assert reverse(session, "k", now)
    assert not reverse(session, "k", now)
    assert (balance(session, STRIPE_CLEARING), balance(session, COMMISSION), entries(session)) == (0, 0, 2)
    with pytest.raises(NoResultFound):
        reverse(session, "unknown", now)
    assert list(audit.breaks(session)) == []


@pytest.mark.race
def test_of_twenty_that_post_or_let_go_of_one_hold_at_once_one_does(fresh_engine, now):
    with Session(fresh_engine) as own, own.begin():
        hold(own, "claim", "line:1", "h", SALE, now)
    done = []

    def resolve(own, number):
        done.append((post_hold if number % 2 else void_hold)(own, "h", now))

    assert at_once(fresh_engine, 20, resolve) == {"done": 20}
    assert done.count(True) == 1
    with Session(fresh_engine) as own:
        assert held(own, STRIPE_CLEARING) == 0
        assert list(audit.breaks(own)) == []


def test_a_hold_that_posted_something_else_is_a_break(postgres, fresh_engine, now):
    with Session(fresh_engine) as own, own.begin():
        hold(own, "claim", "line:1", "h", SALE, now)
        post_hold(own, "h", now)
        posted = own.scalar(select(Entry.id).where(Entry.phase == "posted"))
    owner = create_engine(postgres.url(OWNER, fresh_engine.url.database))
    with owner.begin() as connection:
        halved = update(Posting).where(Posting.entry_id == posted).values(amount=Posting.amount // 2)
        connection.execute(halved)
    owner.dispose()
    with Session(fresh_engine) as own:
        assert set(audit.breaks(own)) == {f"ledger entry {posted} posted something else than was held"}


@pytest.fixture
def spoiled(postgres, fresh_engine, now):
    """Post a sale, spoil the book by hand as only the database's owner can, and audit it."""

    def spoil(statement):
        with Session(fresh_engine) as own, own.begin():
            post(own, "sale", "order:1", "k", SALE, now)
        owner = create_engine(postgres.url(OWNER, fresh_engine.url.database))
        with owner.begin() as connection:
            connection.execute(statement)
        owner.dispose()
        with Session(fresh_engine) as own:
            return own.scalar(select(Entry.id)), list(audit.breaks(own))

    return spoil


def test_a_clean_book_has_no_breaks(session, now):
    post(session, "sale", "order:1", "k", SALE, now)
    assert list(audit.breaks(session)) == []


def test_a_lost_posting_is_a_break(spoiled):
    entry_id, found = spoiled(delete(Posting).where(Posting.line == 0))
    assert found == [
        f"ledger entry {entry_id} is off by -500 CNY",
        f"ledger entry {entry_id} has lost a posting",
    ]


def test_an_entry_that_lost_all_its_postings_is_a_break(spoiled):
    entry_id, found = spoiled(delete(Posting))
    assert found == [f"ledger entry {entry_id} has no postings"]


def test_the_audit_view_shows_posted_value_only(session, now):
    post(session, "sale", "order:1", "k", SALE, now)
    hold(session, "claim", "line:1", "h", SALE, now)
    shown = session.execute(
        text("SELECT account, unit, amount, reference FROM audit_postings ORDER BY amount")
    )
    assert [tuple(row) for row in shown] == [
        ("commission", "CNY", -500, "order:1"),
        ("stripe:clearing", "CNY", 500, "order:1"),
    ]


ACCOUNTS = st.sampled_from([BANK, COMMISSION, POINTS_COST, STRIPE_CLEARING])


@given(st.lists(st.builds(Line, ACCOUNTS, st.integers(-1000, 1000)), max_size=6))
def test_well_formed_lines_sum_to_zero_and_none_is_zero(lines):
    total = sum(line.amount for line in lines)
    if total:
        with pytest.raises(ValueError, match="does not balance"):
            well_formed(lines)
    else:
        kept = well_formed(lines)
        assert sum(line.amount for line in kept) == 0
        assert all(line.amount for line in kept)
