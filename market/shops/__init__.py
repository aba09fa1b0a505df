"""Shops: the county's shops, their people and their papers.

Words: `Shop` (one business of one county, with a business licence), `ShopStaff` (an account that works there,
as owner or clerk).

Laws:
1. A shop sells only while it is open; every other state carries the reason it is in.
2. An account works for at most one shop.
3. A licence number belongs to one shop.
4. The commission is the shop's own, in basis points of the goods, and an order freezes it.
"""
