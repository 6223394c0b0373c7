"""One task a target: tokens, labels and what a split must keep together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.head.epithelium import CompositionImage, load_composition_images
from training.head.expression import neighbourhood, signature
from training.head.features import RANDOM, SCANNER_NAME, TokenSet, ViewSet
from training.head.spots import Section, load_patients
from training.head.targets import EPITHELIUM, EXPRESSION_TARGETS, Target

# Share of each section, in the middle, that is not trained on.
MIDDLE = 0.3
# Spots a side of the blocks that the bootstrap draws (800 um).
BLOCK = 4
PATIENT_DIRECTIONS = {"C to B": ("C", "B"), "B to C": ("B", "C")}
Slides = Sequence[Section] | Sequence[CompositionImage]
IMAGE_DIRECTIONS = {"train to test images": ("train", "test")}
# Share of epithelial nuclei above which a field counts as epithelial: about the training median.
EPITHELIAL_SHARE = 0.25


@dataclass
class Task:
    """N fields with one target's labels. `block` [N]: fields drawn together by the bootstrap;
    `smoothed` [N]: the value with the neighbours' counts added, `depth` [N]: log of all counts
    (None where there are none). `directions`: name -> (patient trained on, patient tested on).
    `shipped` [N]: the fields that the shipped head is trained on. `random`: the same fields by an
    encoder with random weights; `held`, `scanners`: looks for the robustness figures. `slides`:
    names of the slides or images in the order of the fields."""

    target: Target
    data: TokenSet
    random: TokenSet
    held: ViewSet
    scanners: ViewSet
    block: np.ndarray
    directions: dict[str, tuple[str, str]]
    shipped: np.ndarray
    slides: list[str]
    smoothed: np.ndarray | None = None
    depth: np.ndarray | None = None


@dataclass
class Labels:
    """Of one slide: value, label and training label [N], smoothed value [N]."""

    value: np.ndarray
    label: np.ndarray
    training: np.ndarray
    smoothed: np.ndarray


def above_median(value: np.ndarray) -> np.ndarray:
    return (value > np.median(value)).astype(np.int64)


def expression_labels(section: Section, target: Target) -> Labels:
    """Label: own score above the section's median. Training label: by the score with a quarter of
    the neighbours' counts, leaving out the middle 30 %; ties with the lower bound are low."""
    genes = target.gene_list()
    counts = section.counts
    detected = (counts.values > 0).mean(axis=0)
    own = signature(counts, genes)[section.kept]
    smoothed = signature(neighbourhood(counts), genes, detected)[section.kept]
    low, high = np.quantile(smoothed, [0.5 - MIDDLE / 2, 0.5 + MIDDLE / 2])
    training = np.where(smoothed > high, 1, np.where(smoothed <= low, 0, -1))
    return Labels(own, above_median(own), training, smoothed)


def epithelium_labels(image: CompositionImage) -> Labels:
    label = (image.share > EPITHELIAL_SHARE).astype(np.int64)
    return Labels(image.share, label, label, image.share)


def spot_blocks(section: Section) -> np.ndarray:
    place = section.counts.place[section.kept] // BLOCK
    return np.array([f"{section.name} {x} {y}" for x, y in place])


def repeat(slides: Slides, counts: list[int], member: str) -> np.ndarray:
    """A member of each slide, once for each of its fields."""
    return np.concatenate(
        [np.full(n, getattr(s, member)) for s, n in zip(slides, counts, strict=True)]
    )


def columns(labels: list[Labels]) -> dict[str, Any]:
    """The label members of a TokenSet."""
    return {
        "label": torch.from_numpy(np.concatenate([entry.label for entry in labels])),
        "training_label": torch.from_numpy(np.concatenate([entry.training for entry in labels])),
        "expression": np.concatenate([entry.value for entry in labels]),
    }


def token_set(
    folder: Path, slides: Slides, labels: list[Labels], section: np.ndarray
) -> TokenSet:
    """Tokens of `slides` from the files of features.py; raises FileNotFoundError naming the first
    one that is absent."""
    saved = [torch.load(folder / f"{s.name}.pt", weights_only=True) for s in slides]
    counts = [len(entry.label) for entry in labels]
    return TokenSet(
        torch.cat([s["class_token"] for s in saved], dim=1),
        torch.cat([s["patch_tokens"] for s in saved], dim=1),
        patient=repeat(slides, counts, "patient"),
        section=section,
        **columns(labels),
    )


def view_set(folder: Path, slides: Slides) -> ViewSet:
    """Held-out looks of `slides`; those without any are left out."""
    saved = [(s, torch.load(folder / f"{s.name}.pt", weights_only=True)) for s in slides]
    saved = [(s, tokens) for s, tokens in saved if "family" in tokens]
    return ViewSet(
        torch.cat([tokens["held_class"] for _, tokens in saved], dim=1),
        torch.cat([tokens["held_patch"] for _, tokens in saved], dim=1),
        saved[0][1]["family"],
        repeat([s for s, _ in saved], [t["held_class"].shape[1] for _, t in saved], "patient"),
    )


def scanner_views(folder: Path) -> ViewSet:
    saved = torch.load(folder / f"{SCANNER_NAME}.pt", weights_only=True)
    turns = saved["held_class"].shape[1]
    return ViewSet(
        saved["held_class"], saved["held_patch"], saved["family"], np.full(turns, SCANNER_NAME)
    )


def expression_tasks(cache: Path, encoder: str, targets: list[Target]) -> Iterable[Task]:
    """Tasks on the breast cancer spots."""
    sections = load_patients()
    counts = [len(s.kept) for s in sections]
    names = repeat(sections, counts, "name")
    first = [expression_labels(s, targets[0]) for s in sections]
    data = token_set(cache / encoder, sections, first, names)
    random = token_set(cache / RANDOM, sections, first, names)
    held, scanners = view_set(cache / encoder, sections), scanner_views(cache / encoder)
    depth = np.concatenate([np.log(s.counts.values[s.kept].sum(axis=1)) for s in sections])
    block = np.concatenate([spot_blocks(s) for s in sections])
    for target in targets:
        labels = [expression_labels(s, target) for s in sections]
        yield Task(
            target, replace(data, **columns(labels)), replace(random, **columns(labels)), held,
            scanners, block,
            PATIENT_DIRECTIONS, np.ones(len(block), bool), [s.name for s in sections],
            np.concatenate([entry.smoothed for entry in labels]), depth,
        )  # fmt: skip


def epithelium_task(cache: Path, encoder: str) -> Task:
    """The task on CoNSeP images; its Spearman is over all of them, its bootstrap by image."""
    images = load_composition_images()
    labels = [epithelium_labels(image) for image in images]
    name = repeat(images, [len(i.share) for i in images], "name")
    together = np.full(len(name), "CoNSeP")
    data = token_set(cache / encoder, images, labels, together)
    return Task(
        EPITHELIUM, data, token_set(cache / RANDOM, images, labels, together),
        view_set(cache / encoder, images), scanner_views(cache / encoder), name,
        IMAGE_DIRECTIONS, data.patient == "train", [i.name for i in images],
    )  # fmt: skip


def load_tasks(cache: Path, encoder: str, wanted: list[str]) -> Iterable[Task]:
    """Tasks of the wanted target ids, one after the other; tokens are read once."""
    targets = [t for t in EXPRESSION_TARGETS if t.id in wanted]
    if targets:
        yield from expression_tasks(cache, encoder, targets)
    if EPITHELIUM.id in wanted:
        yield epithelium_task(cache, encoder)
