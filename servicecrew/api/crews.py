"""Crews: founding and keeping them, their rosters, vehicles, equipment and history."""

from __future__ import annotations

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from branches.access import access_of
from branches.models import Branch, Committee, Person
from portal.accounts.requests import signed_in
from portal.kernel.api import KEY_REGEX, VisibleRows
from portal.kernel.months import local_date
from servicecrew.access import crews_of
from servicecrew.api.common import REFUSALS, key_field, picked
from servicecrew.api.turnout_serializers import DayField
from servicecrew.counties import COUNTIES
from servicecrew.models import (
    Crew,
    CrewLevel,
    CrewMember,
    CrewNote,
    CrewNoteKind,
    CrewRole,
    Equipment,
    Operation,
    Vehicle,
    VehicleKind,
)
from servicecrew.permissions import may_manage_crew, may_see_crew_inside
from servicecrew.services import crews
from servicecrew.services.turnout_rows import in_force, roster_on


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
    """A line of the roster; ``id`` is what ``/roster/{id}/end/`` asks for."""

    name = serializers.CharField(source="person.name")

    class Meta:
        model = CrewMember
        fields = ("id", "person", "name", "role", "skill", "started_on", "ended_on")


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


class FoundCrewSerializer(serializers.Serializer[Any]):
    committee = key_field()
    name = serializers.CharField(max_length=40)
    level = serializers.ChoiceField(choices=CrewLevel.choices, default=CrewLevel.SQUAD)
    parent = key_field(required=False, allow_null=True, default=None)  # type: ignore[assignment]
    branch = key_field(required=False, allow_null=True, default=None)
    county = serializers.ChoiceField(choices=[(county, county) for county in COUNTIES])
    serial_code = serializers.CharField(max_length=20)
    founded_on = DayField(required=False, allow_null=True, default=None)


class EditCrewSerializer(serializers.Serializer[Any]):
    """What is named is changed."""

    name = serializers.CharField(max_length=40, required=False)
    pledge = serializers.CharField(required=False, allow_blank=True)
    commitments = serializers.CharField(required=False, allow_blank=True)


class EnlistSerializer(serializers.Serializer[Any]):
    person = key_field()
    role = serializers.ChoiceField(choices=CrewRole.choices, default=CrewRole.MEMBER)
    skill = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    started_on = DayField()


class DischargeSerializer(serializers.Serializer[Any]):
    ended_on = DayField()


class CloseSerializer(serializers.Serializer[Any]):
    closed_on = DayField()


class PlateField(serializers.CharField):
    """A plate in capitals, which may be longer than what was typed (``ß``)."""

    def to_internal_value(self, data: Any) -> str:
        return str(super().to_internal_value(data)).upper()


class NewVehicleSerializer(serializers.Serializer[Any]):
    plate = PlateField(max_length=12)
    kind = serializers.ChoiceField(choices=VehicleKind.choices)
    started_on = DayField()


class CrewNoteSerializer(serializers.ModelSerializer[CrewNote]):
    class Meta:
        model = CrewNote
        fields = ("id", "kind", "happened_on", "title", "source", "people")


class NewCrewNoteSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=CrewNoteKind.choices)
    happened_on = DayField()
    title = serializers.CharField(max_length=120)
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=60, required=False, allow_blank=True, default=""
    )
    people = serializers.IntegerField(
        min_value=1, max_value=9999, required=False, allow_null=True, default=None
    )


class EquipmentSerializer(serializers.ModelSerializer[Equipment]):
    class Meta:
        model = Equipment
        fields = ("id", "name", "quantity", "unit", "checked_on")


class KeepEquipmentSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=40)
    quantity = serializers.IntegerField(min_value=0, max_value=99999)
    unit = serializers.CharField(max_length=8, default="件")
    checked_on = DayField(required=False, allow_null=True, default=None)


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
        of_user = crews_of(signed_in(request))
        rows = Crew.objects.filter(pk__in=of_user.serves)
        found = sorted(rows, key=lambda c: (c.pk not in of_user.leads, c.sort_order, c.pk))
        return Response(CrewSerializer(found, many=True).data)

    @extend_schema(methods=["get"], responses={200: RosterSerializer})
    @extend_schema(
        methods=["post"], request=EnlistSerializer, responses={201: MemberSerializer, **REFUSALS}
    )
    @action(detail=True, methods=["get", "post"])
    def roster(self, request: Request, pk: str) -> Response:
        """名册: members, vehicles and open operations of today; POST puts somebody on it."""
        crew = self.get_object()
        if request.method == "POST":
            return self._enlist(crew)
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

    # -- what is written ---------------------------------------------------------------------

    def _given(self, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        given = kind(data=self.request.data)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    @property
    def common(self) -> dict[str, Any]:
        return {"actor": signed_in(self.request), "now": timezone.now(), "via": "api"}

    def _managed(self) -> Crew:
        """The crew of the address, for whoever keeps it. Asked before any other key is looked
        up, so that nobody learns by trying which people there are."""
        crew: Crew = self.get_object()
        if not may_manage_crew(self.request.user, crew):
            raise PermissionDenied(_("只有队长、副队长和党群部专责可以改服务队资料。"))
        return crew

    @extend_schema(request=FoundCrewSerializer, responses={201: CrewSerializer, **REFUSALS})
    def create(self, request: Request) -> Response:
        """设立服务队: officers, in their committee."""
        mine = access_of(signed_in(request)).officer_committees
        if not mine:
            raise PermissionDenied(_("只有党群部专责可以设立服务队。"))
        data = self._given(FoundCrewSerializer)
        committee = picked(
            Committee.objects.filter(pk__in=mine), data.pop("committee"), "committee"
        )
        if data["parent"] is not None:
            above = Crew.objects.visible_to(request.user).filter(closed_on__isnull=True)
            data["parent"] = picked(above, data["parent"], "parent")
        if data["branch"] is not None:
            there = Branch.objects.filter(committee_id__in=mine)
            data["branch"] = picked(there, data["branch"], "branch")
        made = crews.found_crew(committee=committee, **data, **self.common)
        return Response(CrewSerializer(made).data, status=201)

    @extend_schema(request=EditCrewSerializer, responses={200: CrewSerializer, **REFUSALS})
    def partial_update(self, request: Request, pk: str) -> Response:
        """Name, pledge, service commitments."""
        crew = self._managed()
        values = self._given(EditCrewSerializer)
        return Response(
            CrewSerializer(crews.edit_crew(crew=crew, values=values, **self.common)).data
        )

    def _enlist(self, crew: Crew) -> Response:
        self._managed()
        data = self._given(EnlistSerializer)
        people = Person.objects.filter(committee_id=crew.committee_id)
        person = picked(people, data.pop("person"), "person")
        member = crews.enlist(crew=crew, person=person, **data, **self.common)
        return Response(MemberSerializer(member).data, status=201)

    @extend_schema(request=DischargeSerializer, responses={200: MemberSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], url_path=rf"roster/(?P<member>{KEY_REGEX})/end")
    def discharge(self, request: Request, pk: str, member: str) -> Response:
        """离队: the row stays, so that old turnouts keep their roster."""
        found = get_object_or_404(CrewMember, pk=member, crew=self._managed())
        done = crews.discharge(member=found, **self._given(DischargeSerializer), **self.common)
        return Response(MemberSerializer(done).data)

    @extend_schema(request=NewVehicleSerializer, responses={201: CrewVehicleSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def vehicles(self, request: Request, pk: str) -> Response:
        """登记车辆."""
        made = crews.enlist_vehicle(
            crew=self._managed(), **self._given(NewVehicleSerializer), **self.common
        )
        return Response(CrewVehicleSerializer(made).data, status=201)

    @extend_schema(request=DischargeSerializer, responses={200: CrewVehicleSerializer, **REFUSALS})
    @action(
        detail=True,
        methods=["post"],
        url_path=rf"vehicles/(?P<vehicle>{KEY_REGEX})/end",
        url_name="vehicle-end",
    )
    def retire_vehicle(self, request: Request, pk: str, vehicle: str) -> Response:
        """停用车辆."""
        found = get_object_or_404(Vehicle, pk=vehicle, crew=self._managed())
        done = crews.retire_vehicle(
            vehicle=found, **self._given(DischargeSerializer), **self.common
        )
        return Response(CrewVehicleSerializer(done).data)

    @extend_schema(request=CloseSerializer, responses={200: CrewSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """撤销服务队: its figures stay."""
        done = crews.close_crew(
            crew=self.get_object(), **self._given(CloseSerializer), **self.common
        )
        return Response(CrewSerializer(done).data)

    @extend_schema(methods=["get"], responses={200: EquipmentSerializer(many=True)}, filters=False)
    @extend_schema(
        methods=["post"],
        request=KeepEquipmentSerializer,
        responses={200: EquipmentSerializer, **REFUSALS},
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def equipment(self, request: Request, pk: str) -> Response:
        """装备; the same name again replaces the quantity."""
        if request.method == "POST":
            row = crews.keep_equipment(
                crew=self._managed(), **self._given(KeepEquipmentSerializer), **self.common
            )
            return Response(EquipmentSerializer(row).data)
        crew = self.get_object()
        if not may_see_crew_inside(request.user, crew):
            raise PermissionDenied
        return Response(EquipmentSerializer(crew.equipment.all(), many=True).data)

    @extend_schema(methods=["get"], responses={200: CrewNoteSerializer(many=True)}, filters=False)
    @extend_schema(
        methods=["post"],
        request=NewCrewNoteSerializer,
        responses={201: CrewNoteSerializer, **REFUSALS},
    )
    @action(detail=True, methods=["get", "post"], pagination_class=None)
    def notes(self, request: Request, pk: str) -> Response:
        """队史: trainings, awards, letters, banners; seen by whoever sees the crew."""
        if request.method == "POST":
            row = crews.add_note(
                crew=self._managed(), **self._given(NewCrewNoteSerializer), **self.common
            )
            return Response(CrewNoteSerializer(row).data, status=201)
        return Response(CrewNoteSerializer(self.get_object().notes.all(), many=True).data)
