"""
Kernel density of weighted places: the surface, its bandwidth and its bands.

Comes in: `Places`, the study area.
Goes out: incidents per km2 on a grid, and polygons of bands.
Promises: exact sums, nothing binned.
Misleads: a smooth surface hides that incidents lie on few points.
Never imports: clusters.
"""
