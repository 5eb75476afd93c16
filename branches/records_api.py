"""The REST twin of the records' pages: due list, records, dues, talks, terms, recruiting."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from branches.access import access_of
from branches.api import ActivitySerializer
from branches.burden import burden_of
from branches.dues import dues_of
from branches.duty_board import duty_board
from branches.materials_api import MaterialActions
from branches.models import (
    AbsenceKind,
    Activity,
    Branch,
    BranchType,
    CommitteeTerm,
    DuesPayment,
    Duty,
    PartyGroup,
    Person,
    RecruitStep,
    Talk,
    TalkOccasion,
)
from branches.paper_files import record_file
from branches.register_pages import study_rows
from branches.services import registers
from branches.services.records import (
    AbsenceValues,
    ActivityValues,
    FollowUpValues,
    SessionValues,
    save_activity,
)
from branches.services.registers import DuesLine
from portal.accounts.requests import signed_in
from portal.documents.official.rest import PAPER_ANSWERS, PAPER_RENDERERS
from portal.kernel.api import (
    KEY_REGEX,
    MonthSerializerField,
    ProblemSerializer,
    ReasonSerializer,
    VisibleRows,
)
from portal.kernel.months import Month, local_date

REFUSALS: dict[int, Any] = {400: ProblemSerializer, 409: ProblemSerializer}
MAX_KEY = 2**53
MAX_VERSION = 2**31 - 1
FIRST_YEAR, LAST_YEAR = 1990, 2100


class DayField(serializers.DateField):
    """A day in the years that a portal may hold."""

    def to_internal_value(self, value: Any) -> Any:
        found = super().to_internal_value(value)
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            self.fail("invalid", format="2017-06-20")
        return found


class KeyField(serializers.IntegerField):
    """The key of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": MAX_KEY} | kwargs)


def _branch(request: Request, key: int) -> Branch:
    found: Branch = get_object_or_404(
        Branch.objects.visible_to(signed_in(request)).select_related("committee"), pk=key
    )
    return found


def _month(request: Request) -> Month:
    """The month asked for (``2017-06``), else the current one."""
    text = request.query_params.get("month", "")
    if not text:
        return Month.of(local_date(timezone.now()))
    try:
        return Month.parse(text)
    except ValueError:
        raise ValidationError({"month": ["月份请写成 2017-06 的样子。"]}) from None


def _person(key: int | None, field: str) -> Person | None:
    if key is None:
        return None
    found = Person.objects.filter(pk=key).first()
    if found is None:
        raise ValidationError({field: ["没有这个人。"]})
    return found


def _people(keys: list[int], field: str) -> list[Person]:
    return [person for key in keys if (person := _person(key, field)) is not None]


# -- what is due ---------------------------------------------------------------------------------


class DutyCellSerializer(serializers.Serializer[Any]):
    duty = serializers.CharField()
    item_code = serializers.CharField(source="rule.item_code")
    frequency = serializers.CharField(source="rule.frequency")
    basis = serializers.CharField(source="rule.basis")
    state = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    done_on = serializers.DateField(allow_null=True)
    note = serializers.CharField()
    activity = serializers.IntegerField(source="activity_id", allow_null=True)
    counts = serializers.BooleanField()


class DutyRowSerializer(serializers.Serializer[Any]):
    branch = serializers.IntegerField(source="branch_id")
    name = serializers.CharField()
    branch_type = serializers.CharField()
    due = serializers.IntegerField(source="due_count")
    done = serializers.IntegerField(source="done_count")
    cells = DutyCellSerializer(many=True)


class DutyView(APIView):
    """应办事项: where every duty of a month stands, for the branches whose inside the user sees."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="duty_list",
        parameters=[
            OpenApiParameter("month", str, description="2017-06; the current month without it"),
            OpenApiParameter("type", str, enum=BranchType.values),
            OpenApiParameter("committee", int),
        ],
        responses=DutyRowSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        user = signed_in(request)
        access = access_of(user)
        if not access.overseen_committees and not access.seen_branches:
            raise PermissionDenied
        today = local_date(timezone.now())
        query = request.query_params
        month = _month(request)
        committee = query.get("committee", "")
        kind = query.get("type", "")
        board = duty_board(
            user,
            month=month,
            today=today,
            branch_type=kind if kind in BranchType.values else "",
            committee_id=int(committee) if committee.isdecimal() and len(committee) < 10 else None,
        )
        return Response(DutyRowSerializer(board.rows, many=True).data)


class BurdenLineSerializer(serializers.Serializer[Any]):
    form = serializers.CharField(source="label")
    role = serializers.CharField()
    times = serializers.IntegerField()
    asked = serializers.IntegerField()
    prefilled = serializers.IntegerField()


class BurdenSerializer(serializers.Serializer[Any]):
    asked = serializers.IntegerField()
    typed = serializers.IntegerField()
    asked_twice = serializers.IntegerField()
    lines = BurdenLineSerializer(many=True)


class BurdenView(APIView):
    """减负账单: what was asked of people in a month."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(parameters=[OpenApiParameter("month", str)], responses=BurdenSerializer)
    def get(self, request: Request) -> Response:
        month = _month(request)
        branches = Branch.objects.visible_to(signed_in(request))
        return Response(BurdenSerializer(burden_of(branches, month)).data)


# -- records -------------------------------------------------------------------------------------


class AbsenceInput(serializers.Serializer[Any]):
    person = KeyField()
    kind = serializers.ChoiceField(AbsenceKind.choices, default=AbsenceKind.LEAVE)
    reason = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    made_up_on = DayField(required=False, allow_null=True, default=None)


class SessionInput(serializers.Serializer[Any]):
    held_on = DayField()
    place = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")


class FollowUpInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=120)
    person = KeyField(required=False, allow_null=True, default=None)
    due_on = DayField(required=False, allow_null=True, default=None)


class ActivityInput(serializers.Serializer[Any]):
    """A record as it is sent. The same ``client_key`` twice is one record."""

    branch = KeyField()
    duties = serializers.ListField(
        child=serializers.ChoiceField(Duty.choices), min_length=1, max_length=len(Duty)
    )
    held_on = DayField()
    starts_at = serializers.TimeField(required=False, allow_null=True, default=None)
    place = serializers.CharField(max_length=60)
    subject = serializers.CharField(max_length=120)
    chair = KeyField()
    recorder = KeyField(required=False, allow_null=True, default=None)
    group = KeyField(required=False, allow_null=True, default=None)
    agenda = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")
    statements = serializers.CharField(
        max_length=4000, required=False, allow_blank=True, default=""
    )
    resolution = serializers.CharField(
        max_length=4000, required=False, allow_blank=True, default=""
    )
    study_hours = serializers.DecimalField(
        max_digits=4,
        decimal_places=2,
        min_value=0,
        max_value=24,
        required=False,
        default=Decimal(0),
    )
    ayes = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=9999
    )
    nays = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=9999
    )
    motion = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    late_reason = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default=""
    )
    also = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, default=list, max_length=20
    )
    absences = AbsenceInput(many=True, required=False, default=list)
    sessions = SessionInput(many=True, required=False, default=list)
    follow_ups = FollowUpInput(many=True, required=False, default=list)
    client_key = serializers.UUIDField(required=False, allow_null=True, default=None)
    version = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=MAX_VERSION
    )


def _values(data: dict[str, Any]) -> ActivityValues:
    chair = _person(data["chair"], "chair")
    assert chair is not None  # noqa: S101 - a key is required
    group = None
    if data["group"] is not None:
        group = PartyGroup.objects.filter(pk=data["group"]).first()
        if group is None:
            raise ValidationError({"group": ["没有这个党小组。"]})
    return ActivityValues(
        duties=tuple(data["duties"]),
        held_on=data["held_on"],
        starts_at=data["starts_at"],
        place=data["place"],
        subject=data["subject"],
        chair=chair,
        recorder=_person(data["recorder"], "recorder"),
        group=group,
        agenda=data["agenda"],
        statements=data["statements"],
        resolution=data["resolution"],
        study_hours=data["study_hours"],
        ayes=data["ayes"],
        nays=data["nays"],
        motion=data["motion"],
        late_reason=data["late_reason"],
        also=tuple(data["also"]),
        absences=tuple(
            AbsenceValues(a["person"], a["kind"], a["reason"], a["made_up_on"])
            for a in data["absences"]
        ),
        sessions=tuple(SessionValues(s["held_on"], s["place"]) for s in data["sessions"]),
        follow_ups=tuple(
            FollowUpValues(f["text"], _person(f["person"], "follow_ups"), f["due_on"])
            for f in data["follow_ups"]
        ),
    )


class ActivityViewSet(MaterialActions, VisibleRows, viewsets.ReadOnlyModelViewSet[Activity]):
    """活动记录 of the branches the user keeps or oversees; its secretary and deputy write."""

    queryset = Activity.objects.prefetch_related(
        "ticks", "absences__person", "sessions", "follow_ups"
    )
    ordering = ("-held_on", "-id")
    serializer_class = ActivitySerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = {"branch": ["exact"], "held_on": ["gte", "lte"]}

    @extend_schema(
        request=ActivityInput,
        responses={200: ActivitySerializer, 201: ActivitySerializer} | REFUSALS,
    )
    def create(self, request: Request) -> Response:
        """Write a new record."""
        data = ActivityInput(data=request.data)
        data.is_valid(raise_exception=True)
        values = data.validated_data
        key = values["client_key"]
        known = key is not None and Activity.objects.filter(client_key=key).exists()
        activity = save_activity(
            branch=_branch(request, values["branch"]),
            values=_values(values),
            actor=signed_in(request),
            now=timezone.now(),
            client_key=key,
            via="api",
        )
        return Response(
            ActivitySerializer(activity).data,
            status=status.HTTP_200_OK if known else status.HTTP_201_CREATED,
        )

    @extend_schema(request=ActivityInput, responses={200: ActivitySerializer} | REFUSALS)
    def update(self, request: Request, pk: str) -> Response:
        """Change a record as it was at ``version``."""
        activity = self.get_object()
        data = ActivityInput(data=request.data)
        data.is_valid(raise_exception=True)
        saved = save_activity(
            branch=activity.branch,
            values=_values(data.validated_data),
            actor=signed_in(request),
            now=timezone.now(),
            activity=activity,
            version=data.validated_data["version"],
            via="api",
        )
        return Response(ActivitySerializer(saved).data)

    @extend_schema(responses=PAPER_ANSWERS)
    @action(
        detail=True,
        url_path=r"papers/(?P<slug>minutes|attendance)\.(?P<form>pdf|docx)",
        url_name="paper",
        renderer_classes=PAPER_RENDERERS,
    )
    def paper(self, request: Request, pk: str, slug: str, form: str) -> HttpResponse:
        """Minutes for signature, or the attendance list."""
        return record_file(signed_in(request), int(pk), slug, form)


# -- registers -----------------------------------------------------------------------------------


class DuesSerializer(serializers.ModelSerializer[DuesPayment]):
    month = MonthSerializerField()

    class Meta:
        model = DuesPayment
        fields = (
            "id",
            "branch",
            "person",
            "month",
            "amount",
            "paid_on",
            "exempt_reason",
            "activity",
        )


class DuesLineInput(serializers.Serializer[Any]):
    person = KeyField()
    amount = serializers.DecimalField(
        max_digits=7, decimal_places=2, min_value=0, required=False, default=Decimal(0)
    )
    exempt_reason = serializers.CharField(
        max_length=100, required=False, allow_blank=True, default=""
    )


class DuesInput(serializers.Serializer[Any]):
    branch = KeyField()
    month = MonthSerializerField()
    paid_on = DayField()
    lines = DuesLineInput(many=True)


class ChangedSerializer(serializers.Serializer[Any]):
    changed = serializers.IntegerField()


class DuesViewSet(VisibleRows, mixins.ListModelMixin, viewsets.GenericViewSet[DuesPayment]):
    """党费: what members paid, by month. Wages are nowhere."""

    queryset = DuesPayment.objects.all()
    ordering = ("-month", "id")
    serializer_class = DuesSerializer
    permission_classes = (IsAuthenticated,)
    filterset_fields = {"branch": ["exact"], "month": ["exact"]}

    @extend_schema(request=DuesInput, responses={200: ChangedSerializer} | REFUSALS)
    def create(self, request: Request) -> Response:
        """State what members paid for a month; the same again changes nothing."""
        data = DuesInput(data=request.data)
        data.is_valid(raise_exception=True)
        values = data.validated_data
        changed = registers.settle_dues(
            branch=_branch(request, values["branch"]),
            month=values["month"],
            paid_on=values["paid_on"],
            lines=[
                DuesLine(line["person"], line["amount"], line["exempt_reason"])
                for line in values["lines"]
            ],
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return Response({"changed": changed})


class RegisterViewSet(VisibleRows, mixins.ListModelMixin, viewsets.GenericViewSet[Any]):
    """Rows of a register; written one by one, taken back with a reason."""

    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = ("branch",)
    ordering = ("-pk",)

    @extend_schema(request=ReasonSerializer, responses={204: None} | REFUSALS)
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, pk: str) -> Response:
        """Remove a row that was entered by mistake."""
        row = self.get_object()
        data = ReasonSerializer(data=request.data)
        data.is_valid(raise_exception=True)
        registers.take_back(
            row=row,
            reason=data.validated_data["reason"],
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class TalkSerializer(serializers.ModelSerializer[Talk]):
    class Meta:
        model = Talk
        fields = ("id", "branch", "held_on", "speaker", "listener", "occasion", "points")


class TalkInput(serializers.Serializer[Any]):
    branch = KeyField()
    held_on = DayField()
    speaker = KeyField()
    listeners = serializers.ListField(child=KeyField(), min_length=1, max_length=50)
    occasion = serializers.ChoiceField(TalkOccasion.choices, default=TalkOccasion.ROUTINE)
    points = serializers.CharField(max_length=200)


class TalkViewSet(RegisterViewSet):
    """谈心谈话: who talked with whom; points only."""

    queryset = Talk.objects.select_related("branch")
    serializer_class = TalkSerializer

    @extend_schema(request=TalkInput, responses={201: TalkSerializer(many=True)} | REFUSALS)
    def create(self, request: Request) -> Response:
        """Note a talk with each of ``listeners``."""
        data = TalkInput(data=request.data)
        data.is_valid(raise_exception=True)
        values = data.validated_data
        speaker = _person(values["speaker"], "speaker")
        assert speaker is not None  # noqa: S101 - a key is required
        talks = registers.record_talks(
            branch=_branch(request, values["branch"]),
            held_on=values["held_on"],
            speaker=speaker,
            listeners=_people(values["listeners"], "listeners"),
            occasion=values["occasion"],
            points=values["points"],
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return Response(TalkSerializer(talks, many=True).data, status=status.HTTP_201_CREATED)


class TermSerializer(serializers.ModelSerializer[CommitteeTerm]):
    class Meta:
        model = CommitteeTerm
        fields = ("id", "branch", "elected_on", "ends_on", "extended_until", "approval")


class TermInput(serializers.Serializer[Any]):
    branch = KeyField()
    elected_on = DayField()
    ends_on = DayField(required=False, allow_null=True, default=None)
    extended_until = DayField(required=False, allow_null=True, default=None)
    approval = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")


class TermViewSet(RegisterViewSet):
    """届期: elections of the branch's committee."""

    queryset = CommitteeTerm.objects.select_related("branch")
    serializer_class = TermSerializer

    @extend_schema(request=TermInput, responses={201: TermSerializer} | REFUSALS)
    def create(self, request: Request) -> Response:
        """Enter an election."""
        data = TermInput(data=request.data)
        data.is_valid(raise_exception=True)
        values = dict(data.validated_data)
        term = registers.enter_term(
            branch=_branch(request, values.pop("branch")),
            **values,
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return Response(TermSerializer(term).data, status=status.HTTP_201_CREATED)


class RecruitStepSerializer(serializers.ModelSerializer[RecruitStep]):
    class Meta:
        model = RecruitStep
        fields = ("id", "branch", "person", "step", "done_on")


class RecruitStepInput(serializers.Serializer[Any]):
    branch = KeyField()
    person = KeyField()
    step = serializers.IntegerField(min_value=1, max_value=25)
    done_on = DayField()


class RecruitStepViewSet(RegisterViewSet):
    """发展党员: steps reached, with their days."""

    queryset = RecruitStep.objects.select_related("branch")
    serializer_class = RecruitStepSerializer

    @extend_schema(request=RecruitStepInput, responses={201: RecruitStepSerializer} | REFUSALS)
    def create(self, request: Request) -> Response:
        """Note a step."""
        data = RecruitStepInput(data=request.data)
        data.is_valid(raise_exception=True)
        values = data.validated_data
        person = _person(values["person"], "person")
        assert person is not None  # noqa: S101 - a key is required
        row = registers.enter_step(
            branch=_branch(request, values["branch"]),
            person=person,
            step=values["step"],
            done_on=values["done_on"],
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return Response(RecruitStepSerializer(row).data, status=status.HTTP_201_CREATED)


# -- study hours, calculator ---------------------------------------------------------------------


class StudySerializer(serializers.Serializer[Any]):
    person = serializers.IntegerField(source="person_id")
    name = serializers.CharField()
    hours = serializers.DecimalField(max_digits=7, decimal_places=2)
    sessions = serializers.IntegerField()


class StudyView(APIView):
    """学时: every member's hours of this year so far, from the records."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(operation_id="study_list", responses=StudySerializer(many=True))
    def get(self, request: Request, pk: str) -> Response:
        user = signed_in(request)
        branch = _branch(request, int(pk))
        if not Branch.objects.overseen_by(user).filter(pk=branch.pk).exists():
            raise PermissionDenied
        today: dt.date = local_date(timezone.now())
        return Response(StudySerializer(study_rows(branch, today.year, today), many=True).data)


class CalculatorInput(serializers.Serializer[Any]):
    base = serializers.DecimalField(max_digits=8, decimal_places=2, min_value=0)
    retired = serializers.BooleanField(required=False, default=False)


class DueSerializer(serializers.Serializer[Any]):
    due = serializers.DecimalField(max_digits=8, decimal_places=2)


class CalculatorView(APIView):
    """党费计算: yuan a month of a wage. Nothing is stored."""

    permission_classes = (IsAuthenticated,)

    @extend_schema(request=CalculatorInput, responses={200: DueSerializer} | REFUSALS)
    def post(self, request: Request) -> Response:
        data = CalculatorInput(data=request.data)
        data.is_valid(raise_exception=True)
        due = dues_of(data.validated_data["base"], retired=data.validated_data["retired"])
        return Response({"due": f"{due:.2f}"}, headers={"Cache-Control": "private, no-store"})
