"""Roads: how far and how long it is by road between a county's places, from its OpenStreetMap extract.

Words: an *extract* is a ``.osm.pbf`` file; a *piece* is a stretch of one way with nothing missing or shut in
it; an *arc* leads from node to node in one direction; the *net* is the largest part of the roads whose nodes
all reach each other; a *gap* is the great circle from a place to the nearest node of the net.

Laws:
1. Ways are the fastest ones, and the shortest among equally fast ones. Their seconds obey the triangle
   inequality and are never rounded down; their meters are those of that same way.
2. There is never a global matrix: who needs ways asks for blocks of them.
3. A place off the net is not refused: its gap counts as the county's estimate of a road, and is told.
4. Loading replaces a county's roads whole or not at all.

Left out, for want of data in rural counties: turn restrictions, surfaces, traffic and the hours of a day.
"""
