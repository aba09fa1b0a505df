"""Credit: reviews, and the ratings of shops, couriers, recyclers and (for themselves alone) buyers.

Words: a *review* is a buyer's stars and words for what she received; a *weighing* is what it counts and
why; a *mask* covers unlawful words with a public tombstone; a *rating event* is one recorded fact (handed
over late, dispute lost), or amends another (a review revised or weighed, an event voided on appeal); a
*component* is a question the criteria ask of the events, with a weight; a *gate* overrides the score while
it is open; a *standing* is the computed result; a *rating* is the standing as last computed, and its
*letter* what has effects; a *rating change* says which event moved it.

Laws:
1. A rating is a pure function of the recorded events and the published criteria, in whole numbers: replaying
   the events from zero, in any order, gives the same rating to the last digit.
2. Reviews weigh at most 30 %. A good event never lowers a score and a bad one never raises it.
3. A review is never changed or deleted (E-Commerce Law art. 39); PostgreSQL refuses it too. What it counts is
   never lowered without a reason that its author, its shop and the county read.
4. One review per thing received, one edit, one answer; one event per reference and kind; one appeal each.
5. Every change of a rating is kept with the event that caused it, and whom it hurts may appeal to a person.
6. A rating does what the published table says, and nothing else. A buyer's opens services and sets no price.
"""
