"""What the heads predict. Each target names its genes or, for nuclear composition, its truth."""

from __future__ import annotations

from dataclasses import dataclass

from training.head.expression import read_gene_set

BREAST = "HER2-positive breast carcinoma"
COLON = "colorectal mucosa and carcinoma"


@dataclass(frozen=True)
class Target:
    """id: part of the model folder's name. genes: scored alone or with the `hallmark` set.
    label, negative, positive: words of the viewer's score. tissue: where the score has a meaning.
    """

    id: str
    name: str
    label: str
    genes: tuple[str, ...] = ()
    hallmark: str | None = None
    negative: str = "low"
    positive: str = "high"
    tissue: str = BREAST

    def gene_list(self) -> list[str]:
        """All genes of the score, each once."""
        return list(dict.fromkeys([*self.genes, *self.hallmark_genes()]))

    def hallmark_genes(self) -> list[str]:
        return read_gene_set(self.hallmark) if self.hallmark else []


def expression(identity: str, name: str, *genes: str, hallmark: str | None = None) -> Target:
    return Target(identity, name, f"Predicted {name}, high", genes, hallmark)


B_CELL_GENES = ("IGKC", "IGHG1", "JCHAIN", "MS4A1", "CD79A", "MZB1")
EXPRESSION_TARGETS = (
    expression("erbb2", "ERBB2 expression", "ERBB2"),
    expression("epcam", "EPCAM expression", "EPCAM"),
    expression("esr1", "ESR1 expression", "ESR1"),
    expression("mki67", "MKI67 and E2F targets", "MKI67", hallmark="HALLMARK_E2F_TARGETS"),
    expression(
        "col1a1", "COL1A1 and EMT", "COL1A1", hallmark="HALLMARK_EPITHELIAL_MESENCHYMAL_TRANSITION"
    ),
    expression("igkc", "IGKC and B-cell genes", *B_CELL_GENES),
    expression(
        "ifng", "interferon-gamma response", hallmark="HALLMARK_INTERFERON_GAMMA_RESPONSE"
    ),
)
EPITHELIUM = Target(
    "epithelium", "epithelial nuclei", "Predicted epithelium, over a quarter of nuclei",
    negative="less", positive="more", tissue=COLON,
)  # fmt: skip
TARGETS = (*EXPRESSION_TARGETS, EPITHELIUM)


def find_target(identity: str) -> Target:
    """Raises KeyError for an unknown id."""
    return {target.id: target for target in TARGETS}[identity]
