"""Privacy: what is kept about a person, why, how long, and how it goes.

Words: `Holding` (what one table keeps about a person), `Basis` (the ground on which it may be kept), erasing
(an account ends, and all that nothing requires goes at once), purging (what is older than its time goes).

Laws:
1. The data map (`data_map.HOLDINGS`) names every table that knows a person; one that it lacks fails a test.
2. A person gets a copy of everything the map names, and nothing of anybody else.
3. Erasing and purging take away what says who somebody is. Amounts, goods and dates stay: the books balance.
4. Done twice, it is done once.
"""
