"""Token hierarchy head: gated attention with a joint linear weighting that decomposes exactly.

After arXiv:2511.05150 (token hierarchy) and Ilse et al. 2018 (arXiv:1802.04712, gated attention):
    e_i = w.(tanh(V p_i + v) * sigmoid(U p_i + u)),  a = softmax(e),  L = sum_i a_i p_i
    logit = bias + w_c.(c - m_c) + w_p.(L - m_p)
    contribution_i = a_i w_p.(p_i - m_p),  class_share = w_c.(c - m_c)
    bias + class_share + sum_i contribution_i = logit, because attention sums to one
Over the fields f of a region or slide, with the field's gate g_f = logsumexp_i e_i and
w = softmax(g): w_f a_i is one softmax over the tokens of all fields, so that
    sum_f w_f logit_f = bias + sum_f w_f class_share_f + sum_f sum_i w_f contribution_fi
is this head's gated attention over the whole slide, and decomposes exactly into the same parts.
m_c and m_p are the mean tokens of the training spots, so that a contribution of zero is that of
average tissue and its sign can be read; in the exported head they are the offsets of two layers.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn


class HeadOutput(NamedTuple):
    """logit [B], attention [B,N], contribution [B,N], class_share [B], gate [B]: the log of the
    field's whole unnormalised attention, whose softmax weighs fields against each other."""

    logit: Tensor
    attention: Tensor
    contribution: Tensor
    class_share: Tensor
    gate: Tensor


class TokenHierarchyHead(nn.Module):
    """Reads class token [B,D] and patch tokens [B,N,D]."""

    def __init__(self, dim: int = 192, hidden: int = 32) -> None:
        super().__init__()
        self.tanh_gate = nn.Linear(dim, hidden)
        self.sigmoid_gate = nn.Linear(dim, hidden)
        self.score = nn.Linear(hidden, 1, bias=False)
        self.class_weight = nn.Linear(dim, 1)
        self.patch_weight = nn.Linear(dim, 1)
        for layer in (self.class_weight, self.patch_weight):
            nn.init.zeros_(layer.bias).requires_grad_(False)
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, class_token: Tensor, patch_tokens: Tensor) -> HeadOutput:
        gated = torch.tanh(self.tanh_gate(patch_tokens))
        gated = gated * torch.sigmoid(self.sigmoid_gate(patch_tokens))
        energy = self.score(gated).squeeze(-1)
        attention = torch.softmax(energy, dim=-1)
        contribution = attention * self.patch_weight(patch_tokens).squeeze(-1)
        class_share = self.class_weight(class_token).squeeze(-1)
        logit = self.bias + class_share + contribution.sum(dim=-1)
        return HeadOutput(
            logit, attention, contribution, class_share, torch.logsumexp(energy, dim=-1)
        )


class Standardiser(NamedTuple):
    """Mean and standard deviation [D] of class and patch tokens on the training spots."""

    class_mean: Tensor
    class_std: Tensor
    patch_mean: Tensor
    patch_std: Tensor

    def __call__(self, class_token: Tensor, patch_tokens: Tensor) -> tuple[Tensor, Tensor]:
        return (
            (class_token - self.class_mean) / self.class_std,
            (patch_tokens - self.patch_mean) / self.patch_std,
        )


def fold(head: TokenHierarchyHead, scale: Standardiser) -> TokenHierarchyHead:
    """The same function on raw tokens.

    w.((x - m)/s) = (w/s).x - (w/s).m: the weights are divided and the offsets take the rest.
    """
    dim, hidden = head.tanh_gate.in_features, head.tanh_gate.out_features
    raw = TokenHierarchyHead(dim, hidden)
    with torch.no_grad():
        for name in ("tanh_gate", "sigmoid_gate"):
            source, target = getattr(head, name), getattr(raw, name)
            target.weight.copy_(source.weight / scale.patch_std)
            target.bias.copy_(source.bias - target.weight @ scale.patch_mean)
        raw.score.weight.copy_(head.score.weight)
        for name, mean, std in (
            ("class_weight", scale.class_mean, scale.class_std),
            ("patch_weight", scale.patch_mean, scale.patch_std),
        ):
            source, target = getattr(head, name), getattr(raw, name)
            target.weight.copy_(source.weight / std)
            target.bias.copy_(source.bias - target.weight @ mean)
        raw.bias.copy_(head.bias)
    return raw.eval()
