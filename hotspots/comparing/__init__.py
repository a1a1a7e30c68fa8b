"""
What really changed between two published output folders.

Comes in: two folders that `hotspots run` wrote.
Goes out: a `Comparison`: parameters, counts, ranks and hot spots, each with whether chance explains it.
Promises: reads tables and run.json only; what was withheld in either stays withheld.
Misleads: a folder shows what its audience may see, so what is gone may only be hidden.
Never imports: any other room.
"""
