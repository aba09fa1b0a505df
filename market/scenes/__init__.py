"""Scenes: a shop's things for one room of the house, bought together (policy clause 1.2).

Words: a *set* is some of a shop's listings with so many pieces of each; its *promotion* is what the shop
takes off when all of them are bought together. A *county set* is put together by an operator, over the shops.

Laws:
1. A set is of one shop's own listings, two to six of them; a county set of its open shops' in the green zone.
2. A promotion is shared over the lines by price, to the fen, and is never more than half of the prices;
   a county set has none, for prices are the shops' own.
3. A set is sold whole: where one part is gone, recalled or short, it says so and cannot be put in a cart.
4. A set is never removed, only hidden: carts and old orders know it.
"""
