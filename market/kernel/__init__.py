"""The kernel: money, clock, ids, states, database, outbox and errors.

It carries no business meaning and knows no feature. Everything above may import it.
"""
