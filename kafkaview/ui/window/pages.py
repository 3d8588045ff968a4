"""The pages in the order of the rail, which is the order of use on call."""

from __future__ import annotations

from kafkaview.ui.kit.page import Page
from kafkaview.ui.pages.coordination.page import CoordinationPage
from kafkaview.ui.pages.dead_letters.page import DeadLettersPage
from kafkaview.ui.pages.groups.page import GroupsPage
from kafkaview.ui.pages.journal.page import JournalPage
from kafkaview.ui.pages.records.page import RecordsPage
from kafkaview.ui.pages.scan.page import ScanPage
from kafkaview.ui.pages.security.page import SecurityPage
from kafkaview.ui.pages.topics.page import TopicsPage
from kafkaview.ui.pages.triage.page import TriagePage

PAGES: tuple[type[Page], ...] = (
    TriagePage,
    TopicsPage,
    RecordsPage,
    GroupsPage,
    DeadLettersPage,
    CoordinationPage,
    SecurityPage,
    JournalPage,
    ScanPage,
)
