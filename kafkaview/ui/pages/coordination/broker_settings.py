"""The settings of one broker, changed ones first, with Kafka's own documentation."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget

from kafkaview.cluster.ports.brokers import Setting
from kafkaview.ui.kit.controls import Text, hairline
from kafkaview.ui.kit.layout import column, fill_widget, inset
from kafkaview.ui.kit.tables import FilterField, RowMenu, Table, TableModel
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.coordination.broker_columns import SETTINGS
from kafkaview.words import number


class BrokerSettings(QWidget):
    """The table of settings, and below it what the selected one means and which other values stand behind it."""

    def __init__(self, theme: Theme, menu: RowMenu[Setting]) -> None:
        super().__init__()
        self.filter = FilterField(theme, "Filter settings")
        self.filter.setMaximumWidth(theme.px(260))
        self._count = Text(size=12, tone="text_2")
        self.model: TableModel[Setting] = TableModel(SETTINGS, lambda row: row.name)
        self.table: Table[Setting] = Table(theme, self.model, "Settings of the broker", menu=menu)
        self.about = Text(size=12, tone="text_2", wrap=True)
        self.about.setMaximumHeight(theme.px(96))
        self._lay_out()
        self.filter.filtered.connect(self.model.set_filter)
        self.model.shown_changed.connect(self._say_count)
        self.table.chosen.connect(self._explain)

    def show_settings(self, settings: Sequence[Setting]) -> None:
        """Shows a broker's settings."""
        self.table.set_rows(sorted(settings, key=lambda one: (one.is_default, one.name)))
        self._explain(self.table.selected)

    def _say_count(self) -> None:
        shown, changed = self.model.rows, sum(not one.is_default for one in self.model.rows)
        self._count.setText(f"{number(len(shown))} of {number(self.model.total)}, {number(changed)} of them changed")

    def _explain(self, setting: Setting | None) -> None:
        self.about.setText(about(setting) if setting is not None else "Select a setting to read what it is for.")

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.setContentsMargins(16, 4, 16, 6)
        above.setSpacing(12)
        above.addWidget(self.filter, 1)
        above.addWidget(self._count)
        above.addStretch(1)
        fill_widget(self, column(above, self.table, hairline(), inset(self.about, 6, 8)))


def about(setting: Setting) -> str:
    """Returns Kafka's own words on a setting, whether it can be changed at run time, and the values behind it."""
    documented = " ".join((setting.documentation or "").split())  # it is written over several lines
    said = [documented or "The broker does not say what it is for."]
    if setting.read_only:
        said.append("Changing it needs a restart of the broker.")
    others = [one for one in setting.synonyms if one.source != setting.source and one.value is not None]
    if others and not setting.sensitive:
        said.append("Otherwise: " + ", ".join(f"{one.name}={one.value} ({_words(one.source)})" for one in others) + ".")
    return f"{setting.name}: " + " ".join(said)


def _words(source: str) -> str:
    return source.removesuffix("_CONFIG").replace("_", " ").lower()
