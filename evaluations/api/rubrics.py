"""Rubrics and their versions: read only, in full."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers, viewsets
from rest_framework.permissions import IsAuthenticated

from evaluations.models import (
    Band,
    BonusRule,
    DeductionRule,
    Rubric,
    RubricItem,
    RubricSection,
    RubricVersion,
    VetoRule,
)
from portal.kernel.api import KEY_REGEX, MonthSerializerField, VisibleRows


class DeductionRuleSerializer(serializers.ModelSerializer[DeductionRule]):
    class Meta:
        model = DeductionRule
        fields = ("id", "number", "text", "unit", "points", "takes_all")


class RubricItemSerializer(serializers.ModelSerializer[RubricItem]):
    rules = DeductionRuleSerializer(many=True)

    class Meta:
        model = RubricItem
        fields = (
            "id",
            "code",
            "name",
            "full_marks",
            "is_key_work",
            "frequency",
            "source",
            "standard",
            "evidence",
            "applies_when",
            "rules",
        )


class RubricSectionSerializer(serializers.ModelSerializer[RubricSection]):
    items = RubricItemSerializer(many=True)

    class Meta:
        model = RubricSection
        fields = ("code", "name", "full_marks", "items")


class BonusRuleSerializer(serializers.ModelSerializer[BonusRule]):
    class Meta:
        model = BonusRule
        fields = ("id", "code", "text", "points")


class VetoRuleSerializer(serializers.ModelSerializer[VetoRule]):
    class Meta:
        model = VetoRule
        fields = ("id", "code", "text", "cap", "zeroes_item", "bars_awards", "needs_talk")


class BandSerializer(serializers.ModelSerializer[Band]):
    class Meta:
        model = Band
        fields = ("name", "floor")


class RubricVersionSummarySerializer(serializers.ModelSerializer[RubricVersion]):
    first_month = MonthSerializerField()
    rubric_code = serializers.CharField(source="rubric.code")
    rubric_name = serializers.CharField(source="rubric.name")

    class Meta:
        model = RubricVersion
        fields = (
            "id",
            "rubric_code",
            "rubric_name",
            "number",
            "first_month",
            "status",
            "not_due_policy",
            "bonus_cap",
            "note",
            "frozen_at",
        )


class RubricVersionSerializer(RubricVersionSummarySerializer):
    sections = RubricSectionSerializer(many=True)
    bonus_rules = BonusRuleSerializer(many=True)
    veto_rules = VetoRuleSerializer(many=True)
    bands = BandSerializer(many=True)

    class Meta(RubricVersionSummarySerializer.Meta):
        fields = (  # type: ignore[assignment]
            *RubricVersionSummarySerializer.Meta.fields,
            "sections",
            "bonus_rules",
            "veto_rules",
            "bands",
        )


class RubricSerializer(serializers.ModelSerializer[Rubric]):
    class Meta:
        model = Rubric
        fields = ("id", "code", "subject", "name")


class RubricViewSet(viewsets.ReadOnlyModelViewSet[Rubric]):
    """考评细则. Every signed-in user may read what everybody is judged by."""

    queryset = Rubric.objects.order_by("id")
    serializer_class = RubricSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = ("subject", "code")


class RubricVersionViewSet(VisibleRows, viewsets.ReadOnlyModelViewSet[RubricVersion]):
    """细则版本, with sections, items, deduction rules, bonus, veto and bands. Drafts are for
    those who draft."""

    queryset = RubricVersion.objects.select_related("rubric")
    ordering = ("rubric_id", "-number")
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = ("rubric", "status")

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        if self.action == "retrieve":
            rows = rows.prefetch_related(
                "sections__items__rules", "bonus_rules", "veto_rules", "bands"
            )
        return rows

    def get_serializer_class(self) -> Any:
        if self.action == "retrieve":
            return RubricVersionSerializer
        return RubricVersionSummarySerializer
