"""Bytes as they are: offset, sixteen bytes in two eights, and the characters."""

from kafkaview.ui.kit.hex_view.view import HexView

__all__ = ["HexView"]
