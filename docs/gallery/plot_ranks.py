"""
How sure is a rank?
===================

Counts vary from period to period. An area's rank is therefore a range, and "among the top three" has
a chance.
"""

# %%
import matplotlib.pyplot as plt

import hotspots
from hotspots.resources import shipped

incidents = hotspots.read_incidents([shipped("data", "sample")])
analysis = hotspots.analyse(incidents, draws=20, permutations=99)
ranked = analysis.priority.query("theme == 'anti-social-behaviour' and level == 'ward'").sort_values("rank")
print(ranked[["name", "rank", "rank_low", "rank_high", "p_top", "class"]].head(8))

# %%
# The bar is the range in which the rank lies with a chance of 95 %. Where bars overlap, the order
# may be chance.

figure, axis = plt.subplots(figsize=(8, 5), layout="constrained")
axis.hlines(range(len(ranked)), ranked["rank_low"], ranked["rank_high"], color="0.6", linewidth=4)
axis.scatter(ranked["rank"], range(len(ranked)), color="#2a5674", zorder=2)
axis.set_yticks(range(len(ranked)), ranked["name"])
axis.invert_yaxis()
axis.set_xlabel("rank")
plt.show()

# %%
# The verdict says it in words, by each denominator.

print(ranked["verdict"].iloc[0])
