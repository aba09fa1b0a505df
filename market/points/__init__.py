"""Points: earned on own money, more for better grades; vested, spent, returned, expired.

Words: a *lot* is points earned together, with one expiry; a *spend* takes from lots. One point is worth
one fen.

Laws:
1. Points move only through the ledger; a buyer's `points_accounts` row repeats its balances, is
   locked before anything moves her points, and the audit compares it.
2. Lots are spent first-expiring-first; points that come back keep their original expiry.
3. Earned points are pending until the return window is over.
4. What was earned on refunded money is taken back, pro rata; what is spent by then is a debt, which later
   points pay first.
5. Each earning, grant and spend happens once per reference.
"""
