"""How people write what they look for: words, sounds, slips and numerals of Chinese. No tables, no clock.

A *term* is what an index holds of a text, as a 32-bit number; a *sound* is a word's pinyin with what dialect
speakers mix up made equal; a *slip* is one wrong, missing, doubled or swapped character.

Laws: every part of a text has all its terms in those of the text; equal sounds are found whatever the
characters; a numeral reads back as it was written.
"""
