"""The field that says which partitions of a topic are meant."""

from __future__ import annotations

from kafkaview.ui.kit.choice_field import EditableChoice
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import plural


class PartitionField(EditableChoice):
    """All partitions, or the numbers of some: `0,3,5`."""

    def __init__(self, theme: Theme, *, width: int = 0) -> None:
        super().__init__(theme, "Partitions", (("", "All partitions"),), width=width)
        self.setToolTip("All, or some: 0,3,5")

    @property
    def numbers(self) -> tuple[int, ...]:
        """The partitions that are meant; none means all. Raises ValueError."""
        text = self.value
        try:
            return tuple(sorted({int(part) for part in text.replace(",", " ").split()}))
        except ValueError:
            raise ValueError(f"'{text}' are no partitions: write their numbers, 0,3,5") from None

    def show_numbers(self, numbers: tuple[int, ...]) -> None:
        """Shows some partitions; none means all."""
        self.show_value(",".join(map(str, numbers)))

    def show_count(self, partitions: int | None) -> None:
        """Says how many partitions the topic has."""
        count = "All partitions" if partitions is None else f"All {plural(partitions, 'partition')}"
        self.setItemText(0, "The one partition" if partitions == 1 else count)
