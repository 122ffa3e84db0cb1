"""How effects, intervals and verdicts are made, in words, with the constants that the code uses."""

from __future__ import annotations

from research.why54.verdict import EXPLAINS, FARTHEST, FEWEST_TRAINED, HELPS, HURTS, NEAR, NOTHING, SIGNIFICANT
from xrdsym.reporting.document import Block, Bullets, Heading
from xrdsym.reporting.paper import PAPER_ACCURACY
from xrdsym.studies.cluster_bootstrap import SAMPLES
from xrdsym.studies.effect_sizes import FEWEST_COMMON
from xrdsym.studies.seed_variance import LAGGING_MOMENTUM

EFFECT = f"""
Effect: the scores of an arm less those of its study's baseline, in points, averaged over seeds, on the materials that
both were evaluated on, each by its own labels; paired by seed where both have the seed. Where fewer than
{FEWEST_COMMON} materials are common the two are compared unpaired, and marked so. An arm takes a suspected cause away
from the baseline, or brings one in.
"""
INTERVAL = f"""
Interval: 95 %, from {SAMPLES:,} bootstrap samples that draw whole compositions (reduced formulas), and the variance
between seeds. Trainings whose BatchNorm is updated with a momentum above {LAGGING_MOMENTUM:g} vary by far more than
others: such an arm with several seeds keeps its own variance, a single one takes that of all such arms. All other
arms share the variance pooled over those with several seeds at the same protocol (at all protocols where there is
none), except arms that vary more (F test at 5 %, Bonferroni over the arms), which keep their own. What other materials
would have changed is left out of it, since the bootstrap has it. Quantiles are means of the normal one and of
Student's for the seeds, weighted by the two parts (Satterthwaite 1946, Cochran and Cox 1950).
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
