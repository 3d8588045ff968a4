"""Plots of lines over time, in the theme's tokens."""

from kafkaview.ui.kit.plots.lag import LagPlot
from kafkaview.ui.kit.plots.line import Event, Line

__all__ = ["Event", "LagPlot", "Line"]
