"""Crews and their rosters."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from portal.accounts.requests import signed_in
from portal.kernel.api import KEY_REGEX, VisibleRows
from portal.kernel.months import local_date
from servicecrew.access import crews_of
from servicecrew.models import Crew, CrewMember, Operation, Vehicle
from servicecrew.permissions import may_see_crew_inside
from servicecrew.services.turnouts import in_force, roster_on


class CrewSerializer(serializers.ModelSerializer[Crew]):
    class Meta:
        model = Crew
        fields = (
            "id",
            "name",
            "level",
            "parent",
            "committee",
            "branch",
            "county",
            "serial_code",
            "pledge",
            "commitments",
            "founded_on",
            "closed_on",
        )


class MemberSerializer(serializers.ModelSerializer[CrewMember]):
    name = serializers.CharField(source="person.name")

    class Meta:
        model = CrewMember
        fields = ("person", "name", "role", "skill", "started_on", "ended_on")


class CrewVehicleSerializer(serializers.ModelSerializer[Vehicle]):
    class Meta:
        model = Vehicle
        fields = ("id", "plate", "kind")


class RosterSerializer(serializers.Serializer[Any]):
    """What a phone takes along before it loses its network."""

    crew = CrewSerializer()
    members = MemberSerializer(many=True)
    vehicles = CrewVehicleSerializer(many=True)
    operations = serializers.ListField(child=serializers.DictField())
    server_now = serializers.DateTimeField()


class CrewViewSet(VisibleRows, viewsets.ReadOnlyModelViewSet[Crew]):
    """服务队."""

    queryset = Crew.objects.all()
    ordering = ("sort_order", "pk")
    serializer_class = CrewSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields: ClassVar[dict[str, Any]] = {
        "committee": ["exact"],
        "county": ["exact"],
        "level": ["exact"],
    }

    @extend_schema(responses={200: CrewSerializer(many=True)})
    @action(detail=False)
    def mine(self, request: Request) -> Response:
        """The crews the user serves in, those he leads first."""
        crews = crews_of(signed_in(request))
        rows = Crew.objects.filter(pk__in=crews.serves)
        found = sorted(rows, key=lambda c: (c.pk not in crews.leads, c.sort_order, c.pk))
        return Response(CrewSerializer(found, many=True).data)

    @extend_schema(responses={200: RosterSerializer})
    @action(detail=True)
    def roster(self, request: Request, pk: str) -> Response:
        """名册: members, vehicles and open operations of today."""
        crew = self.get_object()
        if not may_see_crew_inside(request.user, crew):
            raise PermissionDenied
        now = timezone.now()
        today = local_date(now)
        operations = Operation.objects.visible_to(request.user).open()
        return Response(
            RosterSerializer(
                {
                    "crew": crew,
                    "members": roster_on(crew, today),
                    "vehicles": Vehicle.objects.filter(in_force(today), crew=crew),
                    "operations": [
                        {"id": o.pk, "name": o.name, "kind": o.kind} for o in operations
                    ],
                    "server_now": now,
                }
            ).data
        )
