from datetime import UTC, datetime, timedelta

from market.cash.rules import CODE_LIFE, code_fits, code_hash, is_spent, new_code
from market.kernel.ids import new_id

OPENED = datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_a_code_is_six_digits_and_opens_its_own_hand_in_only():
    one, other, code = new_id(), new_id(), new_code()
    kept = code_hash(one, code)
    assert (len(code), code.isdigit()) == (6, True)
    assert code not in kept
    assert code_fits(one, kept, f" {code} ")
    assert not code_fits(other, kept, code)
    assert not code_fits(one, kept, f"{(int(code) + 1) % 1_000_000:06d}")


def test_a_code_lives_half_an_hour_and_five_wrong_tries():
    expires = OPENED + CODE_LIFE
    assert not is_spent(expires, 4, OPENED + timedelta(minutes=29, seconds=59))
    assert is_spent(expires, 0, OPENED + timedelta(minutes=30))
    assert is_spent(expires, 5, OPENED)
