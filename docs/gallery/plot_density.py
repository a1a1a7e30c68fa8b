"""
Density: kernels and bandwidths
===============================

The bandwidth decides what a density shows; the kernel hardly does. Nothing in the data says which
bandwidth is right, so it is chosen by a rule, reported, and worth looking at from both sides.
"""

# %%
# Read the sample and fold its incidents to places.

import matplotlib.pyplot as plt

import hotspots
from hotspots.resources import shipped

incidents = hotspots.read_incidents([shipped("data", "sample")])
analysis = hotspots.analyse(incidents, draws=20, permutations=99)
places, outline = analysis.places.frame, analysis.areas.outline
grid = hotspots.square_grid(outline, cell=100)
chosen = hotspots.choose_bandwidth(places)
print(chosen.reason)

# %%
# Half the chosen bandwidth, the chosen one, and twice as much. The narrow one draws the places
# themselves, the wide one a hill over the centre that is there in every city.

figure, axes = plt.subplots(1, 3, figsize=(12, 4.5), layout="constrained")
for axis, times in zip(axes, (0.5, 1, 2)):
    surface = hotspots.kernel_density(places, grid=grid, bandwidth=times * chosen.metres, edge=outline)
    axis.imshow(surface, origin="lower", cmap="cividis")
    axis.set_title(f"{times * chosen.metres:.0f} m")
    axis.set_axis_off()
plt.show()

# %%
# Two kernels of about the same reach agree to within a few percent of the peak.

figure, axes = plt.subplots(1, 2, figsize=(9, 4.5), layout="constrained")
for axis, (kernel, metres) in zip(axes, (("quartic", chosen.metres), ("gaussian", chosen.metres / 2.65))):
    surface = hotspots.kernel_density(places, grid=grid, bandwidth=metres, kernel=kernel, edge=outline)
    axis.imshow(surface, origin="lower", cmap="cividis")
    axis.set_title(f"{kernel}, {metres:.0f} m")
    axis.set_axis_off()
plt.show()

# %%
# Bands, not pixels, go on the map: polygons with equal shares of incidents per area, which no
# projection displaces.

print(analysis.bands["all"][["band", "lower", "upper", "incident_share", "area_share"]].round(3))

# %%
# An adaptive bandwidth is narrow where places are dense; the relative risk sets one theme against
# another instead of against the ground.

theme = "anti-social-behaviour"
weights = analysis.places.weights(theme)
adaptive = hotspots.adaptive_density(places, grid=grid, weights=weights, bandwidth=chosen.metres)
print(f"peak {adaptive.max():,.0f} incidents per km2")
