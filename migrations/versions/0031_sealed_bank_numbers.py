"""Bank numbers and bank files are kept sealed, whoever reads them whole says what for, and a payment keeps a
keyed mark of who paid."""

import sqlalchemy as sa
from alembic import op

from market.kernel.seal import SEALED, Seal
from market.settings import read

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

PURPOSE = "settlements"
VIEWED_FOR = ("collection", "delivery", "order", "recycling", "subsidy")


def _seal() -> Seal:
    """Asked for only where there is something to seal: an empty database migrates without a key."""
    keys = read().secret_keys
    if not keys:
        raise RuntimeError(
            "there are bank numbers to seal: set SECRET_KEY to the web server's and migrate again"
        )
    return Seal(keys, PURPOSE)


def _rows(statement: str) -> list[sa.Row[tuple[object, str]]]:
    return list(op.get_bind().execute(sa.text(statement)))


def _viewed_for(*purposes: str) -> None:
    listed = ", ".join(f"'{purpose}'" for purpose in purposes)
    op.drop_constraint(op.f("ck_data_accesses_viewpurpose"), "data_accesses", type_="check")
    op.create_check_constraint(
        op.f("ck_data_accesses_viewpurpose"), "data_accesses", f"purpose IN ({listed})"
    )


def upgrade() -> None:
    _viewed_for(*VIEWED_FOR, "review", "settlement")
    op.add_column("payments", sa.Column("payer_hash", sa.Text(), nullable=True))
    op.create_index(op.f("ix_payments_payer_hash"), "payments", ["payer_hash"])
    op.add_column("shop_bank_accounts", sa.Column("number_sealed", sa.Text(), nullable=True))
    op.add_column("shop_bank_accounts", sa.Column("tail", sa.Text(), nullable=True))
    op.add_column("bank_files", sa.Column("content_sealed", sa.Text(), nullable=True))
    _close()
    op.drop_constraint(op.f("ck_shop_bank_accounts_number"), "shop_bank_accounts", type_="check")
    op.drop_column("shop_bank_accounts", "number")
    op.drop_column("bank_files", "content")
    for table, column in (
        ("shop_bank_accounts", "number_sealed"),
        ("shop_bank_accounts", "tail"),
        ("bank_files", "content_sealed"),
    ):
        op.alter_column(table, column, nullable=False)
        rule = "tail ~ '^[0-9]{4}$'" if column == "tail" else f"{column} ~ '{SEALED}'"
        op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, rule)


def _close() -> None:
    update = sa.text(
        "UPDATE shop_bank_accounts SET number_sealed = :sealed, tail = :tail WHERE shop_id = :id"
    )
    for id_, number in _rows("SELECT shop_id, number FROM shop_bank_accounts"):
        op.get_bind().execute(update, {"id": id_, "sealed": _seal().close(number), "tail": number[-4:]})
    update = sa.text("UPDATE bank_files SET content_sealed = :sealed WHERE id = :id")
    for id_, content in _rows("SELECT id, convert_from(content, 'UTF8') FROM bank_files"):
        op.get_bind().execute(update, {"id": id_, "sealed": _seal().close(content)})


def downgrade() -> None:
    op.add_column("shop_bank_accounts", sa.Column("number", sa.Text(), nullable=True))
    op.add_column("bank_files", sa.Column("content", sa.LargeBinary(), nullable=True))
    update = sa.text("UPDATE shop_bank_accounts SET number = :number WHERE shop_id = :id")
    for id_, sealed in _rows("SELECT shop_id, number_sealed FROM shop_bank_accounts"):
        op.get_bind().execute(update, {"id": id_, "number": _seal().open(sealed)})
    update = sa.text("UPDATE bank_files SET content = :content WHERE id = :id")
    for id_, sealed in _rows("SELECT id, content_sealed FROM bank_files"):
        op.get_bind().execute(update, {"id": id_, "content": _seal().open(sealed).encode()})
    op.drop_column("shop_bank_accounts", "number_sealed")
    op.drop_column("shop_bank_accounts", "tail")
    op.drop_column("bank_files", "content_sealed")
    op.alter_column("shop_bank_accounts", "number", nullable=False)
    op.create_check_constraint(
        op.f("ck_shop_bank_accounts_number"), "shop_bank_accounts", "number ~ '^[0-9]{8,30}$'"
    )
    op.alter_column("bank_files", "content", nullable=False)
    op.drop_index(op.f("ix_payments_payer_hash"), "payments")
    op.drop_column("payments", "payer_hash")
    op.execute("DELETE FROM data_accesses WHERE purpose IN ('review', 'settlement')")
    _viewed_for(*VIEWED_FOR)
