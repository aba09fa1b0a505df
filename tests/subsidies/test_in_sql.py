"""PostgreSQL computes for a list what the rules decide for each of its lines."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import BigInteger, Text, column, select, values
from sqlalchemy.orm import Session

from market.subsidies import rules
from market.subsidies.in_sql import amount_fen
from market.subsidies.programmes import shipped

PRICES = (1, 99, 100_00, 1_999_99, 2_000_00, 3_333_33, 5_999_99, 6_000_00, 6_000_01, 13_333_00, 99_999_00)


COUNTY = "610924"


def offers(now: datetime, left_fen: int) -> list[rules.Offer]:
    """Every programme that is shipped, as if all were open."""
    since, until = now - timedelta(days=1), now + timedelta(days=1)
    read = [rules.read(f"{row['id']}:1", since, until, row["rules"]) for row in shipped()]
    # A programme whose goods had to be there by a day that is over pays nothing, and is not asked here.
    return [rules.Offer(replace(programme, hard_delivery_cutoff=None), left_fen) for programme in read]


@pytest.mark.parametrize("left", [0, 300_00, 10**12])
def test_a_list_shows_what_the_rules_decide(session: Session, now: datetime, left: int) -> None:
    known = offers(now, left)
    assert len(known) >= 9
    codes = sorted({code for one in known for code in one.programme.quantity_limits} | {"no_such"})
    cases = [(code, grade, price) for code in codes for grade in (1, 2, 3) for price in PRICES]
    cases += [(code, None, price) for code in codes for price in PRICES]
    cases += [(None, grade, 100_00) for grade in (1, None)]
    listed = values(
        column("code", Text), column("grade", BigInteger), column("price", BigInteger), name="listed"
    ).data(cases)
    visitor = rules.Buyer(county_code=COUNTY)
    for chosen in ([], *([one] for one in known), known):
        amount = amount_fen(chosen, COUNTY, now, listed.c.code, listed.c.grade, listed.c.price)
        for code, grade, price, found in session.execute(select(listed, amount)):
            item = rules.Item("line", code, grade, 1, price)
            decided = rules.quote([item], visitor, chosen, now)[0]
            assert found == decided.amount_fen, (code, grade, price, chosen)
