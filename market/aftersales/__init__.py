"""After the sale: what a buyer gives back, and what is mended for her.

Words: a *return* is a request on one order line, with a *ground* (why) and a *remedy* (what she wants:
money, another one, a lower price); a *repair* is a thing mended at the county's station; *terms* are what
三包 says of a category; a *case* is either a return or a repair.

Laws:
1. Money, subsidy and points follow only through a refund document, stock only through inventory, the road
   only through delivery's jobs. Never more goes back than was paid.
2. Every piece that came back is on the shelf again, written off for a reason, or under way.
3. What a case may do next is in its state table; each step is written down and its buyer told.
4. Each waiting has an end (`due_at`). Silence of the shop never harms the buyer, silence of the buyer never
   costs her money.
5. The warranty's clock stands still while a thing is on its way to the station, there, and on its way home.
"""
