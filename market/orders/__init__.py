"""Orders: the cart, its price, checkout, and what becomes of an order.

Words: an *order* is what a buyer placed, with one payment; it splits into one *shop order* per shop, each of
*lines*. A *tender* is one way in which the total is met.

Laws:
1. One fixed order of reductions: list price, shop promotion, coupon, points, subsidy base, subsidy,
   trade-in credit, what is paid. Every line stores each part.
2. An order's tenders sum to its total, at all times.
3. Order, payment and fulfillment each have their own state; the status people see is derived.
4. A line is a snapshot: nothing that renders an old order reads today's catalog.
5. A cart is placed once per key, and what it reserves is all reserved or nothing is.
"""
