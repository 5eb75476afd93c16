"""REST twin of the visits: reading, writing one down, places and links."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from branches.models import Person
from feedback.api.arranging import AssignsLinks
from feedback.models import LinkAssignment, StaffVisit, VisitMode, VisitPlace
from feedback.services import visits
from feedback.services.visits import VisitDraft
from feedback.views.visits import committee_of
from portal.accounts.requests import signed_in
from portal.kernel.api import KEY_REGEX, ProblemSerializer, VisibleRows
from portal.kernel.errors import DomainError

RANDOM_KEY = r"[0-9A-Z]{16}"


class VisitSerializer(serializers.ModelSerializer[StaffVisit]):
    """A visit without what is private in it."""

    led_by_name = serializers.CharField(source="led_by.name", read_only=True)
    where = serializers.CharField(read_only=True)

    class Meta:
        model = StaffVisit
        fields = (
            "id",
            "visited_on",
            "led_by_name",
            "place",
            "whom",
            "where",
            "met_count",
            "mode",
            "companions",
            "topics",
            "campaign",
        )


class NewVisitSerializer(serializers.Serializer[Any]):
    """What a visit is written down with."""

    visited_on = serializers.DateField()
    place = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1)
    whom = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    met_count = serializers.IntegerField(min_value=1, max_value=500, default=1)
    mode = serializers.ChoiceField(choices=VisitMode.choices, default=VisitMode.ON_SITE)
    companions = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    topics = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    private_note = serializers.CharField(
        max_length=1000, required=False, allow_blank=True, default="", write_only=True
    )
    key = serializers.RegexField(
        rf"^({RANDOM_KEY})?$", required=False, allow_blank=True, default=""
    )


class VisitViewSet(
    VisibleRows,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[StaffVisit],
):
    """走访."""

    queryset = StaffVisit.objects.select_related("led_by", "place")
    ordering = ("-visited_on", "pk")
    serializer_class = VisitSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = RANDOM_KEY
    filterset_fields = {"visited_on": ["gte", "lte"], "place": ["exact"], "mode": ["exact"]}

    @extend_schema(
        request=NewVisitSerializer,
        responses={201: VisitSerializer, 400: ProblemSerializer, 403: ProblemSerializer},
    )
    def create(self, request: Request) -> Response:
        """记一次走访."""
        user = signed_in(request)
        committee = committee_of(user)
        asked = NewVisitSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        place = None
        if (key := given.pop("place")) is not None:
            place = VisitPlace.objects.visible_to(user).filter(pk=key).first()
            if place is None:
                raise DomainError(_("没有这个走访对象。"), field="place")
        person = Person.objects.filter(user=user).first()
        if person is None:
            raise DomainError(_("您的账号还没有登记到人员名册，请找党群部登记。"))
        visit = visits.record_visit(
            committee=committee,
            draft=VisitDraft(led_by=person, place=place, **given),
            actor=user,
            now=timezone.now(),
            via="api",
        )
        return Response(VisitSerializer(visit).data, status=201)


class PlaceSerializer(serializers.ModelSerializer[VisitPlace]):
    class Meta:
        model = VisitPlace
        fields = ("id", "kind", "name", "branch", "headcount", "is_active")


class PlaceViewSet(VisibleRows, viewsets.ReadOnlyModelViewSet[VisitPlace]):
    """走访对象."""

    queryset = VisitPlace.objects.all()
    ordering = ("kind", "sort_order", "pk")
    serializer_class = PlaceSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = {"kind": ["exact"], "is_active": ["exact"]}


class LinkSerializer(serializers.ModelSerializer[LinkAssignment]):
    leader_name = serializers.CharField(source="leader.name", read_only=True)
    target = serializers.CharField(read_only=True)

    class Meta:
        model = LinkAssignment
        fields = ("id", "leader_name", "kind", "target", "times_a_year", "started_on", "ended_on")


class LinkViewSet(AssignsLinks, VisibleRows, viewsets.ReadOnlyModelViewSet[LinkAssignment]):
    """三挂三联."""

    queryset = LinkAssignment.objects.select_related("leader", "branch", "place", "person")
    ordering = ("leader", "kind", "pk")
    serializer_class = LinkSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = {"kind": ["exact"]}
