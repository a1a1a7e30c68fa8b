"""
Faults: what broken input and a failing machine do to this project.

`python -m faults fuzz` reads damaged files without end and checks what must
always hold; `python -m faults` lets writes fail, kills runs and takes the
network away, and prints fault, expectation and what was seen.
"""
