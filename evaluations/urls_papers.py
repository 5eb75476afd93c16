"""Addresses of the papers, and of the page that vouches for them."""

from __future__ import annotations

from django.urls import path, re_path

from evaluations.views import archive, papers

urlpatterns_papers = [
    re_path(
        r"^rectification/notices/(?P<pk>\d{1,18})/papers/"
        r"(?P<slug>letter|red-head|answer|talk)\.(?P<form>pdf|docx)$",
        papers.NoticeFile.as_view(),
        name="notice-file",
    ),
    re_path(
        r"^bulletins/(?P<pk>\d{1,18})/bulletin\.(?P<form>pdf|docx)$",
        papers.BulletinFile.as_view(),
        name="bulletin-file",
    ),
    re_path(
        r"^sheets/(?P<pk>\d{1,18})/sheet\.(?P<form>pdf|docx)$",
        papers.SheetFile.as_view(),
        name="sheet-file",
    ),
    path("papers/archive/", archive.ArchivePage.as_view(), name="archive"),
    re_path(
        r"^papers/(?P<pk>\d{1,18})/(?P<slug>letter|red-head)\.(?P<form>pdf|docx)$",
        archive.PaperFile.as_view(),
        name="paper-file",
    ),
    path("papers/batches/", archive.AskForBatch.as_view(), name="batch-new"),
    path("papers/batches/<int:pk>/", archive.BatchPage.as_view(), name="batch"),
    path("papers/batches/<int:pk>/file/", archive.BatchFile.as_view(), name="batch-file"),
    path("papers/", papers.AboutPapers.as_view(), name="papers"),
    path("verify/<slug:code>/", papers.Verify.as_view(), name="verify"),
]
