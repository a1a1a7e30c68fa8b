"""
Open data brought from its publishers: the only room that asks the network.

Comes in: the name of an authority, months, a folder.
Goes out: files as the publisher gave them, whole or not at all.
Promises: nothing half-written.
Misleads: a publisher may change its addresses any day.
Never imports: another room, and no other room imports it.
"""
