"""The demo and test data: a county that works, under brands and people that do not exist.

It stands above every room and uses their use cases; nothing imports it but the command line. The same seed
gives the same data (ids, hashes and times aside), and a second run changes nothing: each thing is looked for
by its natural key (phone, licence, brand and model, plate) before it is made.
"""
