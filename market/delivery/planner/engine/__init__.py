"""A search of our own for thousands of stops: ruin and recreate under simulated annealing.

A round takes strings of stops off neighboring routes, puts each back next to a near neighbor, and then
keeps the change or undoes it (SISR: Christiaens and Vanden Berghe, Slack Induction by String Removals, 2020).
All of it is local: what a round costs does not grow with the number of stops.

Laws:
1. Every plan that a round leaves behind keeps capacity, windows and order; only prizes may be left lying.
2. The same seed and number of rounds give the same plan; a budget of CPU seconds does not.
3. Nothing here is imported until something is planned: Numba takes a second, and compiling many more.
"""
