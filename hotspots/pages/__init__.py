"""
A release as pages: the map and the ward profiles, each one file that needs no internet.

Comes in: a `Release`.
Goes out: HTML text.
Promises: nothing is estimated here.
Misleads: colours show classes, not figures; the table has the figures.
Never imports: any room but release.
"""
