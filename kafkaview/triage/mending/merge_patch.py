"""JSON merge patches (RFC 7396)."""

from __future__ import annotations

from kafkaview.terms import Record
from kafkaview.triage.mending.exact_json import JsonDocument, check_names, read_json
from kafkaview.triage.mending.json_rewriting import rewrite
from kafkaview.triage.mending.letter_value import LetterValue
from kafkaview.triage.mending.result import CannotMend


class MergePatch:
    """A patch: what it names is replaced, added or, where it says null, taken away. Raises NotJson for a text that is
    no patch; one that names a member twice is refused, because readers of JSON do not agree which of the two counts.
    """

    def __init__(self, text: str) -> None:
        self._patch = read_json(text)
        check_names(text)

    def apply(self, record: Record, letter: LetterValue) -> str | None:
        """Returns the patched JSON; None of null, which stays so. A number of the patch is written as it stands there.
        Raises CannotMend.
        """
        document = letter.document
        if document is None:
            if record.value is None:
                return None
            raise CannotMend(letter.problem)
        spellings = document.spellings | self._patch.spellings
        return rewrite(
            JsonDocument(document.text, document.value, spellings), _merge(document.value, self._patch.value)
        )


def _merge(target: object, patch: object) -> object:
    """Returns a value with a patch, as section 2 of the RFC has it."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merge(merged.get(name), value)
    return merged
