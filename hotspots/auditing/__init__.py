"""
Comes in: folders that `hotspots run` published. Goes out: an `AuditReport` of what they give back.

Promises: reads published files only, and knows nothing of how counts were chosen to be withheld.
Misleads: an attack that is not tried here may still succeed; "held" means held against these.
Never imports: any other room, so that it cannot share a mistake with what it attacks.
"""
