"""A linear program that works out withheld counts from everything a release publishes."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array


class Attacker:
    """
    Unknowns with bounds, and sums that are known to lie between two values.

    HiGHS solves it, so the answer owes nothing to the project's own bounds.
    """

    def __init__(self):
        self.low, self.high, self.index = [], [], {}
        self.rows, self.least, self.most = [], [], []

    def unknown(self, key, low=0.0, high=np.inf):
        """Add an unknown, or tighten one that is there."""
        if key not in self.index:
            self.index[key] = len(self.low)
            self.low.append(low)
            self.high.append(high)
        at = self.index[key]
        self.low[at], self.high[at] = max(self.low[at], low), min(self.high[at], high)

    def between(self, terms, low=-np.inf, high=np.inf):
        """Say that a sum of unknowns times their coefficients lies in an interval."""
        self.rows.append({self.index[key]: factor for key, factor in terms.items()})
        self.least.append(low)
        self.most.append(high)

    def equal(self, whole, parts):
        """Say that one unknown is the sum of others."""
        self.between({whole: 1.0, **dict.fromkeys(parts, -1.0)}, 0.0, 0.0)

    def interval(self, key):
        """Give the least and the greatest value that the unknown can have."""
        matrix, limits = self._matrix()
        found = []
        for sign in (1.0, -1.0):
            cost = np.zeros(len(self.low))
            cost[self.index[key]] = sign
            bounds = np.column_stack([self.low, self.high])
            answer = linprog(cost, A_ub=matrix, b_ub=limits, bounds=bounds, method="highs")
            if answer.status == 3:
                found.append(sign * -np.inf)
                continue
            assert answer.status == 0, f"{key}: {answer.message}"
            found.append(sign * answer.fun)
        return tuple(found)

    def _matrix(self):
        rows, columns, values, limits = [], [], [], []
        for terms, low, high in zip(self.rows, self.least, self.most, strict=True):
            for sign, limit in ((1.0, high), (-1.0, -low)):
                if np.isfinite(limit):
                    rows += [len(limits)] * len(terms)
                    columns += terms
                    values += [sign * v for v in terms.values()]
                    limits.append(limit)
        shape = (len(limits), len(self.low))
        return (csr_array((values, (rows, columns)), shape=shape), limits) if limits else (None, None)
