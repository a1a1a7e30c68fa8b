"""
Clusters and the sweep
======================

There is no authoritative distance for DBSCAN. Each value gives other clusters, so the choice is
reported, each cluster says how likely a later period is to show it again, and the sweep shows
what becomes of them when the settings move.
"""

# %%
import matplotlib.pyplot as plt

import hotspots
from hotspots.clusters.cutting import LONGEST
from hotspots.resources import shipped

incidents = hotspots.read_incidents([shipped("data", "sample")])
analysis = hotspots.analyse(incidents, draws=50, permutations=99)
places = analysis.places.frame.assign(n=analysis.places.weights("anti-social-behaviour"))
chosen = hotspots.choose_parameters(places)
print(chosen.reason)

# %%
# DBSCAN chains: dense places follow each other along streets. A hot spot that a team can walk is at
# most 500 m long, so longer ones are cut where they are least dense.

options = {"eps": chosen.eps, "min_samples": chosen.min_samples}
whole = hotspots.hotspot_dbscan(places, **options)
walkable = hotspots.hotspot_dbscan(places, **options, longest=LONGEST)
figure, axes = plt.subplots(1, 2, figsize=(9, 4.5), layout="constrained")
for axis, labels, title in ((axes[0], whole, "as DBSCAN finds them"), (axes[1], walkable, "cut to 500 m")):
    axis.scatter(places.geometry.x, places.geometry.y, s=1, color="0.8")
    inside = labels >= 0
    axis.scatter(places.geometry.x[inside], places.geometry.y[inside], s=8, c=labels[inside], cmap="tab20")
    axis.set_title(f"{title}: {labels.max() + 1}")
    axis.set_aspect("equal")
    axis.set_axis_off()
plt.show()

# %%
# How likely a later period is to show each again. Rates drift: what the months say of that goes in.

monthly = analysis.places.monthly("anti-social-behaviour")
found = hotspots.cluster_confidence(places, walkable, monthly=monthly, longest=LONGEST, **options)
print(found)

# %%
# The sweep: eps and min_samples times 0.8 to 1.25. Where the number of clusters jumps, none of them
# should be taken for a fact.

swept = hotspots.sweep_clusters(places, whole, **options)
print(swept.pivot(index="eps", columns="min_samples", values="clusters"))

# %%
# HDBSCAN asks for no distance, and answers another question: where density differs from its
# surroundings, however low it is.

labels = hotspots.hotspot_hdbscan(places, min_cluster_size=30)
print(f"{labels.max() + 1} clusters, {(labels < 0).mean():.0%} of the places in none")
