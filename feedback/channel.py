"""What the anonymous channel and the attachments of requests plug in when the portal starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.accounts.models import User


def plug_in() -> None:
    """Called once by ``FeedbackConfig.ready``."""
    from feedback.models import StaffRequest
    from feedback.services.batch import deliver
    from feedback.similar import keep_up
    from portal.attachments.owners import register_owner
    from portal.kernel import sweep

    register_owner(StaffRequest, may_open_attachments)
    sweep.register("anonymous_batch", str(_("匿名诉求每日一送")), deliver)
    sweep.register("similar_matters", str(_("相似事项")), keep_up)


def may_open_attachments(user: User | AnonymousUser, request_id: str) -> bool:
    """Whoever sees the request: author, office, handlers; of a sealed one the discipline office."""
    from feedback.models import StaffRequest

    visible: Any = StaffRequest.objects.visible_to(user)
    return bool(visible.filter(pk=request_id).exists())
