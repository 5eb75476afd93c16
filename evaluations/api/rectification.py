"""Appeals and notices: reading them, and each step as a POST."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from evaluations.api.papers import PAPER_ANSWERS, PAPER_RENDERERS
from evaluations.api.rounds import REFUSALS
from evaluations.models import (
    Deduction,
    Inspection,
    NoticeProblem,
    RectificationNotice,
    ScoreAppeal,
)
from evaluations.paper_files import notice_file
from evaluations.services import appeals, notices, second_visits
from portal.accounts.requests import signed_in
from portal.kernel.api import KEY_REGEX, VisibleRows

MAX_VERSION = 2**31 - 1


class ReturnSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)
    due_on = serializers.DateField(required=False, allow_null=True, default=None)


class ExtendSerializer(serializers.Serializer[Any]):
    due_on = serializers.DateField()
    reason = serializers.CharField(max_length=300)


class AppealSerializer(serializers.ModelSerializer[ScoreAppeal]):
    branch_name = serializers.CharField(source="branch.name", read_only=True)

    class Meta:
        model = ScoreAppeal
        fields = (
            "id",
            "deduction",
            "branch",
            "branch_name",
            "status",
            "text",
            "filed_at",
            "decision",
            "decided_at",
            "count_before",
            "count_after",
        )


class FileAppealSerializer(serializers.Serializer[Any]):
    deduction = serializers.IntegerField(min_value=1, max_value=2**53)
    text = serializers.CharField(max_length=500)


class CorrectSerializer(serializers.Serializer[Any]):
    deduction = serializers.IntegerField(min_value=1, max_value=2**53)
    count_after = serializers.IntegerField(min_value=0, max_value=999)
    reason = serializers.CharField(max_length=500)


class SecondTeamSerializer(serializers.Serializer[Any]):
    team = serializers.IntegerField(source="team_id", min_value=1, max_value=2**53)
    planned_on = serializers.DateField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=500)


class RecallSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class DecideAppealSerializer(serializers.Serializer[Any]):
    uphold = serializers.BooleanField()
    count_after = serializers.IntegerField(
        min_value=0, max_value=999, required=False, allow_null=True, default=None
    )
    decision = serializers.CharField(max_length=500)


class AppealViewSet(
    VisibleRows,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[ScoreAppeal],
):
    """申诉."""

    queryset = ScoreAppeal.objects.select_related("branch")
    ordering = ("-filed_at", "pk")
    serializer_class = AppealSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = ("branch", "status")

    @extend_schema(request=FileAppealSerializer, responses={201: AppealSerializer, **REFUSALS})
    def create(self, request: Request) -> Response:
        """Contest one deduction of one's own branch."""
        given = FileAppealSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        deduction = Deduction.objects.filter(
            pk=given.validated_data["deduction"],
            inspection__in=Inspection.objects.visible_to(request.user),
        ).first()
        if deduction is None:
            raise Http404
        appeal = appeals.file_appeal(
            deduction_id=deduction.pk,
            text=given.validated_data["text"],
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return Response(AppealSerializer(appeal).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=CorrectSerializer, responses={201: AppealSerializer, **REFUSALS})
    @action(detail=False, methods=["post"])
    def correct(self, request: Request) -> Response:
        """更正: put one deduction of a published month right; counts once it is republished."""
        given = CorrectSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        deduction = Deduction.objects.filter(
            pk=given.validated_data["deduction"],
            inspection__in=Inspection.objects.visible_to(request.user),
        ).first()
        if deduction is None:
            raise Http404
        appeal = appeals.correct_deduction(
            deduction_id=deduction.pk,
            count_after=given.validated_data["count_after"],
            reason=given.validated_data["reason"],
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
        )
        return Response(AppealSerializer(appeal).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=DecideAppealSerializer, responses={200: AppealSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, pk: str) -> Response:
        given = DecideAppealSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        appeal = appeals.decide_appeal(
            appeal_id=self.get_object().pk,
            actor=signed_in(request),
            now=timezone.now(),
            via="api",
            **given.validated_data,
        )
        return Response(AppealSerializer(appeal).data)

    @extend_schema(request=SecondTeamSerializer, responses={200: AppealSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="second-team")
    def second_team(self, request: Request, pk: str) -> Response:
        """另派组重查: another team of the month, in no conflict with the branch."""
        given = SecondTeamSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._revisit(second_visits.send_second_team, **given.validated_data)

    @extend_schema(request=RecallSerializer, responses={200: AppealSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def recall(self, request: Request, pk: str) -> Response:
        """撤回重查, while the second visit has not begun."""
        given = RecallSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._revisit(second_visits.recall_second_team, **given.validated_data)

    def _revisit(self, service: Any, **values: Any) -> Response:
        appeal = self.get_object()
        service(
            appeal_id=appeal.pk,
            actor=signed_in(self.request),
            now=timezone.now(),
            via="api",
            **values,
        )
        appeal.refresh_from_db()
        return Response(AppealSerializer(appeal).data)


class ProblemLineSerializer(serializers.ModelSerializer[NoticeProblem]):
    item_code = serializers.CharField(source="item.code")
    item_name = serializers.CharField(source="item.name")

    class Meta:
        model = NoticeProblem
        fields = (
            "id",
            "number",
            "item_code",
            "item_name",
            "trigger",
            "marks",
            "full_marks",
            "facts",
            "cause",
            "measure",
            "responsible",
            "done_on",
            "result",
        )


class NoticeSerializer(serializers.ModelSerializer[RectificationNotice]):
    branch_name = serializers.CharField(source="branch.name")
    document_number = serializers.CharField()
    checked_by_name = serializers.CharField(
        source="checked_by.display_name", default="", help_text="核稿人"
    )
    problems = ProblemLineSerializer(many=True)

    class Meta:
        model = RectificationNotice
        fields = (
            "id",
            "branch",
            "branch_name",
            "finding",
            "status",
            "document_number",
            "drafted_at",
            "checked_at",
            "checked_by_name",
            "issued_at",
            "acknowledge_by",
            "acknowledged_at",
            "due_on",
            "responded_at",
            "closed_at",
            "version",
            "problems",
        )


class AnswerSerializer(serializers.Serializer[Any]):
    problem = serializers.IntegerField(min_value=1, max_value=2**53)
    cause = serializers.CharField(max_length=300)
    measure = serializers.CharField(max_length=500)
    responsible = serializers.CharField(max_length=40)
    done_on = serializers.DateField()
    result = serializers.CharField(max_length=500)


class RespondSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(min_value=0, max_value=MAX_VERSION)
    answers = AnswerSerializer(many=True)


class NoticeVersionSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=0, max_value=MAX_VERSION
    )


class CheckSerializer(NoticeVersionSerializer):
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class RemarkSerializer(serializers.Serializer[Any]):
    remark = serializers.CharField(max_length=300)


class WithdrawSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class NoticeViewSet(
    VisibleRows,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[RectificationNotice],
):
    """整改通知书."""

    queryset = RectificationNotice.objects.select_related("branch", "checked_by").prefetch_related(
        "problems__item"
    )
    ordering = ("-drafted_at", "-pk")
    serializer_class = NoticeSerializer
    permission_classes = (IsAuthenticated,)
    lookup_value_regex = KEY_REGEX
    filterset_fields = {
        "branch": ["exact"],
        "finding": ["exact"],
        "status": ["exact", "in"],
        "due_on": ["gte", "lte"],
    }

    def _step(self, service: Any, **values: Any) -> Response:
        notice = service(
            notice_id=self.get_object().pk,
            actor=signed_in(self.request),
            now=timezone.now(),
            via="api",
            **values,
        )
        fresh = NoticeViewSet.queryset.get(pk=notice.pk)
        return Response(NoticeSerializer(fresh).data)

    @extend_schema(request=CheckSerializer, responses={200: NoticeSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: str) -> Response:
        """核稿: by another than who worded the facts; an office of one gives a ``reason``."""
        given = CheckSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._step(notices.check_notice, **given.validated_data)

    @extend_schema(request=CheckSerializer, responses={200: NoticeSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="check-and-issue")
    def check_and_issue(self, request: Request, pk: str) -> Response:
        """核稿并签发, in one transaction; both stand in the history."""
        given = CheckSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._step(notices.check_and_issue, **given.validated_data)

    @extend_schema(request=RemarkSerializer, responses={200: NoticeSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, pk: str) -> Response:
        """退回起草, with a remark."""
        given = RemarkSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._step(notices.send_back_notice, **given.validated_data)

    @extend_schema(request=NoticeVersionSerializer, responses={200: NoticeSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def issue(self, request: Request, pk: str) -> Response:
        """签发: the number is allotted in the same transaction. ``version``: what was read."""
        given = NoticeVersionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._step(notices.issue_notice, **given.validated_data)

    @extend_schema(request=None, responses={200: NoticeSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str) -> Response:
        """签收."""
        return self._step(notices.acknowledge_notice)

    @extend_schema(request=RespondSerializer, responses={200: NoticeSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def respond(self, request: Request, pk: str) -> Response:
        """报整改情况, for every problem."""
        given = RespondSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        answers = {}
        for line in given.validated_data["answers"]:
            values = dict(line)
            problem = values.pop("problem")
            answers[problem] = notices.Answer(**values)
        return self._step(
            notices.respond_to_notice, answers=answers, version=given.validated_data["version"]
        )

    @extend_schema(request=None, responses={200: NoticeSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """认可整改."""
        return self._step(notices.accept_response)

    @extend_schema(request=ReturnSerializer, responses={200: NoticeSerializer, **REFUSALS})
    @action(detail=True, methods=["post"], url_path="return")
    def give_back(self, request: Request, pk: str) -> Response:
        """退回再改."""
        given = ReturnSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._step(notices.return_response, **given.validated_data)

    @extend_schema(request=ExtendSerializer, responses={200: NoticeSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def extend(self, request: Request, pk: str) -> Response:
        """延期, once."""
        given = ExtendSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._step(notices.extend_notice, **given.validated_data)

    @extend_schema(request=WithdrawSerializer, responses={200: NoticeSerializer, **REFUSALS})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """撤回."""
        given = WithdrawSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self._step(notices.withdraw_notice, reason=given.validated_data["reason"])

    @extend_schema(responses=PAPER_ANSWERS)
    @action(
        detail=True,
        methods=["get"],
        url_path=r"papers/(?P<slug>letter|red-head|answer|talk)\.(?P<form>pdf|docx)",
        renderer_classes=PAPER_RENDERERS,
        filterset_fields=(),
        pagination_class=None,
    )
    def paper(self, request: Request, pk: str, slug: str, form: str) -> HttpResponse:
        """公文: ``letter`` 整改通知书, ``red-head`` 通知, ``answer`` 反馈单, ``talk`` 约谈记录."""
        return notice_file(signed_in(request), int(pk), slug, form)
