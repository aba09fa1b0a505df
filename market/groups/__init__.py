"""Groups: a shop has something made once enough people want it (consumer to maker, C2M).

Words: a *group* is one listing, to be made if `least` pieces are wanted by its deadline; a *tier* says what
each piece costs from so many on; a *place* is one person's pieces in it, with what she chose and the deposit
she paid down.

Laws:
1. A deposit is never more than a fifth of the price (Civil Code art. 586) and never lost or doubled: it is
   taken up by an order, goes back the way it came, or is forfeit to the shop that had the goods made.
2. Pieces taken are never more than the most that can be made.
3. The deadline decides, not the worker: what comes a minute late is late, whenever it is looked at.
4. The price never exceeds what the listing costs alone, which never exceeds what is filed. The more are
   wanted the less each costs; what is agreed at the deadline is what everybody pays at most.
5. Where the group comes about, a place becomes an order by checkout itself; only then is subsidy decided.
6. A deposit is only forfeit by the rule its payer agreed to (Civil Code art. 587), and never where she could
   not have bought.
7. A shop that lets a group down after it came about owes every deposit once more (the same article): out of
   its own money, once.
"""
