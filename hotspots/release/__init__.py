"""
The one door: what an audience may see, and nothing else, leaves by here.

Comes in: `Findings` and an audience.
Goes out: a frozen `Release`.
Promises: no figure by which a withheld count could be worked out.
Misleads: rounding hides differences below it.
Never imports: pages or outputs.
"""
