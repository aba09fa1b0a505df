"""The catalog: what is sold, what its label proves, and how it is found.

Words: a `Product` is a model of a brand; a `Listing` is one shop's offer of it; a `Category` carries the
defaults of its products; a `Standard` is one version of an efficiency standard; a `LabelRecord` is an entry
of the energy or water label register that somebody declared for a product; a `Scan` is its photo; a
`Certificate` is somebody else's word for it; a `ZoneMembership` is a product's stay in the green zone.

Laws:
1. A label or certificate counts only once an operator has verified it against its photo, and only until it
   expires.
2. A grade is resolved by the standard version that the label cites; a value on a threshold gets the better
   grade, and what a standard leaves unknown gets no grade.
3. A price is never above the filed list price, and every price a listing had is on record.
4. Who is in the green zone follows from `zone_rule.verdict` and from nothing else: whoever changes what it
   looks at calls `zone.reconsider`, and pages leave out what is past its last day.
5. A listing is for sale while it is active and its shop is open.
6. A listing is made to order once the county has looked at it and agreed, and for orders placed until it no
   longer does.
"""
