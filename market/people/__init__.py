"""People: who has an account, where they live, what they agreed to and who looked at their data.

Words: `Account` (one person, found by the mobile number), `AccountSession` (one signed-in browser),
`CountyStaff` (an operator of a county), `Address`, `Consent` (a purpose in a version, given or withdrawn),
`DataAccess` (somebody read somebody's personal data, for a purpose).

Laws:
1. A phone number is stored in one shape (eleven digits) and belongs to one account.
2. Passwords are kept as argon2id hashes; an unknown number costs as much time as a wrong password.
3. A session lives in the database under the hash of its token: revoked is revoked, whoever holds the cookie.
4. A consent is as easy to withdraw as to give, and neither row is ever rewritten.
5. Reading another person's data leaves a row that this person can see.
"""
