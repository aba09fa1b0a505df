"""The published criteria as values, and a subject's standing by them. Pure and exact (`statistics`)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from market.credit.history import AMENDMENTS, CRITERIA_CHANGED, FULL_WEIGHT, REVIEW, Happened, in_force
from market.credit.statistics import PPM, bayesian_mean, decay_ppm, effective_n, milli, wilson_lower

FEW = 5
POSITIVE_STARS = 4
REVIEWS_SHARE = Fraction(30, 100)
GRADES = ((950, "A+"), (880, "A"), (750, "B"), (600, "C"), (0, "D"))
LOWEST_GRADE = "D"
_WHOLE = PPM * FULL_WEIGHT


@dataclass(frozen=True, slots=True)
class Component:
    """A weighted question: what share of the events it looks at are good ones?

    `start` is the share assumed before anything is known; it counts like `PRIOR_WEIGHT` events.
    """

    code: str
    name_zh: str
    name_en: str
    weight: int
    start: Fraction
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
    """What one kind of subject is measured by. Raises ValueError where the weights break the rules.

    A kind in `counts_from` came in later: what happened before then counts for nothing, now and in a replay.
    """

    version: str
    components: tuple[Component, ...]
    gates: tuple[Gate, ...]
    counts_from: Mapping[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        whole = sum(part.weight for part in self.components)
        of_reviews = sum(part.weight for part in self.components if REVIEW in part.good)
        if whole != 100 or of_reviews > whole * REVIEWS_SHARE:
            raise ValueError("weights sum to 100, and reviews weigh at most 30")

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind of event that these criteria understand."""
        gates = {kind for gate in self.gates for kind in (gate.opens, gate.closes)}
        return self.asked | gates | AMENDMENTS | {CRITERIA_CHANGED}

    def counts(self, event: Happened) -> bool:
        """Whether these criteria look at the event at all."""
        since = self.counts_from.get(event.kind)
        return since is None or event.at >= since

    @property
    def asked(self) -> frozenset[str]:
        """The kinds that a component looks at."""
        return frozenset[str]().union(*(part.good | part.bad for part in self.components))

    @property
    def adverse(self) -> frozenset[str]:
        """The kinds that can only count against a subject."""
        bad = frozenset[str]().union(*(part.bad for part in self.components))
        return bad | {gate.opens for gate in self.gates}


@dataclass(frozen=True, slots=True)
class Standing:
    """The result. Scores are thousandths; `unmeasured` names components that stand at their start value.

    `known_events` is how many events the components looked at.
    """

    score: int
    grade: str
    stars_milli: int
    positive_lower_milli: int | None
    n_effective_centi: int
    known_events: int
    parts: Mapping[str, int]
    unmeasured: tuple[str, ...]
    gates: tuple[str, ...]

    @property
    def few_reviews(self) -> bool:
        """Whether the reviews are too few to lean on (评价较少)."""
        return self.n_effective_centi < FEW * 100


def stand(criteria: Criteria, events: Iterable[Happened], as_of: datetime) -> Standing:
    """Where a subject stands at `as_of`, computed from all its `events` in any order."""
    known = [event for event in in_force(events) if criteria.counts(event)]
    shares = {part.code: _share(part, known, as_of) for part in criteria.components}
    score = milli(sum((part.weight * shares[part.code] for part in criteria.components), Fraction(0)) / 100)
    gates = tuple(gate.opens for gate in criteria.gates if _is_open(gate, known))
    reviews = [(event.stars, _weight(event, as_of)) for event in known if event.stars is not None]
    n = effective_n(weight for _, weight in reviews)
    lower = wilson_lower(_positive_share(reviews), n)
    seen = {event.kind for event in known}
    return Standing(
        score=score,
        grade=LOWEST_GRADE if gates else grade(score),
        stars_milli=milli(_stars(reviews)),
        positive_lower_milli=None if lower is None else milli(lower),
        n_effective_centi=round(n * 100),
        known_events=sum(event.kind in criteria.asked for event in known),
        parts={code: milli(share) for code, share in shares.items()},
        unmeasured=tuple(part.code for part in criteria.components if not seen & (part.good | part.bad)),
        gates=gates,
    )


def review_figures(reviews: Iterable[Happened], as_of: datetime) -> tuple[int, int]:
    """The decayed Bayesian mean in thousandths of a star, and the effective number in hundredths."""
    known = [(event.stars or 0, _weight(event, as_of)) for event in reviews]
    return milli(_stars(known)), round(effective_n(weight for _, weight in known) * 100)


def grade(score: int) -> str:
    """The letter of a `score` in thousandths."""
    return next(letter for least, letter in GRADES if score >= least)


def _weight(event: Happened, as_of: datetime) -> int:
    return decay_ppm(as_of - event.at) * event.counted_milli


def _share(part: Component, events: Sequence[Happened], as_of: datetime) -> Fraction:
    """A component without events stays at its start value.

    Spreading its weight over the others instead would let a first five-star review lower a good shop.
    """
    asked = [event for event in events if event.kind in part.good or event.kind in part.bad]
    weighed = [(_good_quarters(event, part), _weight(event, as_of)) for event in asked]
    total = Fraction(sum(quarters * weight for quarters, weight in weighed), 4 * _WHOLE)
    return bayesian_mean(total, Fraction(sum(weight for _, weight in weighed), _WHOLE), part.start)


def _good_quarters(event: Happened, part: Component) -> int:
    """From one star to five there are four steps."""
    if event.stars is not None:
        return event.stars - 1
    return 4 if event.kind in part.good else 0


def _stars(reviews: Sequence[tuple[int, int]]) -> Fraction:
    total = Fraction(sum(stars * weight for stars, weight in reviews), _WHOLE)
    return bayesian_mean(total, Fraction(sum(weight for _, weight in reviews), _WHOLE))


def _positive_share(reviews: Sequence[tuple[int, int]]) -> Fraction:
    whole = sum(weight for _, weight in reviews)
    positive = sum(weight for stars, weight in reviews if stars >= POSITIVE_STARS)
    return Fraction(positive, whole) if whole else Fraction(0)


def _is_open(gate: Gate, events: Sequence[Happened]) -> bool:
    opened = sum(event.kind == gate.opens for event in events)
    closed = sum(event.kind == gate.closes for event in events)
    return opened > closed
