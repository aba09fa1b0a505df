"""What the maker pays in for a recall is an item on the shop's sheet."""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

KINDS = ("sale", "reduction", "clawback", "disallowed", "carriage")


def upgrade() -> None:
    _allow((*KINDS, "recall"))


def downgrade() -> None:
    # The money stays the shop's: on the sheets it is what it otherwise would be, a sale's.
    op.execute("UPDATE settlement_items SET kind = 'sale' WHERE kind = 'recall'")
    _allow(KINDS)


def _allow(kinds: tuple[str, ...]) -> None:
    name = op.f("ck_settlement_items_itemkind")
    op.drop_constraint(name, "settlement_items", type_="check")
    listed = ", ".join(repr(kind) for kind in kinds)
    op.create_check_constraint(name, "settlement_items", f"kind IN ({listed})")
