"""Bring programmes and budgets in: the shipped ones from data, a county's own by its operators."""

import json
from datetime import datetime
from importlib.resources import files
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from market.ledger.post import post
from market.ledger.rules import credit, debit, pot, treasury
from market.subsidies.models import Pot, ProgrammeRow, ProgrammeState
from market.subsidies.rules import read


def shipped() -> list[dict[str, Any]]:
    """The programmes of facts §1.1 and §1.2 that this release ships, in the schema of facts §1.5."""
    text = files("market.subsidies").joinpath("data/programmes.json").read_text(encoding="utf-8")
    rows: list[dict[str, Any]] = json.loads(text)
    return rows


def publish(session: Session, data: dict[str, Any]) -> str:
    """Publish one version of a programme; a version that stands is left as it is. Returns its id.

    Raises KeyError or ValueError where the rules cannot be read.
    """
    programme_id = f"{data['id']}:{data['version']}"
    valid_from = datetime.fromisoformat(data["valid_from"])
    valid_to = datetime.fromisoformat(data["valid_to"])
    read(programme_id, valid_from, valid_to, data["rules"])
    session.execute(
        insert(ProgrammeRow)
        .values(
            id=programme_id,
            code=data["id"],
            version=data["version"],
            name_zh=data["name_zh"],
            name_en=data["name_en"],
            rules=data["rules"],
            valid_from=valid_from,
            valid_to=valid_to,
            state=ProgrammeState.published,
            source=data["source"],
            confidence=data["confidence"],
            verified=data["verified"],
        )
        .on_conflict_do_nothing()
    )
    return programme_id


def fund(session: Session, programme_id: str, county_code: str, budget_fen: int, now: datetime) -> None:
    """Open a county's pot for a programme with `budget_fen` from the treasury. Once."""
    opened = session.execute(
        insert(Pot)
        .values(
            programme_id=programme_id,
            county_code=county_code,
            budget=budget_fen,
            held=0,
            committed=0,
            paid=0,
            requires_coupon=False,
        )
        .on_conflict_do_nothing()
        .returning(Pot.budget)
    ).first()
    if opened:
        lines = [
            debit(treasury(programme_id, county_code), budget_fen),
            credit(pot(programme_id, county_code), budget_fen),
        ]
        reference = f"{programme_id}:{county_code}"
        post(session, "subsidy.funded", reference, f"subsidy:fund:{reference}", lines, now)
