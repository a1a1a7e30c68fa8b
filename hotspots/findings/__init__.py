"""
What all stages found, brought together by theme and by area.

Comes in: a `Basis`: incidents in areas, months, themes and places, counted.
Goes out: the frozen `Findings` of one run.
Promises: every frame of it is in the table of columns.
Misleads: nothing here is fit to be shown yet.
Never imports: release, or how anything is shown.
"""
