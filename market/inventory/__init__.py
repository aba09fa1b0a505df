"""Inventory: how many pieces of a listing there are, who they are promised to, and every time that changed.

Words: `Stock` counts pieces on hand, of which some are *reserved* (an unpaid or unconfirmed order) and some
*allocated* (the shop confirmed); the rest is left to sell. A `Movement` is a change of the pieces on hand; a
`Reservation` is one reference's claim on some of them.

Laws:
1. Reserved and allocated pieces together are never more than those on hand, and nothing is negative.
2. The movements of a listing sum to its pieces on hand; a movement is never changed or removed.
3. Open reservations sum to `reserved` and `allocated`.
4. Each step of a reference happens once, however often it is asked for.
5. A serial number stands for one piece of a product.
"""
