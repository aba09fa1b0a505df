"""Credit: reviews, and the ratings of shops, couriers and recyclers.

Words: a *review* is a buyer's stars and words for what she received; a *rating event* is one recorded fact
(handed over late, dispute lost); a *component* is a question the criteria ask of the events, with a weight;
a *gate* overrides the score while it is open; a *standing* is the computed result; a *rating* is the standing
as last computed, and a *rating change* says which event moved it.

Laws:
1. A rating is a pure function of the recorded events and the published criteria: replaying the events from
   zero gives the same rating to the last digit.
2. Reviews weigh at most 30 %. A good event never lowers a score and a bad one never raises it.
3. A review is never changed or deleted (E-Commerce Law art. 39); PostgreSQL refuses it too.
4. One review per thing received, one event per reference and kind.
5. Every change of a rating is kept with the event that caused it.
"""
