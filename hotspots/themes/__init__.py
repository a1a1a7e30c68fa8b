"""
Which of the assessment's themes an incident belongs to, and what the data can show of each.

Comes in: incident rows; the rules in data/themes.toml or a file of the user's.
Goes out: membership by theme, observability, harm weights.
Promises: every rule is in the file that is named.
Misleads: what is not recorded belongs to no theme.
Never imports: locating, or anything that counts.
"""
