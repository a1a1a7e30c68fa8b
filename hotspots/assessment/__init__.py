"""
The evidence of the yearly strategic assessment, from folders that were published.

Comes in: output folders of `hotspots run`, `patrol` and `evaluate`, and what people enter in a file.
Goes out: the chapters of the assessment as plain values.
Promises: published figures only, so that what was withheld stays withheld; no figure is made up.
Misleads: what no incident file holds is an empty box until somebody fills it.
Never imports: findings, or anything that is not published.
"""
