"""The pages that there are, in the order of the rail: the order of use on call."""

from __future__ import annotations

from kafkaview.ui.coordination.page import CoordinationPage
from kafkaview.ui.groups.page import GroupsPage
from kafkaview.ui.page import Page
from kafkaview.ui.security.page import SecurityPage
from kafkaview.ui.topics.page import TopicsPage
from kafkaview.ui.triage.page import TriagePage

PAGES: tuple[type[Page], ...] = (TriagePage, TopicsPage, GroupsPage, CoordinationPage, SecurityPage)
