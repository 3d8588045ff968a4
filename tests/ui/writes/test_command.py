"""How the command line of a plan is broken over several lines."""

from __future__ import annotations

from kafkaview.ui.writes.command import broken

BROKERS = "127.0.0.1:20161,127.0.0.1:27658,127.0.0.1:26962"


def test_a_command_is_broken_before_options_and_each_keeps_what_follows_it() -> None:
    command = f"kafkaview --bootstrap {BROKERS} reroute orders:1:20 --to orders-dlq --create-dlq --group billing"
    assert broken(command).split(" \\\n") == [
        f"kafkaview --bootstrap {BROKERS} reroute orders:1:20",
        "    --to orders-dlq --create-dlq --group billing",
    ]


def test_what_is_too_long_for_a_line_is_broken_between_words_and_not_cut() -> None:
    command = f"kafkaview --bootstrap {BROKERS} offsets skip billing orders:1:31 --evict --yes"
    assert broken(command).split(" \\\n") == [
        f"kafkaview --bootstrap {BROKERS} offsets skip billing",
        "    orders:1:31 --evict --yes",
    ]
