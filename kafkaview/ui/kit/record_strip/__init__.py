"""The record strip: a partition as a row of cells, with pointers for the groups. Drawn the same everywhere."""

from kafkaview.ui.kit.record_strip.cells import CellKind, Copied, Pointer, Strip, StripCell, cells_around
from kafkaview.ui.kit.record_strip.widget import RecordStrip

__all__ = ["CellKind", "Copied", "Pointer", "RecordStrip", "Strip", "StripCell", "cells_around"]
