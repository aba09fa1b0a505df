"""Points: earned on own money, more for better grades; vested, spent, returned, expired.

Words: a *lot* is points earned together, with one expiry; a *spend* takes from lots. One point is worth
one fen.

Laws:
1. Points move only through the ledger; a buyer's `points_accounts` row repeats its two balances for the
   conditional update that stops overspending, and the audit compares them.
2. Lots are spent first-expiring-first; points that come back keep their original expiry.
3. Earned points are pending until the return window is over.
4. Each earning, grant and spend happens once per reference.
"""
