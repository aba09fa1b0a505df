"""Finding: what a person asks for in her own words, and the listings of her county that answer it.

Words: an *entry* is a findable listing with what it is found, narrowed and sorted by; the *vocabulary* is
what the county's catalog, categories and dialects are made of; an *asked* is a sentence read as filters and
words; a *ruling* is a county's word on one dialect or old name.

Laws: entries follow listings, prices, stock, labels, shops and ratings in the transaction that changes them
(PostgreSQL's triggers, whatever code is at work); a filter that was read from a sentence is shown and can be
taken off; a count is exact or says "at least"; no place is for sale.
"""
