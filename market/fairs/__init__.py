"""Fairs and roving vans: the market comes to the villages (policy clause: appliances to the countryside).

Words: a *fair* stands at one venue, a *van* makes a round; either has *stops* (where, from when to when),
shops that take part, and *goods* that a shop sets aside for it.

Laws:
1. What is set aside is reserved stock: nobody else can buy it, and nothing is ever negative.
2. What was not sold is back in its shop at the end, by itself, once.
3. A sale is an ordinary order, placed by the buyer herself while the fair or van is open.
4. Visitors are counted, never known.
"""
