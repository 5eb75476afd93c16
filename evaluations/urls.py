"""Addresses of the monthly work, area by area."""

from __future__ import annotations

from evaluations.urls_appeals import urlpatterns_appeals
from evaluations.urls_findings import urlpatterns_findings
from evaluations.urls_meetings import urlpatterns_meetings
from evaluations.urls_notices import urlpatterns_notices
from evaluations.urls_papers import urlpatterns_papers
from evaluations.urls_rectification import urlpatterns_rectification
from evaluations.urls_rounds import urlpatterns_rounds
from evaluations.urls_rubrics import urlpatterns_rubrics
from evaluations.urls_sheets import urlpatterns_sheets

app_name = "evaluations"
urlpatterns = [
    *urlpatterns_rectification,
    *urlpatterns_notices,
    *urlpatterns_papers,
    *urlpatterns_findings,
    *urlpatterns_appeals,
    *urlpatterns_rounds,
    *urlpatterns_sheets,
    *urlpatterns_rubrics,
    *urlpatterns_meetings,
]
