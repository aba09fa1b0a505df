"""Savings: the three accounts of an appliance (energy, money, safety), and the appliances people have.

Words: the *energy account* is what it uses in a year, the *economic account* what replacing it costs and
brings, the *safety account* its age against its safe life; an *appliance* is one that a person has at home.

Laws:
1. Every figure comes from inputs that are shown and can be changed; a factor is never applied silently.
2. Where replacing does not pay, that is said: no payback is negative, and none is made up.
3. What is unknown stays unknown: no year of use, price, factor or safe life is guessed.
4. A hazard comes before every sum: stop using it, whatever its age.
5. Tariffs, carbon factors and safe lives are data with a source and a confidence.
"""
