"""
Counts of areas turned into rates, ranks, changes and significance.

Comes in: counts by area, theme and month; neighbours and denominators of the areas.
Goes out: one row per area, with how sure it is.
Promises: seeded, independent of row order.
Misleads: recorded incidents follow where people and police look.
Never imports: density, clusters, or how anything is shown.
"""
