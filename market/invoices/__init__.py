"""Invoices (发票): what a shop sold to whom, as a document with a number.

Words: a *blue* invoice is issued when goods are delivered, a *red* one takes part or all of a blue one back.

Laws:
1. A shop's numbers of a year have no gap: a number is taken in the transaction that writes the invoice.
2. The amount is the buyer's own money for the goods plus the subsidy, and the title is the claimant, who is
   a person (facts §1.3, §6.8). Points and old appliances were taken off before; delivery is the county's.
3. A red invoice names its blue one, and together they never take back more than it.
4. An invoice is never changed or deleted; only the tax authority's own number is added to it.
"""
