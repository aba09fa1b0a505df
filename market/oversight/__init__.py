"""Oversight: who is looked at among the recyclers, what was found, what people report, what figures warn of.

Words: a *draw* picks recyclers and inspectors by lot (双随机); an *inspection* is one visit with its
*findings*; a *case* is what somebody reported (投诉举报); an *alert* is a figure beyond its threshold.

Laws:
1. Nobody chooses who is inspected or by whom: the seed's hash is published before, the seed after, and
   anybody can draw again.
2. Who wrote an inspection down does not publish it; what is published is not changed any more.
3. A finding has a date by which it is put right; one that passes it is an alarm until it is.
4. Nobody learns who reported something: nothing of them is kept, and recyclers never see a report.
5. An alert is computed from the orders behind it and shows them; its thresholds are data.
"""
