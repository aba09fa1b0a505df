"""Cash on delivery, from the buyer's hand to the bank.

A **collection** is the cash a courier took for one reference; a **hand-in** passes a courier's collections to
the hub against a one-time code; a **deposit** takes hand-ins to the bank with a slip; a **break** is a
difference between what was expected and what was counted.

Laws:
1. One reference is collected at most once, and each collection is in at most one standing hand-in.
2. A code opens one hand-in, once, for half an hour and five wrong tries; only its hash is kept.
3. What is counted is what is booked. A difference stays on the account of whoever had the cash, as a break;
   it is explained or written off by an entry, never edited away.
4. Cash counts as banked with the slip, and not before: a shop is paid for it only then.
"""
