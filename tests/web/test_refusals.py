"""Every refusal of every room has its sentence, and is put where the person is looking."""

import ast
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from flask_wtf import FlaskForm
from wtforms import StringField

from market.kernel.errors import Refused
from market.web.messages import REFUSALS, sentence
from market.web.refusals import show

MARKET = Path(__file__).parents[2] / "market"


class AmountForm(FlaskForm):
    amount = StringField("amount")


def codes() -> Iterator[str]:
    """The code of every `Refused("room.code", …)` written in the rooms."""
    for path in MARKET.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused" and node.args:
                yield from (
                    leaf.value
                    for leaf in ast.walk(node.args[0])
                    if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str) and "." in leaf.value
                )


def test_every_refusal_has_a_sentence() -> None:
    assert set(codes()) - set(REFUSALS) == set()


def test_a_sentence_gives_fen_as_yuan(app: Flask) -> None:
    with app.test_request_context():
        said = sentence(Refused("refund.too_much", left_fen=259990))
    assert said == "最多还能退 2,599.90 元"


def test_a_refusal_stands_by_its_field_and_else_with_the_form(app: Flask) -> None:
    with app.test_request_context():
        form = AmountForm()
        show(form, Refused("people.phone_shape", field="amount"))
        show(form, Refused("state.illegal_move"))
        show(form, Refused("state.illegal_move", field="no_such_field"))
        assert form.amount.errors == ["请填 11 位手机号码，例如 13800138000"]
        assert len(form.form_errors) == 2
