"""The treasury's files: no cell is a formula, sums are exact, and every wrong answer is told."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from market.subsidies.treasury_rules import (
    HEADER,
    Problem,
    Row,
    as_csv,
    as_xlsx,
    harmless,
    read_answers,
    totals,
)

DOCUMENT = {
    "programme": "2026家电以旧换新", "shop": "青禾电器行", "order": "LX261123-ABCD-1", "title": "洗衣机",
    "brand": "禾润", "model": "HR-1", "gtin": "2990000000014", "serials": ["SN-1"], "claimant": "王秀英",
    "invoice": "2026-1",
}  # fmt: skip
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", '=HYPERLINK("x")']


def row(number="610924-0001-0001", amount_fen=389_85, is_clawback=False, **changes):
    return Row(number, DOCUMENT | changes, amount_fen, is_clawback)


def cells(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_becomes_a_formula(text):
    rows = [row(title=text, shop=text, claimant=text, model=text, serials=[text])]
    for line in cells(as_csv(rows)):
        assert not any(cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in line)
    page = load_workbook(io.BytesIO(as_xlsx(rows))).active
    assert {cell.data_type for line in page.iter_rows() for cell in line if cell.value is not None} == {"s"}


def test_harmless_text_stays_as_it_is():
    assert [harmless(it) for it in ("禾润", "389.85", "", "a=b")] == ["禾润", "389.85", "", "a=b"]


def test_the_sums_are_those_of_the_lines():
    rows = [row(), row("610924-0001-0002", 1_500_00), row("610924-0001-0003", 40_00, True)]
    found = cells(as_csv(rows))
    assert tuple(found[0]) == HEADER
    assert [line[-2:] for line in found[1:]] == [
        ["389.85", "0.00"], ["1500.00", "0.00"], ["0.00", "40.00"], ["1889.85", "40.00"],
    ]  # fmt: skip
    assert found[-1][:2] == ["合计", "3"]
    page = load_workbook(io.BytesIO(as_xlsx(rows))).active
    assert [[cell.value or "" for cell in line] for line in page.iter_rows()] == found


@given(st.lists(st.tuples(st.integers(1, 10**9), st.booleans()), max_size=20))
def test_the_file_adds_up_to_the_fen(amounts):
    rows = [row(f"n{number}", fen, back) for number, (fen, back) in enumerate(amounts)]
    found = cells(as_csv(rows))
    asked, back = (sum(Decimal(line[column]) for line in found[1:-1]) for column in (-2, -1))
    assert (asked * 100, back * 100) == totals(rows)
    assert [Decimal(it) for it in found[-1][-2:]] == [asked, back]


def answers(*rows):
    return "\r\n".join(["申报号,结果,金额（元）,付款流水号,原因", *rows])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_answers_are_read_in_the_encodings_that_offices_use(encoding):
    [answer] = read_answers(answers('n1,已付,"1,500.00",CZ-1,').encode(encoding))
    assert (answer.number, answer.is_paid, answer.amount_fen, answer.problem) == ("n1", True, 1500_00, None)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("n1,好,389.85,CZ-1,", Problem.result_unknown),
        ("n1,已付,三百,CZ-1,", Problem.amount_unreadable),
        ("n1,已付,389.85,,", Problem.reference_missing),
        ("n1,不付,389.85,,", Problem.reason_missing),
        ("n1,已付", Problem.columns),
    ],
)
def test_what_is_wrong_with_a_row_is_told(written, problem):
    assert [it.problem for it in read_answers(answers(written).encode())] == [problem]


def test_a_number_that_comes_twice_counts_once():
    found = read_answers(answers("n1,已付,1.00,A,", "n1,不付,1.00,,没有", "", "合计,2").encode())
    assert [(it.line, it.problem) for it in found] == [(2, None), (3, Problem.number_twice)]


@pytest.mark.parametrize("content", [b"", b"\xff\xff\xff", b"a,b,c\n1,2,3", "申报号,结果".encode()])
def test_another_file_is_none(content):
    with pytest.raises(ValueError, match=r"header|encoding"):
        read_answers(content)
