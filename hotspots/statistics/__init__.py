"""
Comes in: counts by area, theme and month. Goes out: rates, ranks, changes, forecasts, and how sure each is.
Promises: a chance is what later months bear out; the same input and seed give the same figures.
Misleads: reports are not behaviour, and areas that report more look worse.
Never imports: reading, locating, density, clusters, findings or anything above them.
"""
