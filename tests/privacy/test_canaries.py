"""Names, numbers and doors that sing: after real use they turn up where they may, and nowhere else."""

import io
import logging
import re
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from market.credit.models import Review
from market.kernel.db import Base, db
from market.kernel.ids import new_id
from market.kernel.outbox import OutboxRow, OutboxState
from market.kernel.seal import Seal
from market.people.models import Account, Address, DataAccess
from market.people.register import register
from market.recycling import choose, send_in
from market.settlements.bank_account import SEAL_PURPOSE, change_bank_account
from market.shops.models import Shop
from market.subsidies.real_name import check_name
from market.web.logs import Redacting
from market.web.routes import routes
from tests.builders.aftersales import asked
from tests.builders.claims import an_auditor
from tests.builders.delivery import a_courier
from tests.builders.life import COUNTY, delivered, two_listings
from tests.builders.mail_in import a_quoted_phone
from tests.builders.orders import an_order
from tests.builders.people import PASSWORD, an_account, an_operator, written_address
from tests.builders.recycling import a_recycler, a_recycler_clerk
from tests.builders.shops import a_clerk, a_shop
from tests.builders.web import Browser
from tests.stateful.people_rows import ROWS
from worker.work import work

NAME, PHONE, DOOR = "金丝雀秀", "13987654321", "金丝雀巷 7 号"
ID_NUMBER, HER_BANK, SHOP_BANK = "61092419580312002X", "6217000199887766554", "6222000199887766001"
WHO = (NAME, PHONE, DOOR)
SEALED = (ID_NUMBER, HER_BANK, SHOP_BANK)
_LINKS = re.compile(r'(?:href|src|action|formaction)="([^"]*)"')
_ARGUMENT = re.compile(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>")
MOST_ROWS = 2


@dataclass
class Life:
    """The person, whoever had to do with her, and who had nothing to."""

    her: Account
    near: dict[str, Account]
    far: dict[str, Account]
    log: io.StringIO = field(default_factory=io.StringIO)


@pytest.fixture
def life(app: Flask, session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Life:
    """A washer and a cooker bought, brought, reviewed and claimed for; one comes back, a phone goes in."""
    keys = [app.config["SECRET_KEY"]]
    her = register(session, PHONE, NAME, PASSWORD, now)
    written = written_address(session, recipient_name=NAME, phone=PHONE, detail=DOOR)
    monkeypatch.setattr("tests.builders.people.written_address", lambda *_args: written)
    check_name(session, her, NAME, ID_NUMBER, True, Seal(keys, "real_name"), now)
    washer, cooker = two_listings(session, now)
    courier = a_courier(session, now, COUNTY)
    first = an_order(session, her, [(washer, 1), (cooker, 1)], now)
    delivered(session, courier, first, now)
    line = first.shop_orders[0].lines[0]
    session.add(
        Review(
            id=new_id(), author_id=her.id, shop_id=washer.shop_id, reference=f"order_line:{line.id}", stars=4,
            text="好用", created_at=now,
        )
    )  # fmt: skip
    session.flush()
    asked(session, line, now)
    an_order(session, her, [(washer, 1)], now, key="second")
    recycler = a_recycler(session, now)
    phone = a_quoted_phone(session, her, now)
    bank = Seal(keys, choose.SEAL_PURPOSE)
    choose.choose_yuan(session, her.id, phone.id, NAME, "信用社", HER_BANK, bank)
    send_in.accept_quote(session, her.id, phone.id, now)
    near = {
        "operator": an_operator(session, now),
        "auditor": an_auditor(session, now),
        "clerk": a_clerk(session, session.get_one(Shop, washer.shop_id), now),
        "courier": session.get_one(Account, courier.account_id),
        "recycler": a_recycler_clerk(session, recycler, now),
    }
    banks = (washer.shop_id, "青禾电器行", "某银行", SHOP_BANK)
    change_bank_account(session, *banks, near["clerk"].id, Seal(keys, SEAL_PURPOSE), now)
    far = {
        "neighbor": an_account(session, now),
        "other shop": a_clerk(session, a_shop(session, now), now),
        "other county": an_operator(session, now, "610728"),
        "other courier": session.get_one(Account, a_courier(session, now, "610728").account_id),
    }
    session.commit()
    found = Life(her, near, far)
    handler = logging.StreamHandler(found.log)
    handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(request_id)s %(name)s %(message)s"))
    logging.getLogger().addHandler(handler)
    monkeypatch.setattr(logging.getLogger("market"), "propagate", True)
    yield found
    logging.getLogger().removeHandler(handler)


def paths(app: Flask, session: Session) -> list[str]:
    """Every page's address, once with each of the newest rows that its name can stand for."""
    ids: dict[str, list[str]] = {}
    for name, (tables, id_, *_owners) in ROWS.items():
        found = session.scalars(text(f"SELECT {id_}::text FROM {tables} ORDER BY 1 DESC LIMIT {MOST_ROWS}"))
        ids.setdefault(name.partition(" ")[0], []).extend(found)
    told = []
    for route in routes(app):
        if "GET" not in route.methods or route.path.startswith("/static"):
            continue
        names = [it[2] for it in _ARGUMENT.finditer(route.path) if it[1] == "uuid"]
        for chosen in ids.get(names[0], []) if names else [""]:
            path = _ARGUMENT.sub(
                lambda it, own=chosen, first=names[:1]: _fill(it, own, first, ids), route.path
            )
            told.append(path)
    return told


def _fill(found: re.Match[str], own: str, first: list[str], ids: dict[str, list[str]]) -> str:
    if found[1] == "uuid":
        return own if [found[2]] == first else next(iter(ids.get(found[2], [])), str(new_id()))
    return "1" if found[1] == "int" else "washer" if "category" in found[2] else "x"


def seen(app: Flask, session: Session, account: Account | None) -> dict[str, set[str]]:
    """By page, which canaries somebody reads there; fails where an address spells one."""
    browser = Browser(app)
    if account is not None:
        browser.become(account)
    found: dict[str, set[str]] = {}
    for path in paths(app, session):
        session.execute(delete(DataAccess))
        answer = browser.get(path)
        session.expire_all()
        page = unescape(answer.get_data(as_text=True)) if answer.mimetype.startswith("text") else ""
        links = [it for it in _LINKS.findall(page) if not it.startswith("tel:")]
        links.append(answer.headers.get("Location", ""))
        assert not [it for it in links if any(word in unescape(it) for word in WHO + SEALED)], path
        here = {word for word in WHO + SEALED if word in page}
        noted = (
            account
            and session.scalars(select(DataAccess.id).where(DataAccess.viewer_id == account.id)).first()
        )
        if here:
            found[f"{path}{'' if noted else ' (unnoted)'}"] = here
    return found


def test_who_has_nothing_to_do_with_her_reads_nothing_of_her(
    app: Flask, session: Session, life: Life
) -> None:
    everybody = {None: None, **life.far}
    assert {who: seen(app, session, account) for who, account in everybody.items()} == {
        who: {} for who in everybody
    }
    assert_log_is_silent(life)


def test_who_has_to_know_reads_it_and_is_written_down(app: Flask, session: Session, life: Life) -> None:
    found = {who: seen(app, session, account) for who, account in life.near.items()}
    pages = {f"{who} {path}": words for who, those in found.items() for path, words in those.items()}
    assert [page for page in pages if page.endswith("(unnoted)")] == []
    # A shop reads her name on papers alone; on the order it is masked.
    assert {re.split(r"[/.]", path)[2] for path in found["clerk"]} == {"claims", "invoices"}
    assert found["recycler"] == {}
    assert {page: words for page, words in pages.items() if ID_NUMBER in words} == {}
    whole = {
        page.partition("/")[2].rpartition("/")[0]
        for page, its in pages.items()
        if its & {SHOP_BANK, HER_BANK}
    }
    assert whole <= {"county/settlements/accounts", "county"}
    assert_log_is_silent(life)


def test_what_is_sealed_is_nowhere_in_clear(app: Flask, session: Session, life: Life) -> None:
    browser = Browser(app)
    browser.become(life.her)
    assert NAME in browser.get("/account/data").text
    taken = browser.get("/account/data.json").text
    assert [number in taken for number in SEALED] == [False] * 3
    for name in sorted(Base.metadata.tables):
        for row in session.execute(text(f"SELECT * FROM {name}")):
            for value in row:
                told = value if isinstance(value, bytes) else str(value).encode()
                assert [it for it in SEALED if it.encode() in told] == [], name
    assert_log_is_silent(life)


def test_an_error_says_nothing_of_her_on_the_page_in_the_log_or_in_the_outbox(
    app: Flask, session: Session, life: Life, now: datetime
) -> None:
    def break_a_rule(broken: Session) -> str:
        with broken.begin_nested():
            broken.execute(text("UPDATE accounts SET locale = 'xx' WHERE id = :id"), {"id": life.her.id})
        return ""

    app.add_url_rule("/broken", "broken", lambda: break_a_rule(db.session()))
    browser = Browser(app)
    browser.become(life.far["neighbor"])
    her_door = session.scalars(select(Address.id).where(Address.account_id == life.her.id)).first()
    row = OutboxRow(
        id=new_id(), kind="orders.paid", payload={}, state=OutboxState.pending, attempts=0, due_at=now,
        created_at=now, dedupe_key="canary",
    )  # fmt: skip
    session.add(row)
    session.commit()
    answers = {
        500: browser.get("/broken"),
        404: browser.get(f"/account/addresses/{her_door}"),
        400: browser.post("/account/profile", data={"name": NAME}),
        422: browser.submit("/shop/settlements/account", {"number": SHOP_BANK}),
    }
    assert [answers[500].status_code, answers[404].status_code, answers[400].status_code] == [500, 404, 400]
    assert [word for it in answers.values() for word in WHO + SEALED if word in it.text] == []

    def refused(own: Session, _payload: object, _now: datetime) -> None:
        break_a_rule(own)

    with pytest.raises(IntegrityError, match=NAME):
        break_a_rule(session)  # the database does say it
    work(session, row.id, {"orders.paid": (refused,)}, now)
    assert row.last_error is not None
    assert "IntegrityError" in row.last_error
    assert NAME not in row.last_error
    assert "IntegrityError" in life.log.getvalue()
    assert_log_is_silent(life)


def assert_log_is_silent(life: Life) -> None:
    told = life.log.getvalue()
    assert told
    assert [word for word in WHO + SEALED if word in told] == []
