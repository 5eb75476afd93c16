from __future__ import annotations

from django.urls import path

from portal.dashboard import board_views, homes, search, styleguide

app_name = "dashboard"

urlpatterns = [
    path("", homes.home, name="home"),
    path("search/", search.search, name="search"),
    path("board/", board_views.board, name="board"),
    path("board/public/", board_views.board_public, name="board-public"),
    path("board/screen/", board_views.board_screen, name="board-screen"),
    path("styleguide/", styleguide.gallery, name="styleguide"),
]
