"""The record strip: a partition as a row of cells, with pointers for the groups. Drawn the same everywhere."""

from kafkaview.ui.strip.cells import Cell, CellKind, Copied, Pointer, Strip, standing
from kafkaview.ui.strip.widget import RecordStrip

__all__ = ["Cell", "CellKind", "Copied", "Pointer", "RecordStrip", "Strip", "standing"]
