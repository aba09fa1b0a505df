"""Background work on Celery. PostgreSQL holds what is to be done; Celery only carries ids to whoever does it.

- `schedule`: what beat starts, and how often. `relay`: from the outbox to the broker, and again if need be.
- `tasks`: what the broker carries. `handlers`: which event causes what, the one table of all reactions.

Laws:
1. A message carries an id. Losing it, or getting it twice, changes nothing.
2. A handler's work and the mark that it is done are one transaction.
3. What fails is tried again later, ever more rarely, and is given up in plain sight of `market audit`.
"""
