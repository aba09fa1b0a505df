"""How figures, dates and a product's lines read on a page, in both languages."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale

from market.recalls.states import Remedy
from market.web.recall_text import DUTIES, REMEDIES, noted
from market.web.spec_text import spec_name, spec_value
from tests.web.test_catalog import english

# What a count is followed by in Chinese, alone: `%(n)s 单`.
ALONE = re.compile(r"%\(\w+\)s \S{1,2}")
PLURAL = re.compile(r"%\(\w+\)s [a-z]+s")


def test_a_count_that_stands_alone_reads_right_for_one_in_english() -> None:
    wrong = {it.id: it.string for it in english() if it.id and ALONE.fullmatch(it.id)}
    assert {key: words for key, words in wrong.items() if PLURAL.fullmatch(words)} == {}


@pytest.mark.parametrize(("fen", "said"), [(528_06, "¥528.06"), (-528_06, "−¥528.06"), (0, "¥0.00")])
def test_a_negative_sum_has_its_sign_before_the_yuan(app: Flask, fen: int, said: str) -> None:
    with app.test_request_context():
        page = render_template_string('{% from "_ui.html" import money %}{{ money(fen) }}', fen=fen)
    assert f">{said}<" in page


def test_a_line_does_not_end_within_a_date(app: Flask) -> None:
    moment = datetime(2026, 12, 5, 9, 30, tzinfo=UTC)
    with app.test_request_context():
        assert render_template_string("{{ at | local_time }}", at=moment) == "2026‑12‑05 17:30"


def test_the_lines_of_a_product_are_english_where_the_market_knows_them(app: Flask) -> None:
    with app.test_request_context(), force_locale("en"):
        assert (spec_name("总容积"), spec_value("256 L")) == ("Total volume", "256 L")
        assert (spec_name("屏幕"), spec_value("55 英寸")) == ("Screen", "55 inches")
        assert (spec_name("店家自己的话"), spec_value("有")) == ("店家自己的话", "Yes")


def test_a_step_of_a_recall_names_the_piece_and_what_was_done(app: Flask) -> None:
    with app.test_request_context():
        assert noted("serial:RC-1 refund") == f"RC-1 · {REMEDIES[Remedy.refund]}"
        assert noted("serial:RC-1 unreachable: 打了三次") == "RC-1 · 联系不上 · 打了三次"
        assert noted("report 1: 31 号") == f"{next(iter(DUTIES.values()))} · 31 号"
        assert noted("县市场监管局转来的 通报: 一") == "县市场监管局转来的 通报: 一"


def test_no_words_are_chosen_before_it_is_known_who_reads() -> None:
    """What is said while a module is read would stay in that language: it has to be lazy there."""
    early = "from flask_babel import gettext as _\nfield = StringField(_('领款人'))"
    assert list(spoken_early(early, "x")) == ["x:2"]
    modules = (path for door in ("market", "worker") for path in sorted(Path(door).rglob("*.py")))
    assert [found for path in modules for found in spoken_early(path.read_text(), str(path))] == []


def spoken_early(source: str, path: str) -> Iterator[str]:
    """Where `gettext` is called outside of any function."""
    tree = ast.parse(source)
    names = {
        it.asname or it.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "flask_babel"
        for it in node.names
        if it.name in {"gettext", "ngettext"}
    }
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield f"{path}:{node.lineno}"
        waiting += ast.iter_child_nodes(node)
