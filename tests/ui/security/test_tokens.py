"""Delegation tokens on the Security page: made, with a secret that is shown once; renewed and ended."""

from __future__ import annotations

import os
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace

from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from kafkaview.cluster.errors import RefusedByPolicy
from kafkaview.cluster.ports.security import NewToken
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.security.parts import Part
from kafkaview.ui.pages.security.token_sheet import TokenSheet
from tests.kit.fake_security import HMAC
from tests.ui.conftest import Staged
from tests.ui.security.test_page import carried_out, planned, read, shown
from tests.ui.stage import DEVELOPMENT, Stage, until

WRITTEN = b64encode(HMAC).decode()


def seen(stage: Stage) -> str:
    """All words in the window."""
    labels = [label.text() for label in stage.window.findChildren(QLabel)]
    return "".join([*labels, *(line.text() for line in stage.window.findChildren(QLineEdit))]).replace("\n", "")


def test_the_hmac_of_a_new_token_is_behind_dots_until_it_is_asked_for_and_goes_with_its_outcome(
    staged: Staged,
) -> None:
    async def play(stage: Stage) -> None:
        page = await shown(stage)
        page.deeds.create_token()
        sheet = Veil.over(stage.window)
        assert isinstance(sheet, TokenSheet)
        for owner, renewers, life, why in (
            ("app", "", "", "A principal reads User:name."),
            ("User:app", "ops", "", "A principal reads User:name."),
            ("User:app", "User:ops", "soon", "A time reads 7d, 12h, 30m or 90s."),
            ("User:app", "User:ops, User:sre", "7d", ""),
        ):
            for line, text in ((sheet.owner, owner), (sheet.renewers, renewers), (sheet.life, life)):
                line.setText(text)
            assert sheet.why_not() == why
        sheet.go.click()
        dialog = await planned(stage)
        await carried_out(stage, dialog)
        assert stage.security.issued[0].renewers == ("User:ops", "User:sre")
        secret = dialog.outcome.secret
        assert secret.isVisible()
        assert WRITTEN not in seen(stage)
        secret.reveal.click()
        assert WRITTEN in seen(stage)
        secret.reveal.click()
        assert WRITTEN not in seen(stage)
        secret.copy.click()
        copied = QApplication.clipboard().mimeData()
        assert copied.text() == WRITTEN
        assert copied.hasFormat("x-kde-passwordManagerHint")
        QApplication.clipboard().clear()
        dialog.ask.cancel.click()
        await until(lambda: page.tokens.model.total == 1)
        assert WRITTEN not in repr(await stage.session.journal.entries())

    staged(play)


def test_a_token_whose_sheet_was_closed_meanwhile_tells_its_secret_on_the_page(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        page = await shown(stage)
        page.deeds.create_token()
        sheet = Veil.over(stage.window)
        assert isinstance(sheet, TokenSheet)
        sheet.go.click()
        dialog = await planned(stage)
        dialog.ask.confirm.click()
        dialog.lift()
        await until(stage.outcome.isVisible)
        strip = stage.outcome
        assert strip.words.secret.isVisible()
        strip.words.secret.reveal.click()
        assert WRITTEN in seen(stage)
        strip.dismiss.click()
        assert WRITTEN not in seen(stage)

    staged(play)


def test_the_selected_token_is_renewed_and_ended(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        await stage.security.create_token(NewToken())
        await stage.security.create_token(NewToken("User:other"))
        page = await shown(stage)
        page.tokens.table.choose("token-1")
        for deed, kind in ((page.deeds.renew_token, "tokens.renew"), (page.deeds.expire_token, "tokens.expire")):
            deed()
            dialog = await planned(stage)
            assert dialog.plan is not None
            assert (dialog.plan.kind, dialog.plan.document["token_id"]) == (kind, "token-1")
            await carried_out(stage, dialog)
            assert not dialog.outcome.secret.isVisible()
            dialog.ask.cancel.click()
            await read(stage, page)
        assert [one.token_id for one in stage.security.issued] == ["token-0"]

    staged(play)


def test_where_tokens_may_not_be_asked_for_the_reason_greys_the_deed(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        stage.security.failures["tokens"] = RefusedByPolicy("not over PLAINTEXT", "Log in with SASL.")
        page = await shown(stage)
        assert Part.TOKENS in page.refused
        (create,) = [action for action in page.deeds.actions() if action.id == "tokens.create"]
        assert create.why_not() == "not over PLAINTEXT"

    staged(play)


def test_a_read_only_profile_makes_and_ends_no_token(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        await stage.security.create_token(NewToken())
        page = await shown(stage)
        page.tokens.table.selectAll()
        reasons = {button.text(): button.toolTip() for button, _why in page.tokens._buttons}
        assert reasons == dict.fromkeys(("Expire…", "Renew…", "Create…"), "This profile is read-only")

    staged(play, replace(DEVELOPMENT, read_only=True))


_COPIES = """
from PySide6.QtWidgets import QApplication
from kafkaview.ui.kit.theme import Theme, ThemeMode
from kafkaview.ui.writes.one_time_secret import SecretLine
from kafkaview.writes.one_time_secret import ShownOnce
app = QApplication([])
line = SecretLine(Theme(ThemeMode.LIGHT))
line.show_secret(ShownOnce("the token t", "t", "HMAC", "s3cret"))
line.copy.click()
assert app.clipboard().text() == "s3cret"
"""


def test_a_copied_secret_does_not_break_the_end_of_the_program() -> None:
    """A QMimeData that Python has made does: the clipboard ends after it."""
    line = [sys.executable, "-c", _COPIES]
    assert subprocess.run(line, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, check=False).returncode == 0
