"""Delivery: one pool of jobs per county, batched, planned and carried. It carries anything.

Words: a *job* is one thing to carry to or from one place; a *batch* is a county's jobs of one day and wave; a
*run* is what one vehicle does in a day; a *stop* is one address on it with all of its jobs; a *proof* is what
the courier leaves.

Laws:
1. A job is in exactly one batch, or waits with a reason.
2. A batch is closed once, however often it is asked for, and planned again only before its release.
3. Jobs of one address are one stop, or as many loads as a vehicle needs for them.
4. A stop ends once: done with its proof and exactly the cash that is due, or failed with a reason.
5. A plan that breaks a rule is never saved, whoever made it.
6. A batch's cost is shared among the *parties* it carries for, to the fen and none above going alone; the
   shares change with the plan and are frozen at its release.
7. Nothing is left at a station without the recipient's recorded consent (express rules, facts §6.7).
8. No run goes out without its crew's break, nor comes in hours that were not agreed.
"""
