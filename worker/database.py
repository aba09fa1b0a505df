"""One connection pool per worker process."""

from functools import cache

from sqlalchemy import Engine, create_engine

import market
from market.settings import read


@cache
def engine() -> Engine:
    """The process's engine, made on first use: a pool must not cross a fork."""
    market.load_models()
    return create_engine(read().database_url, pool_size=2, pool_pre_ping=True, hide_parameters=True)
