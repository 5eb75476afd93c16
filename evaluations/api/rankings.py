"""Published rankings, line by line, and the runs they belong to."""

from __future__ import annotations

from django.db.models import F
from rest_framework import serializers, viewsets
from rest_framework.permissions import IsAuthenticated

from evaluations.models import CorrectedScore, RankingEntry
from portal.kernel.api import KEY_REGEX, MonthSerializerField, VisibleRows


class RankingEntrySerializer(serializers.ModelSerializer[RankingEntry]):
    month = MonthSerializerField(source="run.round.month")
    revision = serializers.IntegerField(source="run.revision")
    branch_name = serializers.CharField(source="branch.name")
    digest = serializers.CharField(source="run.digest")

    class Meta:
        model = RankingEntry
        fields = (
            "id",
            "month",
            "revision",
            "branch",
            "branch_name",
            "tier",
            "branch_type",
            "group_key",
            "group_size",
            "rank",
            "unranked_reason",
            "visits",
            "base",
            "correction",
            "bonus",
            "cap",
            "total",
            "key_marks",
            "open_findings",
            "band",
            "previous_total",
            "previous_rank",
            "digest",
        )


class RankingViewSet(VisibleRows, viewsets.ReadOnlyModelViewSet[RankingEntry]):
    """分类排名: published lines only. There is no ranking across types."""

    queryset = RankingEntry.objects.select_related("run__round", "branch")
    ordering = ("-run__sequence", "group_key", F("rank").asc(nulls_last=True), "pk")
    serializer_class = RankingEntrySerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = {
        "run__round": ["exact"],
        "run__round__month": ["exact"],
        "branch": ["exact"],
        "branch_type": ["exact"],
        "group_key": ["exact"],
    }


class CorrectedScoreSerializer(serializers.ModelSerializer[CorrectedScore]):
    month = MonthSerializerField(source="run.round.month")
    revision = serializers.IntegerField(source="run.revision")
    branch_name = serializers.CharField(source="branch.name")

    class Meta:
        model = CorrectedScore
        fields = (
            "id",
            "month",
            "revision",
            "branch",
            "branch_name",
            "raw",
            "correction",
            "withheld",
            "raw_total",
            "raw_rank",
            "raw_se",
            "total",
            "rank",
            "se",
            "tie_band",
            "rank_low",
            "rank_high",
            "is_comparable",
            "reason",
        )


class CorrectedScoreViewSet(VisibleRows, viewsets.ReadOnlyModelViewSet[CorrectedScore]):
    """校正分 of published months, raw and corrected side by side. How each team marked is not
    told here."""

    queryset = CorrectedScore.objects.select_related("run__round", "branch")
    ordering = ("-run__sequence", "branch")
    serializer_class = CorrectedScoreSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = {
        "run__round": ["exact"],
        "run__round__month": ["exact"],
        "branch": ["exact"],
    }
