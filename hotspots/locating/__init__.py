"""
From what a row states to its point, ward and LSOA, with the evidence on which that rests.

Comes in: incident rows and `Areas`.
Goes out: rows with easting, northing, ward_code, lsoa_code and match_level, and a `GeocodeReport`.
Promises: the best evidence that a row has.
Misleads: a police.uk point is a street's, not an address.
Never imports: reading, themes, or anything that counts.
"""
