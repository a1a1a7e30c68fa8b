"""
Where to send people next month, how many that takes, and whether such choices have held.

Comes in: `Places` with counts by theme and month, the study area, clusters and heaps where known.
Goes out: beats in order of choice with the back-test of the choice; shifts, rounds and their cover.
Promises: each choice is graded on months that it had not seen, beside plain counting.
Misleads: incidents were moved to map points, which favours counting; patrol changes what is recorded.
Never imports: findings, release, pages, outputs.
"""
