"""The question at the top: may a principal do something, and the answer with the rule that decides."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from kafkaview.cluster.ports.security import CLUSTER_NAME, Operation, Resource, ResourceType
from kafkaview.security.decision import AclQuestion, Rules, decide
from kafkaview.security.matrix import OPERATIONS
from kafkaview.ui.kit.choice_field import ComboBox
from kafkaview.ui.kit.controls import Text, ground
from kafkaview.ui.kit.flow_layout import make_flow
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.picker import Picker
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.security.words import Said, describe_decision

_CHOICE_LENGTH = 11
_TYPES = {
    ResourceType.TOPIC: "topic",
    ResourceType.GROUP: "group",
    ResourceType.CLUSTER: "the cluster",
    ResourceType.TRANSACTIONAL_ID: "transactional id",
    ResourceType.DELEGATION_TOKEN: "delegation token",
    ResourceType.USER: "user",
}


class QuestionBar(QWidget):
    """Emits `asked` with every change. The matrix is about the same resource."""

    asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.principal = Picker(theme, "Principal", 190)
        self.operation = ComboBox()
        self.operation.setAccessibleName("Operation")
        self.type = ComboBox()
        self.type.setAccessibleName("Type of resource")
        self.name = Picker(theme, "Name", 200)
        self.host = Picker(theme, "any host", 110)
        self.host.setAccessibleName("From host")
        self._names: dict[ResourceType, tuple[str, ...]] = {}
        self._answer = AnswerWords(theme)
        for kind, title in _TYPES.items():
            self.type.addItem(title, kind)
        self._offer_operations()
        self._lay_out()
        self.type.currentIndexChanged.connect(self._retype)
        self.operation.currentIndexChanged.connect(self.asked)
        for picker in (self.principal, self.name, self.host):
            picker.currentTextChanged.connect(self.asked)

    @property
    def resource(self) -> Resource | None:
        """The resource of the question; None while it has no name."""
        kind = self._kind
        name = CLUSTER_NAME if kind is ResourceType.CLUSTER else self.name.text
        return Resource(kind, name) if name else None

    @property
    def question(self) -> AclQuestion | None:
        """The question; None while a field is empty."""
        resource, operation = self.resource, self.operation.currentData()
        if resource is None or not self.principal.text or not isinstance(operation, Operation):
            return None
        return AclQuestion(self.principal.text, operation, resource, self.host.text.strip() or None)

    def offer(
        self, principals: Iterable[str], names: dict[ResourceType, tuple[str, ...]], hosts: Iterable[str] = ()
    ) -> None:
        """Sets the known names to choose from. An empty field gets the first of them; only the host may stay empty."""
        self._names = names
        self.host.offer(hosts)
        self.principal.offer(principals)
        self.name.offer(names.get(self._kind, ()))
        for picker in (self.principal, self.name):
            if not picker.text and picker.first:
                picker.show_text(picker.first)

    def ask(self, question: AclQuestion) -> None:
        """Shows another question."""
        self.type.setCurrentIndex(self.type.findData(question.resource.type))
        self.name.show_text(question.resource.name)
        self.operation.setCurrentIndex(self.operation.findData(question.operation))
        self.principal.show_text(question.principal)
        self.host.show_text(question.host or "")

    def answer(self, rules: Rules | None, otherwise: Said | None) -> None:
        """Shows the answer by the rules, or why there is none."""
        if otherwise is not None or rules is None:
            self._answer.show_said(otherwise or Said(Mark.WORKING, "", "Asking for every ACL"))
        elif self.question is None:
            self._answer.show_said(Said(Mark.IDLE, "", "Name a principal and a resource."))
        else:
            self._answer.show_said(describe_decision(decide(self.question, rules)))

    @property
    def words(self) -> AnswerWords:
        """The answer that is shown."""
        return self._answer

    @property
    def _kind(self) -> ResourceType:
        kind = self.type.currentData()
        return kind if isinstance(kind, ResourceType) else ResourceType.TOPIC

    def _retype(self) -> None:
        kind = self._kind
        self.name.setVisible(kind is not ResourceType.CLUSTER)
        self.blockSignals(True)  # one question, not three on the way to it
        self._offer_operations()
        self.name.offer(self._names.get(kind, ()))
        self.name.show_text(self.name.first)
        self.blockSignals(False)
        self.asked.emit()

    def _offer_operations(self) -> None:
        kept = self.operation.currentData()
        self.operation.clear()
        for one in OPERATIONS[self._kind]:
            self.operation.addItem(one.name, one)
        self.operation.setCurrentIndex(max(0, self.operation.findData(kept)))

    def _lay_out(self) -> None:
        ground(self, "surface")
        for box in (self.operation, self.type):  # of one width, whatever is offered: what follows shall not jump
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(_CHOICE_LENGTH)
        may, from_, end = (Text(word, size=15, weight=600) for word in ("May", "from", "?"))
        row = make_flow(may, self.principal, self.operation, self.type, self.name, from_, self.host, end)
        self.setLayout(column(row, self._answer, margins=(16, 12, 16, 12), gap=8))


class AnswerWords(QWidget):
    """The mark, the word, the reason, and the rule that decides."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._mark = MarkLabel(theme, Mark.WORKING, 18)
        self.word = Text(size=15, weight=600)
        self.because = Text(wrap=True)
        self.rule = Text(size=12, mono=True, tone="text_2", wrap=True)
        self.rule.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.more = Text(size=12, tone="text_2", wrap=True)
        self.rule.setMinimumHeight(theme.px(18))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(2, 1)
        grid.addWidget(self._mark, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.word, 0, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.because, 0, 2)
        grid.addWidget(self.rule, 1, 2)
        grid.addWidget(self.more, 2, 2)

    def show_said(self, words: Said) -> None:
        """Shows an answer."""
        self._mark.set_mark(words.mark)
        for label, text in ((self.word, words.word), (self.because, words.because), (self.rule, words.rule)):
            label.setText(text)  # the rule keeps its line without one: what is below shall not jump
        self.more.setText(words.more)
        self.more.setVisible(bool(words.more))
        self.setAccessibleName(f"{words.word}. {words.because}")
