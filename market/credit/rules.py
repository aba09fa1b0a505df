"""Scores from what happened. Pure; formulas and test vectors are those of facts §4.2.

Sums use `math.fsum`, which is exact whatever the order, so that a replay gives the same last digit.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

Z_95 = 1.96
PRIOR_STARS = 4.5
PRIOR_WEIGHT = 10
HALF_LIFE_DAYS = 180
FEW = 5
POSITIVE_STARS = 4
REVIEWS_SHARE = Fraction(30, 100)
REVIEW = "reviewed"
GRADES = ((950, "A+"), (880, "A"), (750, "B"), (600, "C"), (0, "D"))
LOWEST_GRADE = "D"


def wilson_lower(share: float, n: float) -> float | None:
    """The lower end of the 95 % interval of a `share` seen in `n` trials; None where there was no trial."""
    if n <= 0:
        return None
    z2 = Z_95 * Z_95
    spread = Z_95 * math.sqrt((share * (1 - share) + z2 / (4 * n)) / n)
    return max(0.0, (share + z2 / (2 * n) - spread) / (1 + z2 / n))


def bayesian_mean(total: float, n: float, prior: float = PRIOR_STARS, weight: float = PRIOR_WEIGHT) -> float:
    """The mean of `n` values summing to `total`, drawn to `prior` as if `weight` such values came first."""
    return (prior * weight + total) / (weight + n)


def decay(age: timedelta) -> float:
    """What an event of this `age` still counts: half after each 180 days. The future counts as now."""
    days = max(0.0, age / timedelta(days=1))
    return float(0.5 ** (days / HALF_LIFE_DAYS))


def effective_n(weights: Iterable[float]) -> float:
    """How many equal weights say as much as these: (Σw)² / Σw² (Kish)."""
    known = [weight for weight in weights if weight > 0]
    squares = math.fsum(weight * weight for weight in known)
    return math.fsum(known) ** 2 / squares if squares else 0.0


@dataclass(frozen=True, slots=True)
class Component:
    """A weighted question: what share of the events it looks at are good ones?

    `start` is the share assumed before anything is known; it counts like `PRIOR_WEIGHT` events.
    """

    code: str
    name_zh: str
    name_en: str
    weight: int
    start: float
    good: frozenset[str]
    bad: frozenset[str]


@dataclass(frozen=True, slots=True)
class Gate:
    """While an event of kind `opens` is not followed by one of kind `closes`, the grade is the lowest."""

    opens: str
    closes: str
    name_zh: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Criteria:
    """What one kind of subject is measured by. Raises ValueError where the weights break the rules."""

    version: str
    components: tuple[Component, ...]
    gates: tuple[Gate, ...]

    def __post_init__(self) -> None:
        whole = sum(part.weight for part in self.components)
        of_reviews = sum(part.weight for part in self.components if REVIEW in part.good)
        if whole != 100 or of_reviews > whole * REVIEWS_SHARE:
            raise ValueError("weights sum to 100, and reviews weigh at most 30")

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind of event that these criteria understand."""
        asked = frozenset[str]().union(*(part.good | part.bad for part in self.components))
        return asked | {kind for gate in self.gates for kind in (gate.opens, gate.closes)}


@dataclass(frozen=True, slots=True)
class Happened:
    """One recorded event; `stars` (1 to 5) only for a review."""

    kind: str
    at: datetime
    stars: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """The result. Scores are thousandths; `unmeasured` names components that stand at their start value."""

    score: int
    grade: str
    stars_milli: int
    positive_lower_milli: int | None
    n_effective_centi: int
    parts: Mapping[str, int]
    unmeasured: tuple[str, ...]
    gates: tuple[str, ...]

    @property
    def few_reviews(self) -> bool:
        """Whether the reviews are too few to lean on (评价较少)."""
        return self.n_effective_centi < FEW * 100


def stand(criteria: Criteria, events: Sequence[Happened], as_of: datetime) -> Standing:
    """Where a subject stands at `as_of`, computed from all its `events` in any order."""
    parts = {part.code: _share(part, events, as_of) for part in criteria.components}
    score = math.fsum(part.weight * parts[part.code] for part in criteria.components) / 100
    gates = tuple(gate.opens for gate in criteria.gates if _is_open(gate, events))
    reviews = [(event.stars, decay(as_of - event.at)) for event in events if event.stars is not None]
    n = effective_n(weight for _, weight in reviews)
    lower = wilson_lower(_positive_share(reviews), n)
    seen = {event.kind for event in events}
    return Standing(
        score=_milli(score),
        grade=LOWEST_GRADE if gates else grade(_milli(score)),
        stars_milli=_milli(_stars(reviews)),
        positive_lower_milli=None if lower is None else _milli(lower),
        n_effective_centi=round(n * 100),
        parts={code: _milli(share) for code, share in parts.items()},
        unmeasured=tuple(part.code for part in criteria.components if not seen & (part.good | part.bad)),
        gates=gates,
    )


def grade(score: int) -> str:
    """The letter of a `score` in thousandths."""
    return next(letter for least, letter in GRADES if score >= least)


def _share(part: Component, events: Sequence[Happened], as_of: datetime) -> float:
    """A component without events stays at its start value.

    Spreading its weight over the others instead would let a first five-star review lower a good shop.
    """
    asked = [event for event in events if event.kind in part.good or event.kind in part.bad]
    weighed = [(_goodness(event, part), decay(as_of - event.at)) for event in asked]
    total = math.fsum(good * weight for good, weight in weighed)
    return bayesian_mean(total, math.fsum(weight for _, weight in weighed), part.start)


def _goodness(event: Happened, part: Component) -> float:
    if event.stars is not None:
        return (event.stars - 1) / 4
    return 1.0 if event.kind in part.good else 0.0


def _stars(reviews: Sequence[tuple[int, float]]) -> float:
    total = math.fsum(stars * weight for stars, weight in reviews)
    return bayesian_mean(total, math.fsum(weight for _, weight in reviews))


def _positive_share(reviews: Sequence[tuple[int, float]]) -> float:
    whole = math.fsum(weight for _, weight in reviews)
    positive = math.fsum(weight for stars, weight in reviews if stars >= POSITIVE_STARS)
    return positive / whole if whole else 0.0


def _is_open(gate: Gate, events: Sequence[Happened]) -> bool:
    opened = sum(event.kind == gate.opens for event in events)
    closed = sum(event.kind == gate.closes for event in events)
    return opened > closed


def _milli(value: float) -> int:
    return round(value * 1000)
