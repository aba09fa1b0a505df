"""Recycling: what comes back, by post or with an order, and what becomes of it.

Words: a *price table* says what a used thing of a category is worth, by age and fault, and is kept by
version; a *quote* is the price before anyone has seen the thing; an *assessment* is what the recycler found;
a *re-offer* is a lower offer with its reasons; a *trade-in* is an old appliance handed over with an order, a
*recycling order* a thing sent in by a *way*: by post, fetched by the courier, or carried to a place; a
*campaign* pays the freight of parcels for a time; *custody* is the chain of who held it; a *device* is
the thing itself, however it came; a *manifest* is the numbered hand-over to a dismantler.

Laws:
1. An offer follows from the price table that the quote was made from and the faults found: no recycler can
   name a price of its own. No offer is below the material value.
2. Silence never accepts. A re-offer without an answer sends the thing home, free.
3. One payout for one device, never above the offer that was accepted; it is paid before it is wiped, and
   nothing that held data is resold or dismantled before its wipe is verified. What no software can wipe is
   destroyed by one person before another, and is scrap from then on.
4. The recycler knows a thing by its code, never whose it was.
5. What is dangerous never goes by post; each danger has a way and a place that take it (facts §3.3).
6. A campaign never promises more freight than it has, nor to one person more than its cap.
7. Each move and each change of hands is one row of custody, chained by hash to the one before: a changed row
   shows. Who gives shows a one-time code, who takes signs by it; nothing goes to who has no licence for it.
   What is carried to a station or a point is signed for by its keeper, and is not lost while it stands there.
8. What a recycler received is what it resold, handed to a dismantler, returned and has in stock, by count and
   by gram; each side is summed from rows of its own.
"""
