"""
A release, attacked
===================

For partners counts below 5 are withheld and the others rounded. Is that enough? Whoever has the
tables can add up: a ward is the sum of what lies in it. The auditor tries.
"""

# %%
import tempfile
from pathlib import Path

import hotspots
from hotspots.auditing.audit import audit_folders
from hotspots.resources import shipped

incidents = hotspots.read_incidents([shipped("data", "sample")])
analysis = hotspots.analyse(incidents, draws=20, permutations=99)
folder = Path(tempfile.mkdtemp()) / "partner"
record = analysis.publish(folder, audience="partner")
counts = analysis.release(audience="partner").counts
print(f"{counts['count'].isna().mean():.0%} of the cells are withheld")

# %%
# The auditor reads what was published, and nothing else: for each withheld cell it asks by linear
# programming how small and how large the count can be.

report = audit_folders([folder])
print("\n".join(report.text().splitlines()[:12]))
