"""
Files as they come, to incident rows and a report in which nothing is lost in silence.

Comes in: files, folders, zips; the settings that say how to read them.
Goes out: `Incidents`, every row kept or named with the reason why not, and a `ReadReport`.
Promises: never a value of a refused row.
Misleads: a place or a type is taken as stated, not checked.
Never imports: another room.
"""
