"""Payments: the buyer's own money, taken and given back through a provider.

Words: a *payment* is one attempt to pay an order online; a *capture* is money that has arrived; a *refund* is
a document with its own life; a *break* is a difference between the provider's truth and ours.

Laws:
1. A success page proves nothing. Webhook, return page and sweep call one function, which locks the payment,
   fetches the truth from the provider and moves the payment once.
2. Amount and currency must match, or it is a recorded break and nothing is paid.
3. Money that arrives for an order that no longer waits for it goes back by itself. A *bill* of a higher room
   is that room's to count (`payments.bill_paid`); what it no longer waits for goes back too.
4. Every call that moves money carries an idempotency key that is ours, so that a repeat is harmless.
5. Refunds of a payment never exceed what it captured, under the payment's lock.
"""
