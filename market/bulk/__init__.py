"""Bulk: a shop's whole list as one sheet, out and in again.

Words: a `SheetImport` is a sheet that was read and waits for its shop to say yes; a row of it is `new`, a
`change`, the `same` as what is there, or `wrong`, with a sentence for each cell that is.

Laws:
1. Reading a sheet changes nothing; applying it changes what is right, 500 rows to a transaction.
2. A sheet that was exported is the same when it is read; what was applied is the same when it comes again.
3. What is written into a sheet is never a formula.
"""
