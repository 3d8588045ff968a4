"""A file that describes no connection, seen by each verb."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kafkaview.cli.main import main

JAAS = "sasl.jaas.config=a.ScramLoginModule required username=u password='geheim"


@pytest.mark.parametrize(
    ("lines", "words"),
    [("security.protocol=SASL-SSL", "SASL-SSL"), (f"security.protocol=SASL_SSL\n{JAAS}", "sasl.jaas.config")],
)
def test_the_doctor_answers_with_a_failed_step_and_every_other_verb_with_one_document(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lines: str, words: str
) -> None:
    file = tmp_path / "client.properties"
    file.write_text(f"bootstrap.servers=127.0.0.1:1\n{lines}\n")
    assert main(["--config", str(file), "doctor", "--json"]) == 3
    out, err = capsys.readouterr()
    (step,) = json.loads(out)["steps"]
    assert (step["step"], step["ok"], step["cause"], err) == ("config", False, "bad_setting", "")
    assert words in step["detail"]
    assert "geheim" not in out
    for verb in (["groups"], ["topics"], ["brokers"], ["profiles", "add", "--name", "x"]):
        assert main(["--config", str(file), *verb, "--json"]) == 2
        out, err = capsys.readouterr()
        assert (json.loads(out)["error"]["kind"], err) == ("usage", "")


def test_a_setting_of_the_line_stays_a_matter_of_the_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "client.properties"
    file.write_text("bootstrap.servers=127.0.0.1:1\n")
    assert main(["--config", str(file), "-X", "nothing=1", "doctor", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "usage"
