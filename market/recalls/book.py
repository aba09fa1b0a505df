"""What a recall writes into the ledger: the claim against the maker for what a remedy cost (Consumer
Protection Law art. 19: the costs of a recall are the producer's)."""

from datetime import datetime

from sqlalchemy.orm import Session

from market.ledger.post import post
from market.ledger.rules import BANK, credit, debit, maker_due, recall_costs
from market.recalls.models import Recall, RecallPayment, RecallUnit


def claim_from_maker(
    session: Session, recall: Recall, unit: RecallUnit, cost_fen: int, now: datetime
) -> None:
    """The maker owes what the remedy of one piece cost. Once per piece."""
    lines = [debit(maker_due(recall.id), cost_fen), credit(recall_costs(recall.county_code), cost_fen)]
    post(session, "recall.cost", recall.reference, f"recall:cost:{unit.id}", lines, now)


def book_payment(session: Session, recall: Recall, paid: RecallPayment, now: datetime) -> None:
    """The maker's money is in the bank. Once per payment."""
    lines = [debit(BANK, paid.amount_fen), credit(maker_due(recall.id), paid.amount_fen)]
    post(session, "recall.paid_in", recall.reference, f"recall:paid:{paid.id}", lines, now)
