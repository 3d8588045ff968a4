"""Every dialect in which dead letters are read."""

from __future__ import annotations

from typing import Final

from kafkaview.triage.dead_letters.dialects.confluent_rules import CONFLUENT_RULES
from kafkaview.triage.dead_letters.dialects.connect import CONNECT
from kafkaview.triage.dead_letters.dialects.kafka import KAFKA
from kafkaview.triage.dead_letters.dialects.letter_dialect import LetterDialect
from kafkaview.triage.dead_letters.dialects.smallrye import SMALLRYE
from kafkaview.triage.dead_letters.dialects.spring import SPRING
from kafkaview.triage.dead_letters.dialects.spring_cloud import SPRING_CLOUD
from kafkaview.triage.dead_letters.dialects.streams import STREAMS

DIALECTS: Final = (KAFKA, CONNECT, SPRING, STREAMS, SPRING_CLOUD, SMALLRYE, CONFLUENT_RULES)
BY_WORD: Final[dict[str, LetterDialect]] = {dialect.word: dialect for dialect in DIALECTS}
BY_NAME: Final[dict[str, LetterDialect]] = {name: dialect for dialect in DIALECTS for name in dialect.names}
