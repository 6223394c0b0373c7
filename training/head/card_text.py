"""The standing text of the heads' model cards."""

TEXT = """# {title} ({id})

{purpose}
{verdict}

## Form
Gated attention over patch tokens, then a linear weighting of the class token and of the attended
mean (after arXiv:2511.05150): bias + class share + sum of token contributions = logit, exactly.
Contributions are taken from the mean token of the training fields, so zero is average tissue and
the sign can be read. Standardisation is folded into the weights. Hidden width {hidden}.
{variant}

## Data and licence
{data}
Weights: Apache-2.0.

## Held-out results
AUROC against the high/low label; Spearman with the measured value{within}.
Intervals: bootstrap over {blocks}.{columns}
Nuclear density by type: counts by {segmenter}, {nuclei:.0f} nuclei a field{blurred}.
Shuffled labels: range of {shuffles} heads; a figure inside it is no evidence of a learned signal.

{tables}

{reading}
{ceiling}
## Robustness
Baseline and robust head on {looks} looks of each of {held_fields} held-out fields: as it is, and by
families that neither was trained on (colour shifts between five scanners, carried over by Macenko
and by Reinhard; JPEG). Inconsistency: mean standard deviation of a field's probability over its
looks. Relative: that over the standard deviation between fields, because a head that says the same
of every field is consistent too. Agreement: share of pairs of looks with the same class. Flips:
looks whose class differs from the plain one.

{robustness}

{cost}
Five scanners: one real field that all five saw, in its eight turns. It is a low-power view of other
tissue: the score means nothing there, only its movement from scanner to scanner does.
{ablation}
## Slide level
A region's score can be the mean of its fields' logits, or gated attention over all their tokens:
each field weighs by the softmax of its gate, the log of its summed attention before it is
normalised, and the parts still add up exactly. The gate was never trained across fields: it learned
to order the tokens of one field. {bags}
Intervals: bootstrap over {blocks}, with bags drawn anew. Fields that count: 1 / sum of squared
weights, mean over bags; {bag} would be equal weights.

{slide_level}

{pooling}

## Calibration
Expected calibration error over 15 bins, on fields that were not used to fit the temperature.
Intervals: bootstrap over {blocks}, which adds some error of its own.

{calibration}

{temperatures}

Conformal sets at 90 %: every class whose probability is at least 1 - quantile. The quantile is that
of all held-out fields; the figures are of quantiles of the other {unit}s, on each {unit} in turn.
They are over fields and say nothing of a slide's score, which pools many.
{conformal}

## Faithfulness
Deletion on up to 200 held-out fields: logits towards the predicted side, mean over 0-99 % removed,
random order minus relevant order (above 0: the named tokens carry the score).

{deletion}

The contribution order does well partly by construction, since the score is a sum of contributions.
Attention says where the head looks, not which way a token pulls.

## Known failures
{failures}

## Commands
```
python -m training.head.features --encoder models/{encoder} --cache ../runs/head
python -m training.head.features --encoder models/{encoder} --cache ../runs/head --random
python -m training.head.baselines --segmenter models/{segmenter} --cache ../runs/head
python -m training.head.evaluate --encoder models/{encoder} \\
    --segmenter models/{segmenter} --cache ../runs/head --out ../runs/head/eval
python -m training.head.export --encoder models/{encoder} --cache ../runs/head \\
    --eval ../runs/head/eval --out models
```
"""
VARIANTS = {
    "baseline": """This is the baseline head: task loss on plain fields.""",
    "robust": """\
This is the robust head (after arXiv:2602.22347): task loss on pairs of views under stain jitter,
light, blur and turns, plus {embedding} x symmetric InfoNCE between the views' bag embeddings, plus
{score} x the mean squared difference of their scores in units of the scores' variance. The tokens
are frozen, so the embedding loss can move the attention alone. A score loss on probabilities was
tried and left: it is met by shrinking all scores.""",
}
EXPRESSION_BAGS = """\
Bags of {bag} held-out spots of one section,
drawn at random; a bag is high when its mean measured value is above the median of such bags."""
COLON_BAGS = """\
Bags of {bag} fields drawn at random from all
held-out images; a bag is high when its mean epithelial share is above the median of such bags."""
POOLINGS = {
    "mean": "Recommended: the mean. Attention would be, for a head above chance, where every test\n"
    "puts it above the mean with its whole interval.",
    "attention": "Recommended: attention, which every test puts above the mean with its whole\n"
    "interval.",
}
VERDICTS = {
    "chance": "Between patients it does not rise above chance or above shuffled labels: read\n"
    "nothing into its score.",
    "weak": "On held-out tissue it is better than chance, and weak.",
    "useful": "On held-out tissue of this kind its ranking holds.",
}
BREAST_DATA = """\
HER2-positive breast cancer spatial transcriptomics, Andersson et al. 2021 (Nature Communications
12:6012; Zenodo 4751624; its licence was not re-read; no pixel or count is in this folder). Section
B4 of patient B, C2-C6 of patient C: the five sections are one patient and stay on one side of any
split. A field is 112 um around each spot, resampled from about 0.687 um/px (measured from the
200 um lattice) to 0.5.
{target}
Training labels: the four lattice neighbours add a quarter of their counts each (single spots of B4
hold about 650 molecules) and the middle 30 % of each section is left out; tests use every spot and
its own counts. Steps and loss weights were chosen inside patient C (one section trained on, another
tested), after a first run with fewer steps in both directions: the figures of B to C are slightly
favourable for that."""
COLON_DATA = """\
CoNSeP (Graham et al. 2019, Medical Image Analysis 58; Apache-2.0): colorectal H&E at 40x with every
nucleus outlined and typed. The segmenter's fold 0: trained on fields of its training images, tested
on its test images. Target: more than a quarter of the nuclei whose centroid lies in the 112 um
field are epithelial (about the median of the training fields). The encoder was tuned on the nuclear
composition of the same training images. Settings are those of the expression heads; a first run
with fewer steps was tested on the same images."""
EXPRESSION_COLUMNS = """\

Given depth: partial Spearman with the spot's total counts regressed out. Neighbourhood: against
labels that include a quarter of the four neighbours' counts, which are less noisy."""
SET = (
    "mean Pearson residual of {genes} (genes seen in at least 5 % of the section's spots), "
    "which does not follow depth as log counts do"
)
BREAST_FAILURES = """\
- Two patients, one of them with one shallow section. What goes with a gene in one patient need not
  in the other.
- Where "head on a random encoder" does as well, the learned tokens add nothing between these
  patients, and a map of contributions shows how this head decided, not where the gene is expressed.
- Labels are relative to a section: a high score means "higher than elsewhere in such a section".
- Fields away from breast tissue get a score too; it means nothing there."""
COLON_FAILURES = """\
- Fields of five images test it, and only two of these hold epithelium: one organ, one laboratory.
- A normal crypt and a carcinoma are both epithelium: the score says nothing about malignancy.
- Fields away from colorectal tissue get a score too; it was not tested there."""
ESR1_FAILURE = """\
- Patient C hardly expresses ESR1 (1 to 3 % of spots hold a molecule): a head trained there learns
  from noise, and tests there have few high spots.
"""
