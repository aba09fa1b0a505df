"""What of a line goes back to whom (facts §1.7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.payments.rules import Share, commission_back, reduced, refund_of, rest_base_fen, returned

fen = st.integers(0, 1_000_000)
shares = st.builds(Share, st.integers(1, 9), fen, fen, fen, fen)


def test_a_washer_that_comes_back_gives_the_buyer_1440_and_the_state_360():
    washer = Share(1, 1_440_00, 360_00, 0, 0)
    assert returned(washer, 1, 0) == washer


def test_a_price_cut_of_200_claws_back_40_and_nets_the_buyer_160():
    fridge = Share(1, 2_880_00, 720_00, 0, 0)
    assert reduced(fridge, 200_00, 680_00) == Share(0, 160_00, 40_00, 0, 0)


def test_a_price_cut_below_a_cap_claws_nothing_back():
    capped = Share(1, 10_000_00, 2_000_00, 0, 0)
    assert reduced(capped, 500_00, 2_000_00) == Share(0, 500_00, 0, 0, 0)


def test_one_of_two_washers_comes_back_and_the_subsidised_one_stays():
    two = Share(2, 1_850_00, 150_00, 0, 0)
    assert rest_base_fen(two, 1) == 1_000_00
    assert returned(two, 1, 150_00) == Share(1, 1_000_00, 0, 0, 0)


@pytest.mark.parametrize("cut_fen", [0, -1, 2_881_00])
def test_a_cut_of_nothing_or_of_more_than_was_paid_is_refused(cut_fen: int):
    with pytest.raises(ValueError, match="gives back more"):
        reduced(Share(1, 2_880_00, 0, 0, 0), cut_fen, 0)


@pytest.mark.parametrize("pieces", [0, 3])
def test_pieces_that_are_not_there_cannot_come_back(pieces: int):
    with pytest.raises(ValueError, match="of 2 pieces"):
        returned(Share(2, 1, 0, 0, 0), pieces, 0)


@given(shares, st.data())
def test_returns_in_any_parts_sum_to_the_whole_and_take_no_tender_below_zero(whole: Share, data):
    left, gone = whole, []
    while left.quantity:
        pieces = data.draw(st.integers(1, left.quantity))
        part = returned(left, pieces, data.draw(st.integers(0, left.subsidy_fen)))
        gone.append(part)
        left = left.less([part])
        assert min(left.money_fen, left.subsidy_fen, left.points_fen, left.trade_in_fen) >= 0
        assert min(part.money_fen, part.subsidy_fen, part.points_fen, part.trade_in_fen) >= 0
    assert left == Share(0, 0, 0, 0, 0)
    assert sum(part.goods_fen for part in gone) == whole.goods_fen


@given(shares, st.data())
def test_what_the_buyer_and_the_state_get_of_a_cut_is_the_cut(left: Share, data):
    cut_fen = data.draw(st.integers(1, 1_000_000))
    entitled = data.draw(st.integers(0, left.subsidy_fen))
    try:
        part = reduced(left, cut_fen, entitled)
    except ValueError:
        assert cut_fen - (left.subsidy_fen - entitled) > left.money_fen
        return
    assert part.money_fen + part.subsidy_fen == cut_fen
    assert part.subsidy_fen <= left.subsidy_fen - entitled


@given(st.lists(st.integers(0, 10_000), min_size=1), st.integers(0, 10_000))
def test_the_commission_given_up_in_parts_is_the_whole(parts: list[int], commission_fen: int):
    goods_fen = sum(parts) or 1
    before, given_up = 0, 0
    for part in parts:
        given_up += commission_back(commission_fen, goods_fen, before, part)
        before += part
    assert given_up == (commission_fen if sum(parts) else 0)


@given(fen, fen, fen)
def test_a_refund_is_never_more_than_is_left_and_goodwill_goes_home(wanted: int, left: int, goodwill: int):
    buyer, county, shop = refund_of(wanted, left, goodwill)
    assert buyer + county + shop == wanted
    assert (buyer <= left, county <= goodwill, min(buyer, county, shop) >= 0) == (True, True, True)
