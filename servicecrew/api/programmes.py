"""The five programmes: plan, what was done, visits, and the rosters beside them."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from branches.access import access_of
from branches.models import Activity, Branch, Committee, Person
from portal.accounts.requests import signed_in
from portal.kernel.api import KEY_REGEX, VisibleRows
from portal.kernel.months import local_date
from servicecrew.api.common import REFUSALS, key_field, picked
from servicecrew.api.turnout_serializers import DayField
from servicecrew.counting import figure_committees
from servicecrew.models import (
    CareVisit,
    Measure,
    MentorPair,
    PioneerEntry,
    PioneerKind,
    Programme,
    RetiredComrade,
    TargetGroup,
    Turnout,
    VisitKind,
)
from servicecrew.selectors.programmes import (
    ProgrammeCard,
    programme_cards,
    programme_page,
    suppressed,
)
from servicecrew.services import programmes


class CardSerializer(serializers.Serializer[Any]):
    """A programme against the year's plan. ``expected`` by today; without a plan 0."""

    code = serializers.CharField()
    name = serializers.CharField()
    aim = serializers.CharField()
    groups = serializers.CharField()
    is_restricted = serializers.BooleanField()
    target = serializers.IntegerField()
    done = serializers.IntegerField()
    expected = serializers.IntegerField()
    last_day = serializers.DateField(allow_null=True)
    last_words = serializers.CharField()


class DeedSerializer(serializers.Serializer[Any]):
    """``people`` is null where so few could be known by name."""

    id = serializers.IntegerField(source="pk")
    day = serializers.DateField()
    words = serializers.CharField()
    branch = serializers.IntegerField(source="branch_id", allow_null=True)
    activity = serializers.IntegerField(source="activity_id", allow_null=True)
    turnout = serializers.SerializerMethodField()
    people = serializers.SerializerMethodField()
    result = serializers.CharField()

    def get_turnout(self, deed: Any) -> str | None:
        return str(deed.turnout.uuid) if deed.turnout_id else None

    def get_people(self, deed: Any) -> int | None:
        return suppressed(deed.reach)


class IndicatorSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    measure = serializers.ChoiceField(choices=Measure.choices)
    target = serializers.IntegerField()
    value = serializers.IntegerField()


class ReachSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    deeds = serializers.IntegerField()
    people = serializers.IntegerField(allow_null=True)


class ProgrammeSerializer(CardSerializer):
    year = serializers.IntegerField()
    plan_text = serializers.CharField()
    indicators = IndicatorSerializer(many=True)
    reach = ReachSerializer(many=True)
    deeds = DeedSerializer(many=True)
    hidden_deeds = serializers.IntegerField()


class PlanSerializer(serializers.Serializer[Any]):
    """``indicators``: measure to target; what is not among them is taken off."""

    committee = key_field()
    year = serializers.IntegerField(min_value=2000, max_value=2100)
    target = serializers.IntegerField(min_value=0, max_value=9999)
    text = serializers.CharField(required=False, allow_blank=True, default="")
    indicators = serializers.DictField(
        child=serializers.IntegerField(min_value=1, max_value=999_999), required=False
    )

    def validate_indicators(self, value: dict[str, int]) -> dict[str, int]:
        strange = [measure for measure in value if measure not in Measure.values]
        if strange:
            raise serializers.ValidationError(f"没有这个口径：{'、'.join(strange)[:60]}")
        return value


class NewDeedSerializer(serializers.Serializer[Any]):
    """Name a monthly record or a turnout, or say what and when."""

    branch = key_field()
    activity = key_field(required=False, allow_null=True, default=None)
    turnout = serializers.UUIDField(required=False, allow_null=True, default=None)
    held_on = DayField(required=False, allow_null=True, default=None)
    title = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    people = serializers.IntegerField(
        min_value=0, max_value=99_999, required=False, allow_null=True, default=None
    )
    result = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    groups = serializers.ListField(
        child=serializers.SlugField(max_length=20), required=False, default=list
    )


class CareVisitSerializer(serializers.ModelSerializer[CareVisit]):
    person_name = serializers.CharField(source="person.name", read_only=True)

    class Meta:
        model = CareVisit
        fields = ("id", "branch", "kind", "person", "person_name", "visited_on", "visitor", "note")


class NewCareVisitSerializer(serializers.Serializer[Any]):
    branch = key_field()
    kind = serializers.ChoiceField(choices=VisitKind.choices)
    person = key_field()
    visited_on = DayField()
    visitor = serializers.CharField(max_length=60)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


def branch_of(request: Request, key: Any) -> Branch:
    found: Branch = picked(
        Branch.objects.visible_to(request.user).select_related("committee"), key, "branch"
    )
    return found


def person_of(request: Request, key: Any, field: str = "person") -> Person:
    """Somebody of the user's own committee or of one he keeps."""
    access = access_of(request.user)
    committees = access.officer_committees | access.home_committees
    found: Person = picked(Person.objects.filter(committee_id__in=committees), key, field)
    return found


class WritesRows:
    """What viewsets of this module share: what was sent, and who says it when."""

    request: Any

    def given(self, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        found = kind(data=self.request.data)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    @property
    def common(self) -> dict[str, Any]:
        return {"actor": signed_in(self.request), "now": timezone.now(), "via": "api"}


class ProgrammeViewSet(WritesRows, viewsets.GenericViewSet[Programme]):
    """五大工程."""

    queryset = Programme.objects.all()
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = r"[a-z_]{1,20}"
    pagination_class = None

    def get_object(self) -> Programme:
        return get_object_or_404(Programme, pk=self.kwargs["pk"])

    @extend_schema(responses={200: CardSerializer(many=True)})
    def list(self, request: Request) -> Response:
        """This year's five."""
        today = local_date(timezone.now())
        cards: list[ProgrammeCard] = programme_cards(
            committees=figure_committees(signed_in(request)),
            year=today.year,
            today=today,
            may_see_restricted=bool(access_of(request.user).overseen_committees),
        )
        return Response(CardSerializer(cards, many=True).data)

    @extend_schema(parameters=[OpenApiParameter("year", int)], responses={200: ProgrammeSerializer})
    def retrieve(self, request: Request, pk: str) -> Response:
        """One programme in a year; of a restricted one only what the user may see."""
        today = local_date(timezone.now())
        asked = request.query_params.get("year", "")
        page = programme_page(
            programme=self.get_object(),
            user=signed_in(request),
            committees=figure_committees(signed_in(request)),
            year=int(asked) if asked.isdigit() and 2000 <= int(asked[:5]) <= 2100 else today.year,
            today=today,
        )
        return Response(
            {
                **CardSerializer(page.card).data,
                "year": page.year,
                "plan_text": page.plan_text,
                "indicators": IndicatorSerializer(page.indicators, many=True).data,
                "reach": ReachSerializer(page.reach, many=True).data,
                "deeds": DeedSerializer(page.deeds, many=True).data,
                "hidden_deeds": page.hidden_deeds,
            }
        )

    @extend_schema(request=PlanSerializer, responses={200: CardSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def plan(self, request: Request, pk: str) -> Response:
        """定年度计划."""
        data = self.given(PlanSerializer)
        indicators = data.pop("indicators", None)
        data["committee"] = picked(
            Committee.objects.filter(pk__in=figure_committees(signed_in(request))),
            data["committee"],
            "committee",
        )
        programmes.set_plan(
            programme=self.get_object(),
            **data,
            indicators=None
            if indicators is None
            else {
                measure: (str(Measure(measure).label), target)
                for measure, target in indicators.items()
            },
            **self.common,
        )
        return self.retrieve(request, pk)

    @extend_schema(request=NewDeedSerializer, responses={200: ProgrammeSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def deeds(self, request: Request, pk: str) -> Response:
        """记一项活动."""
        data = self.given(NewDeedSerializer)
        branch = branch_of(request, data.pop("branch"))
        if data["activity"] is not None:
            rows = Activity.objects.visible_to(request.user).filter(branch=branch)
            data["activity"] = picked(rows, data["activity"], "activity")
        if data["turnout"] is not None:
            turnouts = Turnout.objects.visible_to(request.user)
            found = turnouts.filter(uuid=data["turnout"]).first()
            data["turnout"] = picked(turnouts, found and found.pk, "turnout")
        known = set(TargetGroup.objects.values_list("pk", flat=True))
        data["groups"] = [code for code in data["groups"] if code in known]
        programmes.add_deed(
            programme=self.get_object(),
            branch=branch,
            committee=branch.committee,
            **data,
            **self.common,
        )
        return self.retrieve(request, pk)

    @extend_schema(
        methods=["post"],
        request=NewCareVisitSerializer,
        responses={201: CareVisitSerializer, **REFUSALS},
    )
    @extend_schema(methods=["get"], responses={200: CareVisitSerializer(many=True)})
    @action(detail=True, methods=["get", "post"])
    def visits(self, request: Request, pk: str) -> Response:
        """走访慰问: the newest 200 that the user may see; or one more."""
        programme = self.get_object()
        if request.method == "GET":
            rows = CareVisit.objects.visible_to(request.user).filter(programme=programme)
            return Response(
                CareVisitSerializer(rows.select_related("person")[:200], many=True).data
            )
        data = self.given(NewCareVisitSerializer)
        data["branch"] = branch_of(request, data["branch"])
        data["person"] = person_of(request, data["person"])
        made = programmes.note_visit(programme=programme, **data, **self.common)
        return Response(CareVisitSerializer(made).data, status=201)


# -- rosters ------------------------------------------------------------------------------------


class EndSerializer(serializers.Serializer[Any]):
    ended_on = DayField()


class FinishSerializer(EndSerializer):
    is_done = serializers.BooleanField(default=False)


class PairSerializer(serializers.ModelSerializer[MentorPair]):
    mentor_name = serializers.CharField(source="mentor.name", read_only=True)
    apprentice_name = serializers.CharField(source="apprentice.name", read_only=True)

    class Meta:
        model = MentorPair
        fields = (
            "id",
            "branch",
            "mentor",
            "mentor_name",
            "apprentice",
            "apprentice_name",
            "subject",
            "started_on",
            "ended_on",
        )


class NewPairSerializer(serializers.Serializer[Any]):
    branch = key_field()
    mentor = key_field()
    apprentice = key_field()
    subject = serializers.CharField(max_length=60)
    started_on = DayField()


class MentorPairViewSet(
    WritesRows,
    VisibleRows,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[MentorPair],
):
    """师带徒."""

    queryset = MentorPair.objects.select_related("mentor", "apprentice", "branch__committee")
    ordering = ("-started_on", "-pk")
    serializer_class = PairSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = {"branch": ["exact"], "ended_on": ["isnull"]}

    @extend_schema(request=NewPairSerializer, responses={201: PairSerializer, **REFUSALS})
    def create(self, request: Request) -> Response:
        """结对."""
        data = self.given(NewPairSerializer)
        data["branch"] = branch_of(request, data["branch"])
        for field in ("mentor", "apprentice"):
            data[field] = person_of(request, data[field], field)
        made = programmes.pair_up(**data, **self.common)
        return Response(PairSerializer(made).data, status=201)

    @extend_schema(request=EndSerializer, responses={200: PairSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """出师或结束."""
        ended = programmes.end_pair(
            pair=self.get_object(), **self.given(EndSerializer), **self.common
        )
        return Response(PairSerializer(ended).data)


class PioneerSerializer(serializers.ModelSerializer[PioneerEntry]):
    person_name = serializers.CharField(source="person.name", read_only=True)

    class Meta:
        model = PioneerEntry
        fields = (
            "id",
            "branch",
            "person",
            "person_name",
            "kind",
            "title",
            "started_on",
            "ended_on",
            "is_done",
        )


class NewPioneerSerializer(serializers.Serializer[Any]):
    branch = key_field()
    person = key_field()
    kind = serializers.ChoiceField(choices=PioneerKind.choices)
    title = serializers.CharField(max_length=120)
    started_on = DayField()


class PioneerViewSet(
    WritesRows,
    VisibleRows,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[PioneerEntry],
):
    """示范岗、责任区、突击队、揭榜攻坚、承诺. No points, no rank."""

    queryset = PioneerEntry.objects.select_related("person", "branch__committee")
    ordering = ("-started_on", "-pk")
    serializer_class = PioneerSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = {"branch": ["exact"], "kind": ["exact"], "ended_on": ["isnull"]}

    @extend_schema(request=NewPioneerSerializer, responses={201: PioneerSerializer, **REFUSALS})
    def create(self, request: Request) -> Response:
        """登记一条."""
        data = self.given(NewPioneerSerializer)
        data["branch"] = branch_of(request, data["branch"])
        data["person"] = person_of(request, data["person"])
        made = programmes.take_on(**data, **self.common)
        return Response(PioneerSerializer(made).data, status=201)

    @extend_schema(request=FinishSerializer, responses={200: PioneerSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """结题、撤岗."""
        ended = programmes.finish_pioneer(
            entry=self.get_object(), **self.given(FinishSerializer), **self.common
        )
        return Response(PioneerSerializer(ended).data)


class RetiredSerializer(serializers.ModelSerializer[RetiredComrade]):
    person_name = serializers.CharField(source="person.name", read_only=True)

    class Meta:
        model = RetiredComrade
        fields = (
            "id",
            "branch",
            "person",
            "person_name",
            "retired_on",
            "birth_month",
            "lives_alone",
            "gets_study_at_home",
            "left_on",
        )


class KeepRetiredSerializer(serializers.Serializer[Any]):
    """The same person again replaces what the roster says of him."""

    branch = key_field()
    person = key_field()
    retired_on = DayField()
    birth_month = serializers.IntegerField(
        min_value=1, max_value=12, required=False, allow_null=True, default=None
    )
    lives_alone = serializers.BooleanField(default=False)
    gets_study_at_home = serializers.BooleanField(default=False)
    left_on = DayField(required=False, allow_null=True, default=None)


class RetiredViewSet(
    WritesRows,
    VisibleRows,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[RetiredComrade],
):
    """老同志名册."""

    queryset = RetiredComrade.objects.select_related("person", "branch__committee")
    ordering = ("branch", "pk")
    serializer_class = RetiredSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = {"branch": ["exact"], "left_on": ["isnull"]}

    @extend_schema(request=KeepRetiredSerializer, responses={201: RetiredSerializer, **REFUSALS})
    def create(self, request: Request) -> Response:
        """列入名册, or change the line."""
        data = self.given(KeepRetiredSerializer)
        data["branch"] = branch_of(request, data["branch"])
        data["person"] = person_of(request, data["person"])
        made = programmes.keep_retired(**data, **self.common)
        return Response(RetiredSerializer(made).data, status=201)
