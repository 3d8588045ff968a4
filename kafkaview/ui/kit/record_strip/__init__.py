"""The record strip: a partition as a row of cells, with pointers for the groups. Drawn the same everywhere."""

from kafkaview.ui.kit.record_strip.cells import Cell, CellKind, Copied, Pointer, Strip, standing
from kafkaview.ui.kit.record_strip.widget import RecordStrip

__all__ = ["Cell", "CellKind", "Copied", "Pointer", "RecordStrip", "Strip", "standing"]
