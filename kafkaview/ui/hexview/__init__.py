"""Bytes as they are: offset, sixteen bytes in two eights, and the characters."""

from kafkaview.ui.hexview.view import HexView

__all__ = ["HexView"]
