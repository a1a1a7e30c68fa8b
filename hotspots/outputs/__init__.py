"""
A release as a folder that appears as a whole or not at all.

Comes in: a `Release`.
Goes out: CSV, XLSX, GeoPackage, the pages, and run.json, the record.
Promises: the same release gives the same bytes.
Misleads: a table opened in a spreadsheet may lose leading zeros.
Never imports: any room but release and pages.
"""
