"""Which role may do what at the shop's door, in one place. What is not named here is a clerk's too."""

from market.shops.models import ShopRole

# Money that leaves, where it goes, papers, and who works here.
OWNERS = frozenset(
    {
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
    }
)
# A driver sees what is to be handed over, and nothing else.
DRIVERS = frozenset({"hand_overs", "scan_out"})


def may(role: ShopRole, endpoint: str) -> bool:
    """Whether somebody in `role` may use the shop's `endpoint` (without the door's name)."""
    if role is ShopRole.owner:
        return True
    if role is ShopRole.driver:
        return endpoint in DRIVERS
    return endpoint not in OWNERS
