"""A card is never known here, and yet two payments from one card are seen to be."""

import pytest
from sqlalchemy import text

from market.aftersales.review_facts import facts_of
from market.credit.models import Review
from market.kernel.ids import new_id
from market.orders.models import PaymentMethod
from market.payments.models import Payment
from market.payments.provider import StripeProvider
from market.payments.settle import settle
from market.settings import Settings
from tests.builders.catalog import a_listing, categories
from tests.builders.life import begun
from tests.builders.orders import an_order
from tests.builders.people import an_account
from tests.builders.shops import a_shop
from tests.builders.stripe_sandbox import KEY, pay

VISA, UNION = "4242 4242 4242 4242", "6200 0000 0000 0005"


@pytest.fixture
def keyed(sandbox):
    return StripeProvider(Settings(stripe_api_key=KEY, stripe_api_base=sandbox.url, secret_key="k" * 40))


def bought(session, provider, listing, now, method: str = "card", card: str = VISA) -> Payment:
    buyer = an_account(session, now)
    order = an_order(session, buyer, [(listing, 1)], now, PaymentMethod.stripe)
    payment = begun(session, provider, buyer, order, now)
    assert pay(payment.checkout_url, method, number=card)[0] == 303
    settle(session, provider, payment.id, now)
    line = order.shop_orders[0].lines[0]
    session.add(
        Review(
            id=new_id(), author_id=buyer.id, shop_id=listing.shop_id, reference=f"order_line:{line.id}",
            stars=5, text="好用", created_at=now,
        )
    )  # fmt: skip
    session.flush()
    return payment


def test_one_card_is_one_payer_and_another_card_or_a_wallet_is_not(session, keyed, now):
    categories(session)
    listing = a_listing(session, a_shop(session, now), now, stock=9)
    one, again = (bought(session, keyed, listing, now) for _ in range(2))
    other = bought(session, keyed, listing, now, card=UNION)
    wallet = bought(session, keyed, listing, now, "alipay")
    assert len(one.payer_hash or "") == 64
    assert (again.payer_hash, wallet.payer_hash) == (one.payer_hash, None)
    assert other.payer_hash not in (None, one.payer_hash)
    reviews = session.query(Review).order_by(Review.id).all()
    assert [it.payer for it in facts_of(session, reviews)] == [
        one.payer_hash, one.payer_hash, other.payer_hash, None,
    ]  # fmt: skip


def test_no_card_is_kept_and_another_key_marks_it_otherwise(session, keyed, sandbox, now):
    categories(session)
    listing = a_listing(session, a_shop(session, now), now, stock=9)
    marked = bought(session, keyed, listing, now).payer_hash
    other_key = Settings(stripe_api_key=KEY, stripe_api_base=sandbox.url, secret_key="j" * 40)
    assert bought(session, StripeProvider(other_key), listing, now).payer_hash not in (None, marked)
    kept = "".join(session.scalars(text("SELECT payments::text FROM payments")))
    assert "4242" not in kept.replace(str(marked), "")
