"""Which role may do what at the shop's door, in one place. What is not named here is a clerk's too."""

from market.shops.models import ShopRole

# Money that leaves, where it goes, papers, and who works here.
OWNERS = frozenset(
    {
        "answer_fraud",
        "ask_refund",
        "bank_account",
        "end_holiday",
        "holiday",
        "invite",
        "refund_form",
        "remove_staff",
        "send_paper",
        "people",
        "withdraw_claim",
        "withdraw_group",
    }
)
# Where an owner also gives the second factor, at most 15 minutes before: always, or above an amount of money.
# Whoever is made an owner could do all of these, so that takes it too.
PROVED = frozenset({"bank_account", "invite_owner", "withdraw_group"})
PROVED_ABOVE = frozenset({"ask_refund"})
# A driver sees what is to be handed over, and nothing else.
DRIVERS = frozenset({"hand_overs", "scan_out"})


def needs_proof(endpoint: str, amount_fen: int, above_fen: int) -> bool:
    """Whether the act takes a second factor where it moves `amount_fen` and the limit is `above_fen`."""
    return endpoint in PROVED or (endpoint in PROVED_ABOVE and amount_fen > above_fen)


def may(role: ShopRole, endpoint: str) -> bool:
    """Whether somebody in `role` may use the shop's `endpoint` (without the door's name)."""
    if role is ShopRole.owner:
        return True
    if role is ShopRole.driver:
        return endpoint in DRIVERS
    return endpoint not in OWNERS
