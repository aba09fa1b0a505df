"""Alembic's environment: the connection is handed over by `market.migrate`."""

from alembic import context

import market
from market.kernel.db import Base

market.load_models()
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_server_default=False,
)
with context.begin_transaction():
    context.run_migrations()
