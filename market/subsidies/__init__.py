"""Subsidies: what the state pays, to whom, why, and out of which pot.

Words: a *programme* is a government's rule as data; a *pot* is a county's budget for one; a *quota* is what
one person has used; a *claim* is one line's subsidy, with its *evidence*, its *flags* and its *trail*; a
*batch* asks the treasury; a *clawback* is what the state gets back after it has paid.

Laws:
1. A programme's id stays on what it decided; a published programme never changes.
2. A subsidy is rounded down to the fen, capped per item, and counted per item, never per line.
3. held + committed + paid never exceeds a pot's budget; a person's use never exceeds the quota: both by one
   conditional UPDATE with a CHECK behind it.
4. A subsidy is a tender paid by the pot in the ledger, not a discount.
5. A refusal names the one condition that failed.
6. Evidence comes from what really happened, and neither it nor the trail is ever changed.
7. An auditor and two operators, three people, approve a claim; who rejected it does not decide its appeal.
8. A serial number is claimed once over all programmes, until its goods have come back.
9. A claim is in one batch; an answer of the treasury's counts once; what comes back later the shop owes.
"""
