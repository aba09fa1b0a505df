"""Settlements: what a shop has earned becomes money in its bank account.

Words: an *item* is one sale, one reduction of a sale by a refund, or one *carriage*, the shop's share of what
a batch cost less what its buyers paid for delivery, or what the maker pays back of a recalled sale;
a *sheet* gathers a shop's items of a week (by the Monday
it begins on, in China); a *bank file* pays sheets. A *statement* is what a recycler owes of a month for what
consumers were credited for its devices.

Laws:
1. An item is pending until the return window is over and, where the buyer paid in cash, the cash is in the
   bank; a reduction goes the way of its sale. A carriage is due at once.
2. Each item is on one sheet, each shop has one sheet a week, each sheet is in one bank file: running any of
   it again, or dying in the middle, pays once.
3. A sheet is approved by two different people, and so is a shop's bank account.
4. pending, available and payable in the book are the sums of the items and sheets in those states.
5. What a recycler owes in the book is on one statement each, due or paid, or waits for the month's end.
"""
