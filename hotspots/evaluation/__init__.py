"""
Whether something that was done at a place changed what is recorded there.

Comes in: located incidents, themes, areas, and a file of interventions or zones.
Goes out: before and after with a control, the effect with its interval, a verdict in words.
Promises: dispersion is learnt from places where nothing was done; months left out are said.
Misleads: records are reports, and a place chosen when it was high falls by itself.
Never imports: how anything is released or shown.
"""
