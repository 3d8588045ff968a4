"""The text of .proto files as descriptors: protoc compiles it, in a process that ends with its time."""

from __future__ import annotations

import base64
import binascii
import importlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.message import DecodeError

from kafkaview.profiles.environment import without_secrets

_SECONDS: Final = 20.0
_MAIN: Final = "schema.proto"
_LOGGED: Final = re.compile(r"[IW]\d{4} ")  # protoc's library logs beside its errors
_OWN: Final = re.compile(r"google/protobuf/([a-z_]+)\.proto")
_PROTOC: Final = (sys.executable, "-P", "-m", "grpc_tools.protoc", "--include_imports")

# What Confluent's serializers take as known and do not register as references.
_META: Final = """syntax = "proto3";
package confluent;
import "google/protobuf/descriptor.proto";
message Meta { string doc = 1; map<string, string> params = 2; repeated string tags = 3; }
extend google.protobuf.FileOptions { Meta file_meta = 1088; }
extend google.protobuf.MessageOptions { Meta message_meta = 1088; }
extend google.protobuf.FieldOptions { Meta field_meta = 1088; }
extend google.protobuf.EnumOptions { Meta enum_meta = 1088; }
extend google.protobuf.EnumValueOptions { Meta enum_value_meta = 1088; }
"""
_DECIMAL: Final = """syntax = "proto3";
package confluent.type;
message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }
"""
_CONFLUENT: Final = {"confluent/meta.proto": _META, "confluent/type/decimal.proto": _DECIMAL}


def compile_registered(text: str, references: Mapping[str, str]) -> list[FileDescriptorProto]:
    """Returns the descriptors of a registered schema and of those that it refers to, itself last. Its text is that of a
    .proto file, or, from confluent-kafka-python, a descriptor in base64. Raises ValueError.
    """
    main = _descriptor(text)
    if main is not None:
        others = [_descriptor(of) for of in references.values()]
        return [*(one for one in others if one is not None), main]
    with tempfile.TemporaryDirectory(prefix="kafkaview-proto-") as folder:
        files = {**_CONFLUENT, **references, _MAIN: text}
        for name, of in files.items():
            path = Path(folder, _inside(name))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(of, encoding="utf-8")
        return _compile(Path(folder), _MAIN)


def compile_file(file: Path) -> list[FileDescriptorProto]:
    """Returns the descriptors of a .proto file and of those that it imports from its own folder, itself last. Raises
    ValueError.
    """
    try:
        file.open("rb").close()
    except OSError as error:
        raise ValueError(f"cannot read the schema {file}: {error.strerror}") from error
    return _compile(file.parent.absolute(), file.name)


def pack(files: Iterable[FileDescriptorProto]) -> bytes:
    """Returns descriptors as base64, for another process."""
    return base64.b64encode(FileDescriptorSet(file=files).SerializeToString())


def unpack(content: str) -> list[FileDescriptorProto]:
    """Returns the descriptors that `pack` has written."""
    return list(FileDescriptorSet.FromString(base64.b64decode(content)).file)


def find_own(name: str) -> FileDescriptorProto | None:
    """Returns the descriptor of a file that Protobuf's library brings itself (`google/protobuf/timestamp.proto`)."""
    match = _OWN.fullmatch(name)
    try:
        module = importlib.import_module(f"google.protobuf.{match[1]}_pb2") if match else None
    except ImportError:
        return None
    found = FileDescriptorProto()
    if module is None:
        return None
    module.DESCRIPTOR.CopyToProto(found)
    return found


def _descriptor(text: str) -> FileDescriptorProto | None:
    try:
        return FileDescriptorProto.FromString(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, DecodeError):
        return None


def _inside(name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
        raise ValueError(f"it refers to a schema by the name {name!r}, which is no name of a file")
    return path


def _compile(folder: Path, name: str) -> list[FileDescriptorProto]:
    with tempfile.TemporaryDirectory(prefix="kafkaview-proto-") as made:
        out = Path(made, "descriptors")
        try:
            done = subprocess.run(
                [*_PROTOC, "-I.", f"--descriptor_set_out={out}", name],
                cwd=folder,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
                env=without_secrets(os.environ),
            )
        except subprocess.TimeoutExpired:
            raise ValueError(f"protoc does not compile it within {_SECONDS:.0f} s") from None
        except (OSError, ValueError) as error:
            raise ValueError(f"protoc cannot be started: {error}") from error
        if done.returncode != 0 or not out.is_file():
            raise ValueError(f"protoc refuses it: {_first_error(done.stderr)}")
        return list(FileDescriptorSet.FromString(out.read_bytes()).file)


def _first_error(said: bytes) -> str:
    lines = [line for line in said.decode(errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if "warning" not in line.lower() and not _LOGGED.match(line)]
    return (telling or lines or ["it ended without a word"])[0][:300]
