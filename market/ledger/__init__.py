"""The book: every yuan and every point of the county in one double-entry ledger.

Words: an *account* (code, unit, normal side) takes *postings*; an *entry* is a set of postings with a kind,
a reference and an idempotency key. A *hold* is a pending entry that is later posted or voided.

Laws:
1. The postings of an entry sum to zero in each unit; PostgreSQL checks it again at commit.
2. Entries and postings are never changed or removed: the application's role has no grant to do so.
   A mistake is reversed by another entry.
3. A key is used once: the same entry written twice is one entry.
4. A balance is the sum of postings; nothing here stores one.
5. A hold is resolved once, by posting it or voiding it.
"""
