"""Whose records the rows are where that is not plain: of another topic than the field names, or of one that is gone."""

from __future__ import annotations

from kafkaview.cluster.ports.cluster import Omission
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.controls import Text
from kafkaview.words import name_text


class WhoseRows(Text):
    """A line above the rows. A topic is seen to be deleted, or to lose rows, from one sample to the next."""

    def __init__(self) -> None:
        super().__init__(size=12, tone="warn_text", wrap=True)
        self._view: View | None = None
        self._topic = ""
        self._lost = ""  # what became of the topic since its rows were read
        self.hide()

    def show_topic(self, topic: str) -> None:
        """Begins with other rows, of a topic."""
        self._topic, self._lost = topic, ""

    def show_view(self, view: View, rows: int) -> None:
        """Compares a sample with the one before."""
        if not view.current or view.topics is None:
            return
        before, self._view = self._view, view
        if before is None or not rows:
            return
        held, holds = _records(before, self._topic), _records(view, self._topic)
        name = name_text(self._topic)
        if held is not None and holds is None:
            self._lost = f"{name} was deleted. These are the records that it had."
        elif not self._lost and held is not None and holds is not None and 0 <= holds < min(held, rows):
            self._lost = f"Records of {name} were removed since these were read, or it was made anew."

    def say(self, named: str, rows: int) -> None:
        """Says it, with the topic that the field names."""
        parts = [self._lost] if rows else []
        if rows and named != self._topic:
            wanted = f" Read shows those of {name_text(named)}." if named else ""
            parts.append(f"These are records of {name_text(self._topic)}.{wanted}")
        text = " ".join(filter(None, parts))
        self.setText(text)
        self.setVisible(bool(text))


def _records(view: View, topic: str) -> int | None:
    """Returns the most records that a topic can hold, -1 where that is unknown; None if it is known not to be there."""
    topics = view.topics
    if topics is None or topic not in topics.names:
        unlisted = view.omissions & {Omission.TOPICS, Omission.UNKNOWN_TOPICS}
        return -1 if unlisted else None
    place = topics.names.index(topic)
    return int(topics.records[place]) if topics.records_complete[place] else -1
