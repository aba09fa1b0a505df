"""The published criteria: which events count, how much, and what overrides the score."""

import json
from datetime import datetime
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

from market.credit.models import SubjectKind
from market.credit.rules import Component, Criteria, Gate


@cache
def criteria(subject_kind: SubjectKind) -> Criteria:
    """What a subject of this kind is measured by, as shipped in ``data/criteria.json``."""
    text = files("market.credit").joinpath("data/criteria.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text, parse_float=Fraction)
    of_kind = data[subject_kind]
    return Criteria(
        version=data["version"],
        components=tuple(_component(row) for row in of_kind["components"]),
        gates=tuple(Gate(**row) for row in of_kind["gates"]),
        counts_from={kind: datetime.fromisoformat(at) for kind, at in of_kind.get("counts_from", {}).items()},
    )


def _component(row: dict[str, Any]) -> Component:
    return Component(**{**row, "good": frozenset(row["good"]), "bad": frozenset(row["bad"])})
