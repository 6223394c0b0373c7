"""What a checkpoint alone does not say: shapes, input and normalisation of published encoders.

Shapes are those of each model's own loading code: the keyword arguments its authors give to
timm, the configuration of its transformers class, or its repository's source. Registers follow
the class token and lie before the patch tokens; position embeddings may or may not cover the
prefix, which `weights.py` reads from their number. Every LayerNorm has epsilon 1e-6 and stands
before attention, before the MLP and after the last block.
"""

from __future__ import annotations

from dataclasses import dataclass

Rgb = tuple[float, float, float]

IMAGENET: tuple[Rgb, Rgb] = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
HALF: tuple[Rgb, Rgb] = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
CLIP: tuple[Rgb, Rgb] = (
    (0.48145466, 0.4578275, 0.40821073),
    (0.26862954, 0.26130258, 0.27577711),
)
OPTIMUS: tuple[Rgb, Rgb] = ((0.707223, 0.578729, 0.703617), (0.211883, 0.230117, 0.177517))
HIBOU: tuple[Rgb, Rgb] = ((0.7068, 0.5755, 0.722), (0.195, 0.2316, 0.1816))


@dataclass(frozen=True)
class Architecture:
    """A vision transformer and the picture it reads.

    dim: token width. mlp: rows of the MLP's first layer; with `swiglu` that layer holds gate and
    value packed, so the second layer has half as many columns. px: side of the square input,
    mpp: um per px that it is read at. normalise: mean and std of values 0..1.
    """

    title: str
    dim: int
    depth: int
    heads: int
    patch: int
    mlp: int
    swiglu: bool = False
    registers: int = 0
    layer_scale: bool = True
    px: int = 224
    mpp: float = 0.5
    normalise: tuple[Rgb, Rgb] = IMAGENET

    @property
    def grid(self) -> int:
        """Tokens along one side."""
        return self.px // self.patch


ARCHITECTURES: dict[str, Architecture] = {
    # timm vit_large_patch16_224, init_values 1e-5
    "uni": Architecture("UNI, ViT-L/16", 1024, 24, 16, 16, 4096),
    # timm vit_giant_patch14_224 with embed_dim 1536, mlp_ratio 2.66667 * 2, no_embed_class
    "uni2-h": Architecture(
        "UNI2-h, ViT-H/14", 1536, 24, 24, 14, 8192, swiglu=True, registers=8
    ),
    # timm vit_huge_patch14_224, mlp_ratio 5.3375; position embeddings cover the registers
    "virchow2": Architecture(
        "Virchow2, ViT-H/14", 1280, 32, 16, 14, 6832, swiglu=True, registers=4
    ),
    # timm vit_giant_patch14_reg4_dinov2
    "h-optimus-0": Architecture(
        "H-optimus-0, ViT-g/14", 1536, 40, 24, 14, 8192, swiglu=True, registers=4,
        normalise=OPTIMUS,
    ),  # fmt: skip
    # timm vit_giant_patch14_dinov2 with patch 16, mlp_ratio 5.33334
    "gigapath": Architecture("Prov-GigaPath, ViT-g/16", 1536, 40, 24, 16, 8192, swiglu=True),
    # transformers Dinov2Model
    "phikon-v2": Architecture("Phikon-v2, ViT-L/16", 1024, 24, 16, 16, 4096),
    # DINOv2 with registers and its fused SwiGLU: 2 * (ceil8(4 * dim * 2 / 3))
    "hibou-b": Architecture(
        "Hibou-B, ViT-B/14", 768, 12, 12, 14, 4096, swiglu=True, registers=4, normalise=HIBOU
    ),
    "hibou-l": Architecture(
        "Hibou-L, ViT-L/14", 1024, 24, 16, 14, 5472, swiglu=True, registers=4, normalise=HIBOU
    ),
    # timm vit_*_patch*_224 without LayerScale; L/14 is vit_large_patch14_reg4_dinov2 on a 518 px
    # grid, resampled to 224 px
    "kaiko-s16": Architecture(
        "Kaiko ViT-S/16", 384, 12, 6, 16, 1536, layer_scale=False, normalise=HALF
    ),
    "kaiko-b16": Architecture(
        "Kaiko ViT-B/16", 768, 12, 12, 16, 3072, layer_scale=False, normalise=HALF
    ),
    "kaiko-b8": Architecture(
        "Kaiko ViT-B/8", 768, 12, 12, 8, 3072, layer_scale=False, normalise=HALF
    ),
    "kaiko-l14": Architecture(
        "Kaiko ViT-L/14", 1024, 24, 16, 14, 4096, registers=4, normalise=HALF
    ),
    # The trunk of the visual tower (28 x 28 grid, resampled to 224 px so that the field is as
    # wide as the viewer's); its class token is not the text-aligned embedding, which comes from
    # a pooler that has no patch tokens.
    "conch": Architecture(
        "CONCH visual trunk, ViT-B/16", 768, 12, 12, 16, 3072, layer_scale=False, normalise=CLIP
    ),
}  # fmt: skip


def architecture(name: str) -> Architecture:
    """Look up a name; ValueError lists the known ones."""
    if name not in ARCHITECTURES:
        known = ", ".join(ARCHITECTURES)
        raise ValueError(f"No architecture is called {name}. Known are: {known}.")
    return ARCHITECTURES[name]
