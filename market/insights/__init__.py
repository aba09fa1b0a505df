"""Insights: the figures on public pages, read from the rooms that own them.

Words: a *pot figure* is what became of one programme's budget; the *grade mix* is how many pieces of each
grade were delivered.

Laws:
1. Nothing is stored here: every figure is a sum of the rows it speaks of, at the moment it is read.
2. The parts of a chart sum to its whole, to the pixel.
3. A figure about goods reads the order line's snapshot, never today's catalog.
4. Nothing here names a person.
"""
