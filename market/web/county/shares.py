"""What the parties of a batch save by sharing a plan, and what each bears of it: the figures of one panel."""

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from market.delivery.models import COUNTY, Batch, BatchShare
from market.delivery.queries import progress, shares_of
from market.delivery.shares import is_frozen
from market.shops.queries import shops

CHART_WIDTH = 320


@dataclass(frozen=True, slots=True)
class Bar:
    """One party: what it saves in fen, and how long its two bars are in the chart's units."""

    name: str
    share: BatchShare
    alone_width: float
    share_width: float

    @property
    def saved_fen(self) -> int:
        """What the party does not pay, compared with going alone."""
        return self.share.alone_fen - self.share.share_fen


@dataclass(frozen=True, slots=True)
class Panel:
    """The batch's plan against everyone going alone and against what no plan can beat; all in fen."""

    cost_fen: int
    alone_fen: int
    lower_bound_fen: int
    is_frozen: bool
    bars: tuple[Bar, ...]

    @property
    def is_pooled(self) -> bool:
        """Whether one plan for all costs no more than a plan for each."""
        return self.cost_fen <= self.alone_fen

    @property
    def saved_fen(self) -> int:
        """What going together saves; negative where it does not."""
        return self.alone_fen - self.cost_fen

    @property
    def saved_percent(self) -> float:
        """The saving, of what all would cost alone."""
        return 100 * self.saved_fen / self.alone_fen if self.alone_fen else 0.0

    @property
    def gap_percent(self) -> float:
        """How far the plan is above the bound, at most above the best plan there is."""
        return 100 * (self.cost_fen / self.lower_bound_fen - 1) if self.lower_bound_fen else 0.0

    @property
    def is_sampled(self) -> bool:
        """Whether the shares are estimates, with their errors."""
        return any(bar.share.error_fen for bar in self.bars)


def panel(session: Session, batch: Batch) -> Panel | None:
    """The batch's shares, the largest first; None while they are not there."""
    if batch.cost_fen is None or batch.alone_fen is None or batch.lower_bound_fen is None:
        return None
    found = shares_of(session, batch.id)
    names = {str(shop.id): shop.name for shop in shops(session, batch.county_code)}
    names[COUNTY] = _("县里（收旧家电）")
    most = max(share.alone_fen for share in found) or 1
    bars = tuple(
        Bar(
            names.get(share.party, share.party),
            share,
            round(CHART_WIDTH * share.alone_fen / most, 1),
            round(CHART_WIDTH * share.share_fen / most, 1),
        )
        for share in found
    )
    return Panel(batch.cost_fen, batch.alone_fen, batch.lower_bound_fen, is_frozen(batch), bars)


def shares_percent(session: Session, batch: Batch) -> int | None:
    """How far the sharing of a batch with a plan is; None where there is nothing to wait for."""
    if not batch.runs or batch.cost_fen is None or batch.alone_fen is not None:
        return None
    told = progress(session, batch.id)
    return told.shares_percent if told else 0
