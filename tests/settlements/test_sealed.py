"""No copy of the database says a bank number, and whoever reads one in the house is written down."""

import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from market import audit, migrate
from market.embedded import OWNER
from market.kernel.db import Base
from market.kernel.seal import Seal, SealBroken
from market.people.models import Account, DataAccess, ViewerRole, ViewPurpose
from market.privacy import sealed
from market.settlements.bank_account import SEAL_PURPOSE, change_bank_account
from market.settlements.models import BankFile, ShopBankAccount
from market.settlements.pay import approve, draw_up, make_bank_file
from market.settlements.rules import week_of
from market.shops.models import Shop
from tests.builders.life import COUNTY, react
from tests.builders.people import an_account
from tests.builders.shops import a_clerk, a_shop
from tests.builders.web import Browser
from tests.database import fresh_database
from tests.settlements.conftest import SEAL
from worker import chores

NUMBER = "6222000000000000001"
OLD, NEW = "tests-only-secret-key-of-40-characters-00", "another-secret-key-of-forty-characters-1"


@pytest.fixture
def file(session, banked, operators, now, later):
    react(session, later)
    sheet = draw_up(session, COUNTY, week_of(now + timedelta(days=7)), later)[0]
    for operator in operators:
        approve(session, COUNTY, operator, sheet.id, later)
    return make_bank_file(session, COUNTY, operators[0], SEAL, later)


@pytest.fixture
def later(now):
    return now + timedelta(days=14)


def everything(session: Session) -> bytes:
    """Every value of every table, text as it is and bytes as they are."""
    session.flush()
    found = io.BytesIO()
    for name in sorted(Base.metadata.tables):
        for row in session.execute(text(f"SELECT * FROM {name}")):
            for value in row:
                found.write(value if isinstance(value, bytes) else str(value).encode())
                found.write(b"\n")
    return found.getvalue()


def test_no_table_says_a_bank_number_in_clear(session, file):
    copy = everything(session)
    assert NUMBER.encode() not in copy
    assert b"0001" in copy  # the tail: this looked into the right tables
    rows = list(csv.reader(io.StringIO(SEAL.open(file.content_sealed).removeprefix("\ufeff"))))
    assert [row[3] for row in rows[1:-1]] == [f"\t{NUMBER}"]


def test_the_database_takes_no_number_that_is_not_sealed(session, banked):
    with pytest.raises(IntegrityError, match="number_sealed"):
        session.execute(text("UPDATE shop_bank_accounts SET number_sealed = '6222000000000000001'"))


def test_the_same_number_written_again_needs_no_new_confirmation_and_another_does(session, banked, now):
    clerk = an_account(session, now).id
    same = change_bank_account(session, banked.shop_id, "青禾电器行", "某银行", NUMBER, clerk, SEAL, now)
    assert same.confirmed_at == now
    typed = ("青禾电器行", "某银行", "6222000000000000002")
    other = change_bank_account(session, banked.shop_id, *typed, clerk, SEAL, now)
    assert (other.confirmed_at, other.tail, SEAL.open(other.number_sealed)) == (None, "0002", typed[2])


def test_pages_show_the_last_four_and_who_reads_the_whole_number_is_written_down(
    app, session, banked, file, operators, now
):
    banked.confirmed_at = banked.confirmed_by_id = None
    shop, writer = session.get_one(Shop, banked.shop_id), banked.changed_by_id
    session.commit()
    seen, clerk = Browser(app), Browser(app)
    seen.become(session.get_one(Account, operators[0]))
    clerk.become(a_clerk(session, shop, now))
    for browser, page in ((seen, "/county/settlements"), (clerk, "/shop/settlements")):
        shown = browser.get(page).text
        assert (NUMBER in shown, "**** 0001" in shown) == (False, True)
    assert session.scalars(select(DataAccess)).all() == []

    for _ in range(2):
        assert NUMBER in seen.get(f"/county/settlements/accounts/{shop.id}").text
        assert NUMBER in seen.get(f"/county/settlements/bank-files/{file.id}.csv").text
    rows = session.scalars(select(DataAccess).order_by(DataAccess.reference)).all()
    assert {(row.account_id, row.viewer_id, row.role, row.purpose) for row in rows} == {
        (writer, operators[0], ViewerRole.county, ViewPurpose.settlement)
    }
    assert [row.reference for row in rows] == [f"bank-{COUNTY}-{file.number}", f"bank:{shop.id}"]


def test_a_shop_that_is_not_the_countys_has_no_number_here(app, session, banked, operators, now):
    seen = Browser(app)
    seen.become(session.get_one(Account, operators[0]))
    assert seen.get("/county/settlements/accounts/00000000-0000-7000-8000-000000000000").status_code == 404
    assert clerk_sees_nothing(app, session, banked, now) == 404


def clerk_sees_nothing(app, session, banked, now) -> int:
    clerk = Browser(app)
    clerk.become(a_clerk(session, session.get_one(Shop, banked.shop_id), now))
    return clerk.get(f"/county/settlements/accounts/{banked.shop_id}").status_code


def test_after_a_night_with_a_new_key_the_old_one_may_go(session, banked, file, now):
    both = [NEW, OLD]
    for column in sealed.SEALED:
        seal = Seal(both, column.purpose)
        rows = sealed.stale(session, column, seal)
        assert sealed.renew(session, column, rows, seal) == len(rows)
        assert sealed.renew(session, column, rows, seal) == 0
        assert sealed.stale(session, column, seal) == []
    alone = Seal([NEW], SEAL_PURPOSE)
    session.refresh(banked)
    assert alone.open(banked.number_sealed) == NUMBER
    with pytest.raises(SealBroken):
        SEAL.open(banked.number_sealed)
    assert audit.run(session, now, [NEW]) == audit.run(session, now)
    lost = [it.detail for it in audit.run(session, now, [OLD]) if it.book in ("seals", "bank files")]
    assert lost == [
        f"shop_bank_accounts.number_sealed of {banked.shop_id} is opened by none of the known keys",
        f"bank_files.content_sealed of {file.id} is opened by none of the known keys",
        f"bank file {file.number} of {COUNTY} is not what was made",
    ]


def test_a_night_that_was_cut_off_goes_on_and_leaves_what_no_key_opens(fresh_engine, now, monkeypatch):
    monkeypatch.setattr(sealed, "AT_ONCE", 2)
    with Session(fresh_engine) as session:
        shops = [a_shop(session, now) for _ in range(5)]
        for shop, key in zip(shops, (OLD, OLD, "a lost key", OLD, OLD), strict=True):
            seal, clerk = Seal([key], SEAL_PURPOSE), an_account(session, now).id
            change_bank_account(session, shop.id, "店", "行", NUMBER, clerk, seal, now)
        lost = shops[2].id
        session.commit()
    renew, calls = sealed.renew, []

    def dying(session, *rest):
        calls.append(renew(session, *rest))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return calls[-1]

    monkeypatch.setattr(sealed, "renew", dying)
    with pytest.raises(KeyboardInterrupt):
        chores.renew_seals(fresh_engine, [NEW, OLD])
    monkeypatch.setattr(sealed, "renew", renew)
    assert [chores.renew_seals(fresh_engine, [NEW, OLD]) for _ in range(2)] == [4 - calls[0], 0]
    with Session(fresh_engine) as session:
        left = list(sealed.unreadable(session, [NEW]))
        assert [line.partition(" is ")[0] for line in left] == [f"shop_bank_accounts.number_sealed of {lost}"]


def test_the_migration_seals_what_is_there_and_opens_it_on_the_way_back(postgres, now, monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", OLD)
    monkeypatch.setenv("MARKET_DATA", str(tmp_path))
    monkeypatch.setenv("MARKET_ENV", "test")
    with fresh_database(postgres) as own:
        with Session(own) as session:
            shop, clerk = a_shop(session, now), an_account(session, now).id
            change_bank_account(session, shop.id, "店", "行", NUMBER, clerk, SEAL, now)
            session.add(
                BankFile(
                    county_code=COUNTY, number=1, content_sealed=SEAL.close("\ufeff序号\r\n"), sha256="",
                    transfers=1, sum_fen=1, made_by_id=clerk, made_at=now,
                )
            )  # fmt: skip
            session.commit()
        url = postgres.url(OWNER, own.url.database or "")
        migrate.downgrade(url, "0027")
        with own.connect() as connection:
            assert connection.scalar(text("SELECT number FROM shop_bank_accounts")) == NUMBER
            assert connection.scalar(text("SELECT content FROM bank_files")) == "\ufeff序号\r\n".encode()
        monkeypatch.delenv("SECRET_KEY")
        with pytest.raises(RuntimeError, match="set SECRET_KEY"):
            migrate.upgrade(url)
        monkeypatch.setenv("SECRET_KEY", OLD)
        migrate.upgrade(url)
        with Session(own) as session:
            account = session.scalars(select(ShopBankAccount)).one()
            assert (SEAL.open(account.number_sealed), account.tail) == (NUMBER, "0001")
            assert SEAL.open(session.scalars(select(BankFile.content_sealed)).one()) == "\ufeff序号\r\n"
