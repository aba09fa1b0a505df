"""Weeks and bank files, purely."""

from datetime import date, datetime, timedelta

import pytest

from market.kernel.clock import SHANGHAI
from market.settlements.rules import Transfer, available_at, bank_file, week_end, week_of


@pytest.mark.parametrize(
    ("moment", "monday"),
    [
        (datetime(2026, 11, 23, 0, 0, tzinfo=SHANGHAI), date(2026, 11, 23)),
        (datetime(2026, 11, 29, 23, 59, tzinfo=SHANGHAI), date(2026, 11, 23)),
        (datetime(2026, 12, 31, 12, 0, tzinfo=SHANGHAI), date(2026, 12, 28)),
    ],
)
def test_a_week_begins_on_its_monday_in_china(moment: datetime, monday: date):
    assert week_of(moment) == monday
    assert moment < week_end(monday) == datetime.combine(monday, datetime.min.time(), SHANGHAI) + timedelta(7)


def test_a_sale_is_the_shops_own_seven_days_after_delivery():
    moment = datetime(2026, 11, 23, 15, 0, tzinfo=SHANGHAI)
    assert available_at(moment) == moment + timedelta(days=7)


def test_a_bank_file_has_a_line_each_and_says_its_count_and_sum():
    transfers = [
        Transfer("青禾电器行", "某银行", "6222000000000000001", 2521_03, "结算单 1"),
        Transfer('店,"二"', "某银行", "6222000000000000002", 5, "结算单 2"),
    ]
    content = bank_file(transfers)
    assert content.decode("utf-8-sig").split("\r\n") == [
        "序号,收款人,开户行,账号,金额（元）,用途",
        "1,青禾电器行,某银行,\t6222000000000000001,2521.03,结算单 1",
        '2,"店,""二""",某银行,\t6222000000000000002,0.05,结算单 2',
        "合计,2,,,2521.08,",
        "",
    ]
    assert bank_file(transfers) == content
