"""Collection: temporary points and yards where people bring old things, and the truck that empties them.

Words: a *point* (or *yard*) takes some *kinds* of things, each up to a number of *units*, and all of them
up to a volume; an *item* is one thing with its code, *booked* before it comes and *held* when it is there;
a *transfer* is what one job carries from a point to the hub for one licensed recycler: its manifest.

Laws:
1. Nothing is above 100 %: a place is taken by one conditional UPDATE, and bookings count.
2. A point takes in only between its dates, while it is open, and only the kinds it has room for.
3. At 80 % the county is alarmed and the truck is asked for, by itself; so it is when a point closes.
4. The load is what its items say, and goes off when the courier has taken them, not before.
5. What leaves goes to a recycler that is licensed for it on that day, who counts it, weighs it and signs; a
   difference is the county's to explain, and stays in the records.
6. Room for a thing that is sent in is booked under its order's code, and given back when it goes elsewhere.
"""
