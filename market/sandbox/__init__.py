"""A payment sandbox: a small process of its own that speaks the part of Stripe's API the market uses.

No machine that builds the market reaches Stripe, so `STRIPE_API_BASE` points the real SDK here. Nothing in
`market` imports this package and it imports nothing of `market`. Its laws:

1. What was answered is kept: an effect, its events and the answer saved under the idempotency key are one
   SQLite transaction, so a kill at any moment loses nothing a client was told.
2. Idempotency, errors, refund limits and webhook signatures follow Stripe's documentation; where the
   sandbox knows less than Stripe, it refuses (unknown parameters are errors) rather than pretends.
3. Faults happen only when `/_control` asks for them.
"""
