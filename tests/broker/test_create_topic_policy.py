"""A policy of the brokers (create.topic.policy.class.name) that refuses the queue: its words stand in the plan."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import orjson
import pytest

from kafkaview.cli.main import main
from kafkaview.cluster.errors import RefusedByPolicy
from kafkaview.demo.jars import java, kafka_jars
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.terms import RecordId
from kafkaview.triage.reroute.planner import plan_reroute
from tests.broker.material import POISON_AT, Broker, session_on
from tests.broker.test_reroute_plans import check_refused

WORDS = "A topic begins with the name of its team"
POLICY = f"""
import java.util.Map;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.server.policy.CreateTopicPolicy;

public class TeamNames implements CreateTopicPolicy {{
    public static void premain(String options) {{ }}
    public void configure(Map<String, ?> settings) {{ }}
    public void close() {{ }}
    public void validate(RequestMetadata asked) {{
        if (asked.topic().startsWith("nobodys-")) throw new PolicyViolationException("{WORDS}");
    }}
}}
"""
JAVAC = Path(java()).with_name("javac")
pytestmark = pytest.mark.skipif(not JAVAC.exists() and not shutil.which("javac"), reason="this Java has no compiler")


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedKafka]:
    """A broker with the policy. Its jar comes in as an agent's, also into the tool that formats the directory: their
    class path is the product's own.
    """
    folder = tmp_path_factory.mktemp("policy")
    (folder / "TeamNames.java").write_text(POLICY)
    compiler = str(JAVAC) if JAVAC.exists() else "javac"
    subprocess.run([compiler, "-cp", f"{kafka_jars()}/*", "TeamNames.java"], cwd=folder, check=True, timeout=120)
    with ZipFile(folder / "policy.jar", "w") as jar:
        jar.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nPremain-Class: TeamNames\n")
        for made in folder.glob("*.class"):
            jar.write(made, made.name)
    settings = {"create.topic.policy.class.name": "TeamNames"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_TOOL_OPTIONS", f"-javaagent:{folder / 'policy.jar'}")
        with EmbeddedKafka(settings=settings) as kafka:
            yield kafka


async def test_a_plan_foresees_what_the_policy_refuses_in_its_words(strict: EmbeddedKafka, tmp_path: Path) -> None:
    broker = Broker(strict.bootstrap)
    record = RecordId(broker.poisoned_topic(), 0, POISON_AT)
    async with session_on(strict.bootstrap, tmp_path / "journal.sqlite3") as session:
        plan = await plan_reroute(session, [record], groups=[], dlq="nobodys-dead-letters")
        await check_refused(session, broker, plan, RefusedByPolicy)
        assert WORDS in plan.problems[0].message
        allowed = await plan_reroute(session, [record], groups=[])
        assert allowed.problems == ()


@pytest.mark.usefixtures("tmp_home")
def test_the_command_line_shows_the_words_of_the_policy(
    strict: EmbeddedKafka, capsys: pytest.CaptureFixture[str]
) -> None:
    record = f"{Broker(strict.bootstrap).poisoned_topic()}:0:{POISON_AT}"
    line = ["reroute", record, "--to", "nobodys-dead-letters", "--create-dlq", "--dry-run", "--json"]
    assert main(["--bootstrap", strict.bootstrap, *line]) == 5
    assert WORDS in str(orjson.loads(capsys.readouterr().out))
