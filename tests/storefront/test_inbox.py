"""What the market tells a person, in her inbox."""

import ast
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

import market
from market.aftersales.states import RepairState, ReturnState
from market.catalog.certificates import TOLD
from market.kernel.ids import new_id
from market.notices.notify import notify
from market.people.models import Account
from market.recycling.models import Decision, DueReason
from market.savings.appliances import TOPIC as SAFE_LIFE_OVER
from market.web.notices_text import SENTENCES
from tests.builders.people import an_account
from tests.builders.places import a_county
from tests.builders.web import Browser

PREFIXES = {
    "notify": "",
    "_tell": "",
    "tell": "recycling.",
    "tell_buyer": "",
    "tell_sellers": "",
    "tell_shop": "",
    "tell_trade_in": "trade_in.",
}


def kinds_told() -> set[str]:
    """Every kind of notice that the rooms send, read from their source."""
    told: set[str] = set()
    for path in Path(market.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                words = [
                    arg.value
                    for arg in node.args[2:3]
                    if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
                ]
                prefix = PREFIXES.get(node.func.id)
                told |= {f"{prefix}{word}" for word in words if prefix is not None}
    # These are put together from a list of reasons.
    told |= {f"trade_in.due_{reason.value}" for reason in DueReason}
    told |= {f"return.{state.value}" for state in ReturnState if state is not ReturnState.requested}
    told |= {f"repair.{state.value}" for state in RepairState if state is not RepairState.requested}
    return told | {f"trade_in.decided_{decision.value}" for decision in Decision} | {SAFE_LIFE_OVER}


def named_in_rooms() -> set[str]:
    """Every text that stands in the rooms' source as it is."""
    package = Path(market.__file__).parent
    files = [path for path in package.rglob("*.py") if not path.is_relative_to(package / "web")]
    nodes = (node for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_every_notice_has_its_sentence() -> None:
    assert (kinds_told() | set(TOLD.values())) - set(SENTENCES) == set()


def test_no_sentence_is_kept_that_nobody_is_told() -> None:
    named = named_in_rooms()
    untold = set(SENTENCES) - kinds_told() - named
    # Some are put together: the room, and what happened there.
    parts = {kind: (f"{kind.partition('.')[0]}.", kind.partition(".")[2]) for kind in untold}
    assert {kind for kind, both in parts.items() if not named.issuperset(both)} == set()


def test_the_inbox_shows_her_own_notices_and_what_is_new_once(
    client: Browser, session: Session, buyer: Account, now: datetime
) -> None:
    a_county(session)
    order = new_id()
    params = {"number": "LX261123-AB", "fen": 259_900}
    notify(session, buyer.id, "order.paid", params, now, reference=f"order:{order}")
    notify(session, an_account(session, now).id, "order.lapsed", {"number": "LX261123-CD"}, now)
    first, second = client.get("/notices").text, client.get("/notices").text
    assert "已收到 ¥2,599.00" in first
    assert f'href="/orders/{order}"' in first
    assert "LX261123-CD" not in first
    assert ">新<" in first
    assert ">新<" not in second


def test_a_stranger_has_no_inbox(client: Browser) -> None:
    assert client.get("/notices").status_code == 303
