"""How Kafka's coordinators lay out their records, from the jars of the release that the demo starts: `python -m
tests.broker.coordinator_layouts` writes it to `resources/kafka/coordinator-records.json`, and a test holds it to them.
"""

from __future__ import annotations

import json
import re
import zipfile
from typing import Any

from kafkaview.demo.jars import kafka_jars
from kafkaview.resources import ROOT

TOPICS = {
    "__consumer_offsets": "kafka-group-coordinator-*.jar",
    "__transaction_state": "kafka-transaction-coordinator-*.jar",
    "__share_group_state": "kafka-share-coordinator-*.jar",
}
FILE = ROOT / "kafka" / "coordinator-records.json"
_KEPT = ("name", "type", "versions", "nullableVersions", "taggedVersions", "tag", "fields")


def collect() -> dict[str, Any]:
    """Returns the messages of each internal topic by their number, as `key` and `value`."""
    found: dict[str, Any] = {}
    for topic, pattern in TOPICS.items():
        (jar,) = [path for path in kafka_jars().glob(pattern) if "api" not in path.name]
        messages = found.setdefault(topic, {})
        with zipfile.ZipFile(jar) as files:
            for name in sorted(files.namelist()):
                if name.startswith("common/message/") and name.endswith(".json"):
                    text = re.sub(r"^\s*//.*$", "", files.read(name).decode(), flags=re.MULTILINE)
                    message = json.loads(text)
                    role = message["type"].removeprefix("coordinator-")
                    messages.setdefault(str(message["apiKey"]), {})[role] = _pruned(message)
    return found


def _pruned(message: dict[str, Any]) -> dict[str, Any]:
    kept = {name: message[name] for name in ("name", "validVersions", "flexibleVersions")}
    structs = {one["name"]: _fields(one["fields"]) for one in message.get("commonStructs", ())}
    return {**kept, "fields": _fields(message["fields"]), **({"structs": structs} if structs else {})}


def _fields(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: _fields(value) if name == "fields" else value for name, value in one.items() if name in _KEPT}
        for one in fields
    ]


def text() -> str:
    """Returns the content of the file."""
    return json.dumps(collect(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
