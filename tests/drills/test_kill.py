"""A short drill; `python -m tests.drills.kill --rounds 100` is the long one."""

from tests.drills.kill import drill


def test_whatever_is_killed_while_people_buy_every_order_ends_and_the_books_balance() -> None:
    assert drill(rounds=3, seed=5, buyers_wanted=6, scale=1) == []
