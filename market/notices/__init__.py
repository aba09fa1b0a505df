"""Notices: what the market tells a person.

Words: a *notice* is one thing to know, by its kind and the values its sentence mentions.

Laws:
1. A notice is written in the transaction of what it tells of, or not at all.
2. It holds values, never a sentence: the door says it in the reader's language.
3. The same thing is told once per dedupe key.
"""
