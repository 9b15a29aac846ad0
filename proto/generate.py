"""Generate `profile_service/v1` and `buf/validate` from the proto files.

`buf/validate/validate.proto` is taken from the descriptor that the protovalidate
wheel carries, so the rules are those of the validator that is installed.

Usage: python proto/generate.py [OUTPUT_DIRECTORY]   (default: the repository)
       python proto/generate.py --release            (writes the schema that may not be broken any more)
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import google.type.date_pb2 as google_type
from google.protobuf import (
    descriptor_pb2,
    duration_pb2,
    field_mask_pb2,
    timestamp_pb2,
)
from grpc_tools import protoc
from protovalidate._gen.buf.validate import validate_pb

PROTO = Path(__file__).parent
RELEASED = PROTO / "released.binpb"
VALIDATE = "buf/validate/validate.proto"


def imported_files() -> descriptor_pb2.FileDescriptorSet:
    """The descriptors of every file that ours import."""
    files = descriptor_pb2.FileDescriptorSet()
    for module in (descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2, google_type):
        module.DESCRIPTOR.CopyToProto(files.file.add())
    files.file.add().ParseFromString(validate_pb.desc().proto.to_binary())
    return files


def protoc_with_imports(*arguments: str) -> None:
    """Run protoc on our files, with the imported descriptors at hand."""
    with tempfile.TemporaryDirectory() as scratch:
        descriptors = Path(scratch, "imports.binpb")
        descriptors.write_bytes(imported_files().SerializeToString())
        status = protoc.main(["protoc", f"--descriptor_set_in={descriptors}", f"-I{PROTO}", *arguments])
    if status != 0:
        raise SystemExit(status)


def sources() -> list[str]:
    return sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))


def generate(output: Path) -> None:
    """Write the Python modules and their type stubs below `output`."""
    services = [name for name in sources() if name.endswith(("_service.proto", "_callback.proto"))]
    protoc_with_imports(f"--python_out={output}", f"--pyi_out={output}", *sources(), VALIDATE)
    protoc_with_imports(f"--grpc_python_out={output}", *services)


def write_image(path: Path, *, comments: bool = True) -> None:
    """Write one descriptor set of our files and all imports, for buf. The same files give the same bytes.

    `buf lint` judges the comments; `buf breaking` does not need those of the older side.
    """
    arguments = [f"--descriptor_set_out={path}", "--include_imports"]
    protoc_with_imports(*arguments, *(["--include_source_info"] if comments else []), *sources())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--release"]:
        write_image(RELEASED, comments=False)
    else:
        generate(Path(sys.argv[1]) if sys.argv[1:] else PROTO.parent)
