"""Store an ONNX model, its weights in files of limited size beside it when they are too many.

Protobuf cannot hold 2 GB and a browser no longer array; ONNX keeps such weights as external data:
each tensor names a file, an offset and a length (ONNX IR, "External Tensor Data").
"""

from __future__ import annotations

from pathlib import Path

import onnx
from onnx.external_data_helper import set_external_data

# Below what protobuf and browsers hold in one piece, with room for the graph.
FILE_LIMIT = 1_900_000_000
# Runtimes that map a file want tensors to start on a page.
PAGE = 4096
# Smaller tensors stay in the graph: shapes must be readable without the weights.
SMALLEST_EXTERNAL = 1024


def save_model(model: onnx.ModelProto, path: Path, limit: int = FILE_LIMIT) -> list[str]:
    """Write `model` (consumed) to `path`; names of the external files, none when it fits `limit`
    bytes. A single tensor is never cut: ValueError when one is larger than the limit."""
    tensors = model.graph.initializer
    if sum(len(t.raw_data) for t in tensors) <= limit:
        onnx.save(model, path)
        return []
    names: list[str] = []
    filled = limit
    for tensor in tensors:
        size = len(tensor.raw_data)
        padding = -size % PAGE
        if size < SMALLEST_EXTERNAL:
            continue
        if size + padding > limit:
            raise ValueError(
                f"The weights {tensor.name} have {size} bytes and cannot be cut into files of "
                f"{limit} bytes."
            )
        if filled + size + padding > limit:
            names.append(f"{path.stem}-weights-{len(names) + 1}.bin")
            (path.parent / names[-1]).write_bytes(b"")
            filled = 0
        with (path.parent / names[-1]).open("ab") as file:
            file.write(tensor.raw_data + bytes(padding))
        set_external_data(tensor, names[-1], offset=filled, length=size)
        tensor.ClearField("raw_data")
        filled += size + padding
    onnx.save(model, path)
    return names
