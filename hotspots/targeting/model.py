"""
A Poisson regression of a month's counts on what was known before it.

It is learnt on pairs of before and after within the months known, so it
knows by how much high counts fall back: its expectations are right on average
also at places that were chosen for their high counts.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from hotspots.targeting.history import History
from hotspots.targeting.shrinkage import shrunk_rate

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

#: Months that are predicted from those before them to learn from.
LEARNING_MONTHS: Final = 4
#: Months of history that the first of these needs.
FEWEST_BEFORE: Final = 2
#: Metres: radii of the neighbourhood.
CLOSE: Final = 200.0
WIDE: Final = 400.0
#: The latest months, counted once more on their own.
RECENT: Final = 3
#: Strength of the ridge penalty: only enough to hold terms that say the same.
_PENALTY: Final = 1e-3


def modelled_rate(history: History) -> np.ndarray:
    """
    Predict the next month with scikit-learn's PoissonRegressor.

    The terms are logarithms of the place's own rate and that of the last
    three months, of the rate of all incidents there, of the theme's rate
    within 200 and 400 m and of all incidents within 400 m, whether the place
    ever had one, and the month, whose level is taken at the average of the
    months learnt from.

    Returns
    -------
    ndarray of shape (places,)
        Incidents a month; `shrunk_rate` where the months or the incidents
        are too few to learn from.

    References
    ----------
    McCullagh, P. and Nelder, J. A. (1989). Generalized Linear Models, chapter 6.
    Chapman and Hall.
    """
    known = len(history.months)
    months = range(max(FEWEST_BEFORE, known - LEARNING_MONTHS), known)
    observed = history.counts[:, list(months)]
    if not (observed.sum(axis=0) > 0).any():
        return shrunk_rate(history)
    from sklearn.linear_model import PoissonRegressor

    terms = [_terms(history.before(month)) for month in months]
    stacked = np.vstack(terms)
    mean, spread = _scale(stacked)
    month_terms = np.kron(np.eye(len(months)), np.ones((len(history.near), 1)))
    design = np.hstack([(stacked - mean) / spread, month_terms])
    model = PoissonRegressor(alpha=_PENALTY, solver="newton-cholesky", max_iter=200)
    # threads would wait for each other longer than they work, and add up in another order each time
    with _threads().limit(limits=1):
        model.fit(design, observed.T.ravel())
    now = (_terms(history) - mean) / spread
    return np.asarray(np.exp(now @ model.coef_[: now.shape[1]] + model.intercept_))


def _terms(history: History) -> np.ndarray:
    """Describe each place by what was known: shape (places, 7)."""
    return history.once("terms", lambda: _described(history))


def _described(history: History) -> np.ndarray:
    own, of_all = history.rate, history.rate_of_all
    close, wide = history.near.kernel(CLOSE), history.near.kernel(WIDE)
    # a tenth of an incident is added to what was counted, so that none has a logarithm
    return np.column_stack(
        [
            np.log(own + 0.1 / len(history.months)),
            np.log(of_all + 0.1),
            np.log(close @ own + 0.02),
            np.log(wide @ own + 0.02),
            np.log(wide @ of_all + 0.1),
            np.log(history.counts[:, -RECENT:].mean(axis=1) + 0.1 / RECENT),
            own == 0,
        ]
    )


def _scale(terms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give mean and standard deviation of each term, 1 where it does not vary."""
    spread = terms.std(axis=0)
    return terms.mean(axis=0), np.where(spread > 0, spread, 1.0)


@cache
def _threads() -> ThreadpoolController:
    """Find the pools of threads once: looking for them takes longer than a fit."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
