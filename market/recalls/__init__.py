"""Recalls: what is dangerous is stopped, everybody who has it is told, and each piece is made safe.

Words: a *signal* is the news of a danger; a *scope* is which pieces it is of (`market.catalog.recalled` keeps
those in force, so that every lower room can ask); a *unit* is one piece, in a shop or with its buyer; a
*duty* is a report that the law wants by a day; a *shelf check* is a shop's answer that it has looked.

Laws:
1. One operator confirms a recall and another publishes it. From the transaction of publishing on no piece of
   its listings is promised to anybody.
2. Every buyer since the first sale is told, and is reached or marked out of reach by name of who tried.
3. A recall is closed when each sold piece is remedied, not affected or marked out of reach; its rate says how
   many were remedied. It overrides any return window.
4. What a remedy costs is a claim against the maker, in the book, once per piece; what a shop sold after the
   publication is the shop's own. The maker never pays in more than it owes;
   of what it pays each shop gets back what a refund took from it, and no more.
5. Legal deadlines are rows with a timer; a late one stays visible. Nothing of a recall is deleted: its
   records are kept for five years from its close.

The room is of its own and above `aftersales`: a recall asks for refunds and repairs, and neither of these has
to know that it does.
"""
