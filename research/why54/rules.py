"""How effects, intervals and verdicts are made, in words, with the constants that the code uses."""

from __future__ import annotations

from research.why54.verdict import EXPLAINS, FARTHEST, FEWEST_TRAINED, HELPS, HURTS, NEAR, NOTHING, SIGNIFICANT
from xrdsym.reporting.document import Block, Bullets, Heading
from xrdsym.reporting.paper import PAPER_ACCURACY
from xrdsym.studies.cluster_bootstrap import SAMPLES
from xrdsym.studies.effect_sizes import FEWEST_COMMON

EFFECT = f"""
Effect: the scores of an arm less those of its study's baseline, in points, averaged over seeds, on the materials that
both were evaluated on, each by its own labels; paired by seed where both have the seed. Where fewer than
{FEWEST_COMMON} materials are common the two are compared unpaired, and marked so. An arm takes a suspected cause away
from the baseline, or brings one in.
"""
INTERVAL = f"""
Interval: 95 %, from {SAMPLES:,} bootstrap samples that draw whole compositions (reduced formulas) and then seeds. Few
seeds show too little of their scatter, and one shows none: the variance between seeds is therefore at least that
pooled over all arms with several seeds at the same protocol (at all protocols where there is none), but for arms that
scatter more than the others (F test at 5 %, Bonferroni over the arms), whose own variance stands; and at least that of
the baseline; of a difference it is twice that over the number of seeds. The quantiles are Student's with
Satterthwaite's degrees of freedom. What a material answers anew with each seed is in both parts, so intervals are
rather too wide than too narrow.
"""
PROBABILITY = """
p: two-sided, from the same standard error, corrected by Holm over the arms of the study. Visible from: the effect that
would have been seen with a probability of 80 % (uncorrected).
"""
VERDICTS = f"""
**{HELPS}**, **{HURTS}**: corrected p below {SIGNIFICANT}. **{NOTHING}**: all else, which is no proof that there is
none.
"""
CAUSE = f"""
**{EXPLAINS}**: of the two sides, the worse is within {100 * NEAR:.0f} points of {PAPER_ACCURACY} and has the paper's
fingerprint (shares of its answers at a distance of at most {FARTHEST}; triclinic answered less than half as often as
it occurs, and rightly in more than half); the better has neither, the effect was seen, and both were trained on
{FEWEST_TRAINED:,} structures or more: with fewer an accuracy like the paper's says nothing.
"""


def rules() -> list[Block]:
    """The section on how to read the answer."""
    items = tuple(" ".join(text.split()) for text in (EFFECT, INTERVAL, PROBABILITY, VERDICTS, CAUSE))
    return [Heading(2, "How to read it"), Bullets(items)]
