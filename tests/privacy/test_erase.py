"""An account ends: nothing says who it was, everything else stays, and every book balances."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from market.credit.models import Review
from market.delivery.models import CourierEvent, Job, Proof
from market.groups.join import leave
from market.kernel.errors import Refused
from market.kernel.ids import new_id
from market.kernel.seal import Seal
from market.notices.models import Notice
from market.orders.models import Order
from market.payments.models import Refund, RefundState
from market.people.models import Account, AccountSession, AccountState, Address, Consent, DataAccess, Purpose
from market.people.register import register
from market.people.sign_in import sign_in
from market.privacy import sealed
from market.privacy.data_map import BY_NAME
from market.privacy.erase import erase, purge
from market.privacy.export import copy_of
from market.privacy.holding import Basis
from market.subsidies.coupon_models import RealName
from market.subsidies.models import Claim, ClaimState
from market.subsidies.real_name import check_name, forget_name
from tests.builders.catalog import a_listing
from tests.builders.delivery import a_courier
from tests.builders.dump import dump, where_it_says
from tests.builders.groups import a_group, a_place
from tests.builders.life import COUNTY, clean, delivered, react, two_listings
from tests.builders.orders import an_order
from tests.builders.people import PASSWORD, an_account, an_address, written_address
from tests.builders.shops import a_clerk, a_shop

NAME, PHONE, DOOR = "金丝雀秀", "13987654321", "金丝雀巷 7 号"
ID_NUMBER = "61092419580312002X"
SEAL = Seal(["a key of thirty-two characters!!"], "real_name")


@pytest.fixture
def buyer(session: Session, now: datetime) -> Account:
    """Somebody whose name, number and door are found wherever they are written."""
    account = register(session, PHONE, NAME, PASSWORD, now)
    sign_in(session, PHONE, PASSWORD, "a browser", now)
    return account


def a_delivered_order(
    session: Session, buyer: Account, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> Order:
    """A washer with subsidy and a cooker of hers, brought to her door."""
    written = written_address(session, recipient_name=NAME, phone=PHONE, detail=DOOR)
    monkeypatch.setattr("tests.builders.people.written_address", lambda *_args: written)
    washer, cooker = two_listings(session, now)
    order = an_order(session, buyer, [(washer, 1), (cooker, 1)], now)
    delivered(session, a_courier(session, now, COUNTY), order, now)
    session.execute(update(Claim).values(state=ClaimState.paid_out))
    return order


def later(now: datetime, days: int = 30) -> datetime:
    return now + timedelta(days=days)


def test_after_erasing_only_tax_and_subsidy_papers_say_who_it_was_and_the_books_balance(
    session: Session, now: datetime, buyer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = a_delivered_order(session, buyer, now, monkeypatch)
    before = where_it_says(session, NAME, PHONE, DOOR)
    assert before >= {"accounts", "addresses", "jobs", "orders"}
    was_clean = clean(session, now)

    erase(session, buyer, PASSWORD, later(now))

    assert where_it_says(session, NAME, PHONE, DOOR) == {"claim_evidence", "claims", "invoices"}
    assert {BY_NAME[name].basis for name in ("claim_evidence", "claims", "invoices")} == {
        Basis.subsidy,
        Basis.tax,
    }
    assert clean(session, now) == was_clean
    session.refresh(order)
    assert order.total_fen == order.payable_fen + order.subsidy_fen
    assert order.address["village_code"] == "610924103204"
    assert session.get_one(Account, buyer.id).state is AccountState.closed
    assert session.scalars(select(AccountSession).where(AccountSession.account_id == buyer.id)).all() == []
    standing = select(Consent).where(Consent.account_id == buyer.id, Consent.withdrawn_at.is_(None))
    assert session.scalars(standing).all() == []


def test_the_number_is_free_at_once_and_the_new_account_inherits_nothing(
    session: Session, now: datetime, buyer: Account
) -> None:
    erase(session, buyer, PASSWORD, now)
    anew = register(session, PHONE, NAME, PASSWORD, now)
    held = copy_of(session, anew.id, now)["holdings"]
    assert set(held) <= {"accounts", "consents"}
    assert sign_in(session, PHONE, PASSWORD, "", now).account.id == anew.id


def test_erasing_one_leaves_every_row_of_another_as_it_was(
    session: Session, now: datetime, buyer: Account
) -> None:
    other = an_account(session, now)
    an_address(session, other, now)
    an_address(session, buyer, now)
    rows = copy_of(session, other.id, now)
    erase(session, buyer, PASSWORD, now)
    assert copy_of(session, other.id, now) == rows


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda session, order: None, "privacy.order"),
        (lambda session, order: session.execute(update(Order).values(state="canceled")), "privacy.claim"),
    ],
)
def test_an_account_with_something_under_way_is_refused_and_nothing_changes(
    session: Session, now: datetime, buyer: Account, spoil, code: str
) -> None:
    washer, _ = two_listings(session, now)
    order = an_order(session, buyer, [(washer, 1)], now)
    spoil(session, order)
    rows = dump(session)
    with pytest.raises(Refused) as refused:
        erase(session, buyer, PASSWORD, now)
    assert refused.value.code == code
    assert dump(session) == rows


def test_who_works_here_cannot_end_the_account_first(session: Session, now: datetime) -> None:
    clerk = a_clerk(session, a_shop(session, now), now)
    with pytest.raises(Refused, match="works_here"):
        erase(session, clerk, PASSWORD, now)


def test_a_wrong_password_ends_nothing(session: Session, now: datetime, buyer: Account) -> None:
    rows = dump(session)
    with pytest.raises(Refused) as refused:
        erase(session, buyer, "not-the-password-1", now)
    assert (refused.value.code, refused.value.field) == ("people.wrong_password", "password")
    assert dump(session) == rows


def test_a_review_stays_without_its_writer_s_name(session: Session, now: datetime, buyer: Account) -> None:
    shop = a_shop(session, now)
    session.add(
        Review(
            id=new_id(), author_id=buyer.id, shop_id=shop.id, reference="order_line:1", stars=5, text="好用",
            created_at=now,
        )
    )  # fmt: skip
    erase(session, buyer, PASSWORD, now)
    assert session.scalars(select(Review.text)).all() == ["好用"]
    assert session.get_one(Account, buyer.id).name == "—"


def test_a_number_that_drew_a_subsidy_cannot_draw_it_again_through_a_new_account(
    session: Session, now: datetime, buyer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_name(session, buyer, NAME, ID_NUMBER, True, SEAL, now)
    a_delivered_order(session, buyer, now, monkeypatch)
    erase(session, buyer, PASSWORD, later(now))
    left = session.get_one(RealName, buyer.id)
    assert (left.name, left.masked, left.sealed) == ("", "", "")
    anew = register(session, PHONE, NAME, PASSWORD, now)
    with pytest.raises(Refused) as refused:
        check_name(session, anew, NAME, ID_NUMBER, True, SEAL, now)
    assert refused.value.code == "subsidy.id_taken"
    assert sealed.stale(session, sealed.SEALED[0], Seal(["a new key"], "real_name")) == []


def test_a_number_taken_back_before_it_drew_anything_is_gone(
    session: Session, now: datetime, buyer: Account
) -> None:
    check_name(session, buyer, NAME, ID_NUMBER, True, SEAL, now)
    forget_name(session, buyer.id, now)
    assert session.scalars(select(RealName)).all() == []


def test_a_number_taken_back_after_it_drew_a_subsidy_leaves_its_mark(
    session: Session, now: datetime, buyer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_name(session, buyer, NAME, ID_NUMBER, True, SEAL, now)
    a_delivered_order(session, buyer, now, monkeypatch)
    forget_name(session, buyer.id, now)
    other = an_account(session, now, name=NAME)
    with pytest.raises(Refused, match="id_taken"):
        check_name(session, other, NAME, ID_NUMBER, True, SEAL, now)
    check_name(session, buyer, NAME, ID_NUMBER, True, SEAL, now)
    assert session.get_one(RealName, buyer.id).name == NAME


def test_what_is_past_its_time_goes_by_night_and_twice_is_once(
    session: Session, now: datetime, buyer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = a_delivered_order(session, buyer, now, monkeypatch)
    session.refresh(order)
    assert order.ended_at is not None
    the_day = order.ended_at + timedelta(days=3 * 365)
    purge(session, the_day)
    assert NAME in str(session.scalars(select(Order.address)).one())

    counts = purge(session, the_day + timedelta(seconds=1))
    assert counts["orders"] == 1
    assert purge(session, the_day + timedelta(seconds=1)) == {}
    session.expire_all()
    assert (order.address["recipient_name"], order.address["phone"], order.address["detail"]) == ("", "", "")
    assert order.address["village_code"] == "610924103204"
    assert session.scalars(select(Notice)).all() == []


def test_a_deleted_address_goes_after_a_month_and_a_used_one_never(
    session: Session, now: datetime, buyer: Account
) -> None:
    kept, dropped = an_address(session, buyer, now), an_address(session, buyer, now)
    dropped.deleted_at = now
    session.flush()
    assert purge(session, now + timedelta(days=30)) == {}
    assert purge(session, now + timedelta(days=30, seconds=1)) == {"addresses": 1}
    assert session.scalars(select(Address.id)).all() == [kept.id]


def test_so_many_rows_go_at_once_and_the_rest_the_next_time(session: Session, now: datetime) -> None:
    for _ in range(3):
        an_address(session, an_account(session, now), now).deleted_at = now
    session.flush()
    moment = now + timedelta(days=31)
    assert [purge(session, moment, most_rows=2) for _ in range(3)] == [{"addresses": 2}, {"addresses": 1}, {}]


def test_the_copy_has_all_that_is_hers_and_nothing_of_another(
    session: Session, now: datetime, buyer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = an_account(session, now, name="陌生人")
    an_address(session, stranger, now)
    order = a_delivered_order(session, buyer, now, monkeypatch)
    held = copy_of(session, buyer.id, now)["holdings"]
    assert set(held) >= {
        "accounts", "account_sessions", "addresses", "orders", "shop_orders", "jobs", "proofs", "claims",
        "consents", "notices", "points_lots", "quotas",
    }  # fmt: skip
    assert held["accounts"] == [{"phone": PHONE, "name": NAME, "locale": "zh", "created_at": now}]
    assert [row["number"] for row in held["orders"]] == [order.number]
    assert [row["recipient_name"] for row in held["jobs"]] == [NAME, NAME]
    assert "陌生人" not in str(held)


def test_the_tables_that_only_a_deal_leaves_are_found_by_its_numbers(
    session: Session, now: datetime, buyer: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_delivered_order(session, buyer, now, monkeypatch)
    erase(session, buyer, PASSWORD, later(now))
    assert {job.recipient_name for job in session.scalars(select(Job))} == {""}
    assert {proof.recipient_name for proof in session.scalars(select(Proof))} == {""}
    assert session.scalars(select(CourierEvent)).all() == []
    assert session.scalars(select(DataAccess)).all() == []
    assert Purpose.account in session.scalars(select(Consent.purpose)).all()


@pytest.mark.parametrize("state", [RefundState.approved, RefundState.failed])
def test_nobody_goes_while_a_deposit_of_hers_is_on_its_way_back_or_did_not_arrive(
    session: Session, now: datetime, buyer: Account, state: RefundState
) -> None:
    place = a_place(session, a_group(session, a_listing(session, a_shop(session, now), now), now), now, buyer)
    leave(session, buyer.id, place.id, now)
    react(session, now)
    refund = session.scalars(select(Refund)).one()
    refund.state = state
    with pytest.raises(Refused, match=r"privacy\.refund"):
        erase(session, buyer, PASSWORD, later(now))
    assert buyer.state is AccountState.active
    refund.state = RefundState.succeeded
    session.flush()
    erase(session, buyer, PASSWORD, later(now))
    assert buyer.state is not AccountState.active
