"""The fixed text of an alignment's card."""

TEXT = """# {title} ({id})

{purpose}

{verdict}

## Form
After arXiv:2606.29949, on frozen encoders and far smaller.
u = norm(MLP(embedding)), r = norm(MLP(expression)), trained with a symmetric contrastive loss
(temperature {tau}) and a regression of expression (weight {regression:g}).
Embedding: class token and mean patch token of {encoder} ({inputs} values).
Expression: log1p of counts per 10,000 molecules over {vocabulary} genes, projected on {axes}
principal axes of the training spots.
Hidden width {hidden}, {width} outputs, dropout {drop}, weight decay {decay}.
Predictor: u -> {rank} principal axes -> expression of the vocabulary -> ssGSEA (Barbie et al. 2009,
alpha 0.25). Soft-kNN: top {k}, temperature {knn_tau}; the value of a prototype is its own ssGSEA.
The expression side saw thinned copies of its spots, down to 400 molecules: section B4 holds 648 a
spot at the median, C2-C6 8,500 to 12,400.

## Data and licence
HER2-positive breast cancer spatial transcriptomics, Andersson et al. 2021 (Nature Communications
12:6012; Zenodo 4751624; its licence was not re-read; no pixel, count or spot is in this folder).
Trained on sections C2-C6 of patient C, which are one patient. The vocabulary was chosen on patient
C too: genes of the Hallmark sets seen in at least 1 % of its spots, then the most often seen.
Library: {prototypes} prototypes of {library_spots} spots of patients {patients}, clustered by r
(spherical k-means); each is the expression of the pooled molecules of at least {fewest} spots, kept
in half precision as model parameters ({library_mb:.2f} MB). No spot of patient B is in it.
Fields are cut as the viewer cuts them, at the um/px measured from the 200 um lattice.
Gene sets: MSigDB Hallmark 7.0 (Liberzon et al. 2015), CC BY 4.0; genes outside the vocabulary are
left out, former symbols are followed. Weights: Apache-2.0.
Settings were set in advance; patient B took no part in any choice.

## What two patients allow one to claim
{claim}

## Held-out results
Recall@K: share of spots whose own expression is among the K nearest of their image, within their
section; chance is K/N. Gene sets: means over the 50 Hallmark sets of Spearman and Pearson within
sections between predicted and measured ssGSEA; median R2. For R2 both scores are taken from their
section's mean, because depth shifts it and no image shows that, and the predicted one is multiplied
by one slope a set, fitted on left-out folds of the training patient. Raw: without either.
Given depth: Spearman with the spot's number of molecules regressed out. R2 above 0, beyond depth:
sets where the whole interval of R2, of Spearman given depth, lies above zero.
Intervals: 95 %, bootstrap over blocks of 4 x 4 spots (800 um): neighbours resemble each other.
"Section out, inside C" is the ceiling: each section of C by a model of C's other sections.

{recall}

{answers}

### Random gene sets
The predictor asked for {random_sets} random sets of the sizes of the Hallmark sets, tested alike.

{random}

{random_reading}

### Depth
Ranks of a shallow profile are mostly ties, so measured ssGSEA follows the number of molecules.
Mean |Spearman| with depth alone: {depth}.
Dense tissue gives more molecules, so an image that shows how much tissue there is predicts many
sets at once: read "given depth". The predictor's smooth profile has no ties, so sets of rarely seen
genes can come out upside down; their slope is then 0, and so is R2. Soft-kNN is freer of this,
because prototypes are counts.

## Controls
The predictor with something simpler in place of the encoder's tokens, or on shuffled pairs.

{controls}

Nuclear composition: counts of four types by nuclei-star-2; at these images' 0.69 um/px it misses
many.

## The spectrum
Every set by the predictor, {direction}, best first; R2 of the best of ten models trained on
shuffled pairs and the ceiling's R2 beside it. `*`: readable (interval above zero, and above all
shuffled models), `+`: beyond depth.

{spectrum}

Every set by soft-kNN, and in the other direction, by name.

{others}

## Ablation
One setting changed at a time, predictor. Settings were set before this table was made and none was
changed after it.

{ablation}

## Domain adaptation
A share of the other patient's spots, drawn at random, is trained on too; the tested spots are the
same {test_share:.0%} at every share, means of {draws} draws.
Drawn spots lie among the tested, so part of the gain is neighbouring tissue of the same section.

{adaptation}

## Library
Soft-kNN over whole spots and over prototypes, {direction} (means over the Hallmark sets).

{library}

A field is far from the library when its nearest prototype has a similarity below {far:.3f}, the 5th
percentile of spots of C whose section was left out; {far_share:.0%} of B4's spots are.
Effective neighbours of a field: {effective:.1f} of {k} on average.

Libraries that a user could load in the viewer: whole spots of the patients without an image, by the
shipped files. Recall does not depend on the library. R2 is with the slopes that were fitted with the
prototypes that ship; "nearest" is the mean similarity of the nearest sample. With a share of the
genes, a random rest counts as not listed: 0 in a sample's profile, and in the network the mean of
the prototypes, as in the viewer, or 0 too.

{own_library}

## Precision
Files are float32. Int8 weights of the image network would move the score of a set by
{int8_mean:.3f} of its standard deviation over B4 on average, {int8_largest:.2f} at most, and save
{int8_saved:.2f} MB; they are not shipped.
The encoder itself runs in int8 in the browser (its card tells how far that moves tokens).

## Known failures
- One training patient, one test patient with one shallow section: no figure here says what a third
  patient would give.
- Scores are in units of ssGSEA of smooth profiles: compare fields of one slide, never slides.
- Sets that only follow depth or the amount of tissue are "readable" by R2 all the same.
- HER2-positive breast carcinoma alone; for other tissue there is no figure.

## Commands
```
python -m training.molecular.features --encoder models/{encoder} --cache runs/molecular
python -m training.molecular.features --encoder models/{encoder} --cache runs/molecular --random
python -m training.molecular.evaluate --encoder models/{encoder} --cache runs/molecular \\
    --simple runs/head/simple-nuclei-star-2 --out runs/molecular/eval
python -m training.molecular.export --encoder models/{encoder} --cache runs/molecular \\
    --simple runs/head/simple-nuclei-star-2 --eval runs/molecular/eval --out models/{id}
python -m training.molecular.own_library --encoder models/{encoder} --cache runs/molecular \\
    --simple runs/head/simple-nuclei-star-2 --model models/{id}
```
"""
