"""Places: where everything is, from provinces down to a village's parcel station.

Words: `Region` (any administrative division, by its statistical code), `County` (a region that runs the
market, with its hub), `Station` (a village's parcel station), `Position` (a point and how it is known).

Laws:
1. A position is WGS-84 and says where it came from: surveyed, courier or estimated. GCJ-02 is converted
   on the way in.
2. A region's parent is the region whose code its own begins with; its length tells its level.
3. Loading the regions again changes nothing, and never replaces a position that is better known.
4. Road meters and seconds are the fastest way's over the county's roads where they are loaded, else an
   estimate: the great circle times the county's detour factor, at its speed. Which it was is told.
"""
