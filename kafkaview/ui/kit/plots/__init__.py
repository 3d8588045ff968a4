"""Plots on pyqtgraph, in the theme's tokens and without its tools."""

from kafkaview.ui.kit.plots.lag import Event, LagPlot, Line, load_canvas

__all__ = ["Event", "LagPlot", "Line", "load_canvas"]
