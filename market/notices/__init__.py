"""Notices: what the market tells people.

Words: `Notice` (a row in somebody's inbox: a kind and its values, put into words by the door that shows it),
`TextMessage` (what goes out by SMS to those who agreed to it).

Laws:
1. A notice is written in the transaction of what it tells; with a `dedupe_key` it is written once.
2. A notice holds values, not sentences, so that it speaks the reader's language when it is read.
3. A text message leaves only for who agreed to it, by the outbox, once per notice.
"""
