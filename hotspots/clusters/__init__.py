"""
Hot spots: groups of dense places, how sure they are, how they come and go.

Comes in: `Places`.
Goes out: one row per hot spot with streets, outline, confidence and status.
Promises: scikit-learn's DBSCAN on all rows.
Misleads: eps and min_samples are choices, said beside each result.
Never imports: density.
"""
