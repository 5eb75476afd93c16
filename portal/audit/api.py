"""The audit trail, for those who may read it."""

from __future__ import annotations

from rest_framework import serializers, viewsets
from rest_framework.permissions import IsAuthenticated

from portal.audit.models import AuditEntry
from portal.kernel.api import KEY_REGEX, VisibleRows


class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    actor_name = serializers.CharField(source="actor.display_name", default="")

    class Meta:
        model = AuditEntry
        fields = (
            "id",
            "at",
            "code",
            "actor",
            "actor_name",
            "via",
            "object_type",
            "object_id",
            "object_label",
            "reason",
            "before",
            "after",
        )


class AuditViewSet(VisibleRows, viewsets.ReadOnlyModelViewSet[AuditEntry]):
    """审计记录."""

    queryset = AuditEntry.objects.select_related("actor")
    ordering = ("-at", "-pk")
    serializer_class = AuditEntrySerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = {"code": ["exact"], "object_type": ["exact"], "at": ["gte", "lt"]}
