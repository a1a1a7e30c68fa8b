"""
Area layers, postcodes and coordinates: where a ward or an LSOA is, in metres of the National Grid.

Comes in: layers and tables, shipped, fetched or given.
Goes out: `Areas`, a `Projection`, postcodes, grid references.
Promises: one GSS code, one area, of a stated vintage.
Misleads: shipped outlines are derived, not official.
Never imports: another room.
"""
