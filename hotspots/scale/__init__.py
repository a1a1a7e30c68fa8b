"""
From one machine to many: the lake of rows that were read once, and the engines that share work out.

Comes in: sources, as `reading` finds them; tasks of other rooms. Goes out: judged sources, results.
Promises: the same rows by every engine, in every order, after every interruption; or a named error.
Misleads: a lake holds what the files held, Crime IDs and points included: it is as confidential as they are.
Never imports: anything that locates, counts or shows.
"""
