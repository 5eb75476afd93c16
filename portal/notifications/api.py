"""One's own inbox."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.requests import signed_in
from portal.kernel.api import KEY_REGEX, VisibleRows
from portal.notifications.models import InboxMessage
from portal.notifications.services import mark_read


class MessageSerializer(serializers.ModelSerializer[InboxMessage]):
    class Meta:
        model = InboxMessage
        fields = ("id", "title", "body", "link", "created_at", "read_at")


class MessageViewSet(VisibleRows, viewsets.ReadOnlyModelViewSet[InboxMessage]):
    """站内消息."""

    queryset = InboxMessage.objects.all()
    ordering = ("-created_at", "-pk")
    serializer_class = MessageSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = {"read_at": ["isnull"]}

    @extend_schema(request=None, responses={200: MessageSerializer})
    @action(detail=True, methods=["post"])
    def read(self, request: Request, pk: str) -> Response:
        """标为已读."""
        message = self.get_object()
        mark_read(message_id=message.pk, user=signed_in(request), now=timezone.now())
        message.refresh_from_db()
        return Response(MessageSerializer(message).data)
