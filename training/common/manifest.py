"""Write and check model folders (manifest schema cytolens-model/1).

finish_model(folder, manifest, inputs) stores the parity inputs, runs every file of the manifest
on them with onnxruntime on the CPU, stores the reference outputs, and writes manifest.json with
sizes and hashes. check_model(folder) reads a finished folder back and repeats the comparison.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort


def sha256(path: Path) -> str:
    """Lower-case hex SHA-256 of a file, read in pieces: weights can be larger than memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def identity(path: Path) -> dict[str, Any]:
    """How a manifest names a file of its folder: path, SHA-256 and bytes."""
    return {"path": path.name, "sha256": sha256(path), "bytes": path.stat().st_size}


def open_session(path: Path, threads: int = 1) -> ort.InferenceSession:
    """A CPU session that keeps to `threads` threads and computes in float what is written so."""
    options = ort.SessionOptions()
    # By default onnxruntime multiplies int8-stored weights in int8 and rounds activations for it:
    # 1 % off in a transformer of 12 blocks. Level 1 keeps float, as the WebGPU reference must.
    options.add_session_config_entry("session.qdq_matmulnbits_accuracy_level", "1")
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def network_input(manifest: dict[str, Any], array: np.ndarray) -> np.ndarray:
    """What the network reads: uint8 HWC images become normalised [1, 3, H, W]; floats pass."""
    if array.dtype != np.uint8:
        return array.astype(np.float32)
    mean = np.asarray(manifest["input"]["mean"], np.float32)
    std = np.asarray(manifest["input"]["std"], np.float32)
    x = (array.astype(np.float32) / np.float32(255) - mean) / std
    return np.ascontiguousarray(x.transpose(2, 0, 1)[None])


def reference_outputs(
    path: Path, manifest: dict[str, Any], inputs: dict[str, np.ndarray]
) -> np.ndarray:
    """Every listed output, flattened and thinned by its step, as one float32 vector."""
    feed = {name: network_input(manifest, array) for name, array in inputs.items()}
    listed = manifest["parity"]["outputs"]
    outputs = open_session(path).run([o["name"] for o in listed], feed)
    parts = [
        np.asarray(value, np.float32).ravel()[:: entry["step"]]
        for value, entry in zip(outputs, listed, strict=True)
    ]
    return np.concatenate(parts)


def write_input(folder: Path, name: str, array: np.ndarray, only: bool) -> dict[str, Any]:
    """Store one parity input (uint8 or float32), deflated, and return its manifest entry."""
    path = "parity-input.bin" if only else f"parity-input-{name}.bin"
    if array.dtype not in (np.uint8, np.float32):
        raise ValueError(f"Parity input {name} must be uint8 or float32, not {array.dtype}.")
    stored = array.astype(array.dtype.newbyteorder("<"))
    (folder / path).write_bytes(zlib.compress(np.ascontiguousarray(stored).tobytes(), 9))
    return {
        "name": name, "dtype": str(array.dtype), "shape": list(array.shape),
        "encoding": "deflate", "path": path,
    }  # fmt: skip


def read_inputs(folder: Path, manifest: dict[str, Any]) -> dict[str, np.ndarray]:
    """The parity inputs of a finished folder."""
    result = {}
    for entry in manifest["parity"]["inputs"]:
        data = (folder / entry["path"]).read_bytes()
        if entry.get("encoding") == "deflate":
            data = zlib.decompress(data)
        dtype = "<f4" if entry["dtype"] == "float32" else np.uint8
        result[entry["name"]] = np.frombuffer(data, dtype).reshape(entry["shape"])
    return result


def finish_model(
    folder: Path, manifest: dict[str, Any], inputs: dict[str, np.ndarray]
) -> dict[str, Any]:
    """Complete and write manifest.json.

    manifest: all fixed fields; `files` entries hold provider, dtype, path, tolerance and, where
    weights lie in files of their own, their names in `external`; `parity.outputs` lists
    {name, step}. inputs: the parity inputs by network input name.
    """
    complete = {
        "schema": "cytolens-model/1", **manifest,
        **describe_network(folder, manifest, inputs, len(inputs) == 1),
    }  # fmt: skip
    (folder / "manifest.json").write_text(json.dumps(complete, indent=2) + "\n")
    return complete


def describe_network(
    folder: Path, network: dict[str, Any], inputs: dict[str, np.ndarray], only: bool
) -> dict[str, Any]:
    """`files` and `parity` of one network of the folder, its parity files written; `only`: it is
    the folder's only one with one input, whose file then needs no name of its own."""
    entries = [write_input(folder, name, array, only) for name, array in inputs.items()]
    files = []
    for spec in network["files"]:
        path = folder / spec["path"]
        reference = f"parity-{path.stem}.f32"
        values = reference_outputs(path, network, inputs)
        (folder / reference).write_bytes(values.astype("<f4").tobytes())
        external = [identity(folder / name) for name in spec.get("external", [])]
        files.append({
            "provider": spec["provider"], "dtype": spec["dtype"], **identity(path),
            **({"external": external} if external else {}),
            "parity": {"reference": reference, "tolerance": spec["tolerance"]},
        })  # fmt: skip
    return {"files": files, "parity": {"inputs": entries, "outputs": network["parity"]["outputs"]}}


def relative_errors(
    manifest: dict[str, Any], lengths: list[int], got: np.ndarray, expected: np.ndarray
) -> dict[str, float]:
    """rms(got - expected) / rms(expected) of each parity output."""
    errors, start = {}, 0
    for entry, length in zip(manifest["parity"]["outputs"], lengths, strict=True):
        a, b = got[start : start + length], expected[start : start + length]
        size = float(np.sqrt(np.mean(b.astype(np.float64) ** 2)))
        errors[entry["name"]] = float(np.sqrt(np.mean((a - b) ** 2))) / max(size, 1e-12)
        start += length
    return errors


def check_model(folder: Path) -> dict[str, dict[str, float]]:
    """Hashes, sizes and parity of a finished folder; errors by file and output.

    Raises ValueError naming the first file that does not match its manifest.
    """
    return check_network(folder, json.loads((folder / "manifest.json").read_text()))


def check_network(folder: Path, manifest: dict[str, Any]) -> dict[str, dict[str, float]]:
    """`check_model` for the network whose `files` and `parity` are given."""
    inputs = read_inputs(folder, manifest)
    result = {}
    for entry in manifest["files"]:
        path = folder / entry["path"]
        for part in [entry, *entry.get("external", [])]:
            promised = {key: part[key] for key in ("path", "sha256", "bytes")}
            if identity(folder / part["path"]) != promised:
                raise ValueError(f"{part['path']} is not the file that manifest.json describes.")
        feed = {name: network_input(manifest, array) for name, array in inputs.items()}
        listed = manifest["parity"]["outputs"]
        outputs = open_session(path).run([o["name"] for o in listed], feed)
        lengths = [
            -(-value.size // spec["step"]) for value, spec in zip(outputs, listed, strict=True)
        ]
        expected = np.frombuffer((folder / entry["parity"]["reference"]).read_bytes(), "<f4")
        if expected.size != sum(lengths):
            raise ValueError(f"{entry['parity']['reference']} has the wrong length.")
        got = reference_outputs(path, manifest, inputs)
        errors = relative_errors(manifest, lengths, got, expected)
        worst = max(errors, key=lambda name: errors[name])
        if not errors[worst] <= entry["parity"]["tolerance"]:
            raise ValueError(f"{path.name}: output {worst} is off by {errors[worst]:.4f}.")
        result[path.name] = errors
    return result
