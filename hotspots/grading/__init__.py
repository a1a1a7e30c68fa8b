"""
The report card of a run: what it says, said from earlier months and sought in later ones.

Comes in: `Places`, counts by area and month, the themes. Goes out: one row per kind of statement.
Promises: a statement is made from months that end before those that judge it begin.
Misleads: it grades statements about half of the period read, of one place and one year.
Never imports: findings, or anything that decides who may see it.
"""
