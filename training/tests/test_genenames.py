"""The table of gene names that ships with the viewer."""

from pathlib import Path

from training.molecular.genenames import Gene, lines, read_hgnc

HEADER = "Approved symbol\tStatus\tAlias symbols\tPrevious symbols\tEnsembl gene ID\tLocus type\n"
CODING = "gene with protein product"


def test_reads_approved_genes_and_their_names(tmp_path: Path) -> None:
    path = tmp_path / "hgnc.tsv"
    path.write_text(
        HEADER
        + f"ERBB2\tApproved\tNEU, HER-2, two words\tNGL\tENSG00000141736\t{CODING}\n"
        + "GONE\tSymbol Withdrawn\t\t\t\tunknown\n"
    )
    (gene,) = read_hgnc(path)
    assert gene == Gene("ERBB2", "ENSG00000141736", ("NGL",), ("NEU", "HER-2"), True)


def test_a_name_leads_to_one_gene() -> None:
    genes = [
        Gene("A", "ENSG00000000011", ("OLD", "B"), ("X", "Y", "LATE"), True),
        Gene("B", "", ("LATE",), ("x", "Z"), True),
        Gene("RNA1", "ENSG00000000012", (), (), False),
        Gene("RNA2", "ENSG00000000013", ("FORMER",), (), False),
    ]
    # B is an approved symbol, X an alias of two genes, LATE a former symbol before it is an alias.
    assert list(lines(genes, {"FORMER"})) == [
        "A\t11\tOLD\tY", "B\t\tLATE\tZ", "RNA2\t13\tFORMER\t",
    ]  # fmt: skip
