"""What Qt, its libraries and our own slots say, in a real process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

QT = """
from kafkaview.log_files import keep_libraries_silent
keep_libraries_silent()
from PySide6.QtCore import qWarning
from kafkaview import app
app.why_no_display = lambda: ""
async def live(theme, ended):
    qWarning("This plugin does not support propagateSizeHints()")
    from PySide6.QtWidgets import QPushButton
    button = QPushButton("b")
    button.clicked.connect(lambda: 1 / 0)
    button.show()
    button.click()
    return 0
raise SystemExit(app._run(live))
"""


def test_messages_of_qt_its_libraries_and_a_slot_are_in_the_files(tmp_path: Path) -> None:
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    env["FONTCONFIG_FILE"] = str(tmp_path / "nothing.conf")  # a library in C complains on standard error
    ended = subprocess.run([sys.executable, "-c", QT], capture_output=True, text=True, env=env, timeout=60, check=True)
    assert (ended.stdout, ended.stderr) == ("", "")
    (file,) = tmp_path.rglob("libraries.log")
    assert "propagateSizeHints" in file.read_text()
    assert "Fontconfig error" in file.read_text()
    (crashes,) = tmp_path.rglob("crash.log")
    assert "ZeroDivisionError" in crashes.read_text()
