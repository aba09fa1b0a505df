from hypothesis import given
from hypothesis import strategies as st

from market.orders.pricing import LEAST_MONEY_FEN, CartItem, price
from market.subsidies.rules import Decision, Reason


def item(line, price_fen, quantity=1, list_fen=None, shop="s"):
    return CartItem(line, shop, quantity, list_fen or price_fen, price_fen, "tv", 1)


def a_fifth(items):
    """A programme that pays 20 % of every base."""
    return [Decision(i.line, i.base_fen, i.base_fen // 5, i.quantity, "P") for i in items]


def nothing(items):
    return [Decision(i.line, i.base_fen, 0, reason=Reason.no_programme) for i in items]


def test_the_four_numbers_of_the_facts_first_case():
    [line] = price([item("ac", 6499_00, list_fen=6999_00)], a_fifth, coupon_fen=200_00).lines
    assert line.list_fen == 6999_00
    assert (line.shop_promotion_fen, line.coupon_fen) == (500_00, 200_00)
    assert (line.decision.base_fen, line.decision.amount_fen, line.paid_fen) == (6299_00, 1259_80, 5039_20)


def test_a_cross_shop_coupon_lowers_each_base_by_its_part():
    priced = price([item("fridge", 4000_00), item("washer", 2000_00)], a_fifth, coupon_fen=600_00)
    assert [line.decision.base_fen for line in priced.lines] == [3600_00, 1800_00]
    assert [line.decision.amount_fen for line in priced.lines] == [720_00, 360_00]
    assert priced.payable_fen == 4320_00


def test_points_lower_the_subsidy_base_and_delivery_never_enters_it():
    priced = price([item("tv", 1000_00)], a_fifth, points_fen=100_00, delivery_fees_fen={"s": 30_00})
    assert priced.lines[0].decision.base_fen == 900_00
    assert (priced.total_fen, priced.subsidy_fen, priced.payable_fen) == (1030_00, 180_00, 750_00)


def test_trade_in_credit_leaves_the_base_alone_and_at_least_one_yuan_to_pay():
    priced = price([item("tv", 1000_00)], nothing, trade_in_fen=5000_00)
    assert priced.lines[0].decision.base_fen == 1000_00
    assert (priced.trade_in_fen, priced.payable_fen) == (999_00, LEAST_MONEY_FEN)


def test_an_empty_cart_costs_nothing():
    assert price([], nothing).total_fen == 0


ITEMS = st.lists(
    st.builds(
        lambda price_fen, off, quantity, shop: CartItem(
            "x", shop, quantity, price_fen + off, price_fen, "tv", 1
        ),
        st.integers(1, 2_000_000),
        st.integers(0, 100_000),
        st.integers(1, 9),
        st.sampled_from("ab"),
    ),
    min_size=1,
    max_size=6,
)
FEN = st.integers(0, 5_000_000)


@given(ITEMS, FEN, FEN, FEN, st.sampled_from([a_fifth, nothing]))
def test_tenders_sum_to_the_total_and_no_part_is_negative(items, coupon, points, credit, decide):
    priced = price(
        items,
        decide,
        coupon_fen=coupon,
        points_fen=points,
        trade_in_fen=credit,
        delivery_fees_fen={"a": 1500},
    )
    tenders = priced.points_fen + priced.subsidy_fen + priced.trade_in_fen + priced.payable_fen
    assert tenders == priced.total_fen == priced.goods_fen + 1500
    for line in priced.lines:
        parts = (line.shop_promotion_fen, line.coupon_fen, line.points_fen, line.trade_in_fen, line.paid_fen)
        assert min(parts) >= 0
        assert sum(parts) + line.decision.amount_fen == line.list_fen
