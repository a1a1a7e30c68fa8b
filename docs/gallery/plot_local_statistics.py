"""
Gi* and its correction
======================

Which LSOAs are high together with their neighbours? A hundred tests find five by chance alone, so
the false discovery rate is kept, and what remains is said with it.
"""

# %%
import matplotlib.pyplot as plt

import hotspots
from hotspots.resources import shipped

incidents = hotspots.read_incidents([shipped("data", "sample")])
analysis = hotspots.analyse(incidents, draws=20, permutations=99)
lsoas = analysis.areas.level("lsoa")
results = analysis.results.query("theme == 'anti-social-behaviour' and level == 'lsoa'").set_index("code")
count = results["count"].reindex(lsoas.index)
neighbours = hotspots.queen_neighbours(lsoas)

# %%
# Tested against 999 random orders, with residents as what would be expected.

found = hotspots.local_gistar(count, neighbours, offset=lsoas["residents"], permutations=999, seed=1)
low, kept = (found["p_permutation"] < 0.05).sum(), (found["q"] < 0.05).sum()
print(f"{low} of {len(found)} below 5 %, {kept} after correction")

# %%
figure, axes = plt.subplots(1, 2, figsize=(9, 4.5), layout="constrained")
for axis, column, title in ((axes[0], "p_permutation", "p below 5 %"), (axes[1], "q", "q below 5 %")):
    lsoas.plot(ax=axis, color="0.92", edgecolor="0.7", linewidth=0.3)
    lsoas[found[column] < 0.05].plot(ax=axis, color="#2a5674")
    axis.set_title(title)
    axis.set_axis_off()
plt.show()

# %%
# Moran's local statistic asks something else: whether an area is like its neighbours, high or low.

moran = hotspots.local_moran(count, neighbours, offset=lsoas["residents"], permutations=999, seed=1)
print(moran.head())
