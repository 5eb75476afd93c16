"""Requests over the API: what comes out, and what each step takes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from feedback.keys import KEY_REGEX, LENGTH
from feedback.models import (
    Level,
    Message,
    Outcome,
    Rating,
    Reply,
    RequestEvent,
    Solved,
    StaffRequest,
    Urgency,
)
from feedback.models.requests import MAX_TEXT
from portal.attachments.limits import SEALED
from portal.kernel.api import ProblemSerializer

REFUSALS = {400: ProblemSerializer, 409: ProblemSerializer}
SIGNED = [level for level in Level.values if level != Level.ANONYMOUS]


class RequestSerializer(serializers.ModelSerializer[StaffRequest]):
    """Never a name: who said it is asked on the page, one logged look at a time."""

    number = serializers.CharField()
    kind_name = serializers.CharField(source="kind.name")
    category_name = serializers.CharField(source="category.name", allow_null=True, default=None)
    department_name = serializers.CharField(source="department.name", allow_null=True, default=None)

    class Meta:
        model = StaffRequest
        fields = (
            "id",
            "number",
            "kind",
            "kind_name",
            "category",
            "category_name",
            "source",
            "level",
            "headline",
            "text",
            "submitted_on",
            "status",
            "outcome",
            "urgency",
            "department",
            "department_name",
            "accept_due_on",
            "assign_due_on",
            "reply_due_on",
            "result_due_on",
            "replied_on",
            "closed_on",
            "decline_reason",
            "version",
        )


class SaySerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=MAX_TEXT)
    level = serializers.ChoiceField(choices=SIGNED)
    kind = serializers.CharField(max_length=24, default="suggestion")
    category = serializers.CharField(max_length=24, required=False, allow_blank=True, default="")
    key = serializers.RegexField(
        rf"^{KEY_REGEX}$", required=False, allow_blank=True, default="", max_length=LENGTH
    )


class SayWithPhotosSerializer(SaySerializer):
    photos = serializers.ListField(
        child=serializers.FileField(), required=False, max_length=SEALED.max_files
    )


class AcceptSerializer(serializers.Serializer[Any]):
    headline = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    category = serializers.CharField(max_length=24, required=False, allow_blank=True, default="")


class AssignRequestSerializer(serializers.Serializer[Any]):
    department = serializers.IntegerField(min_value=1, max_value=2**53)
    helpers = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**53), required=False, max_length=50
    )
    urgency = serializers.ChoiceField(choices=Urgency.choices, default=Urgency.ORDINARY)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class WordSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=MAX_TEXT)


class ReplySerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=MAX_TEXT)
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    before = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    after = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    promise_what = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default=""
    )
    promise_due_on = serializers.DateField(required=False, allow_null=True, default=None)
    teams = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=200
    )


class RateSerializer(serializers.Serializer[Any]):
    solved = serializers.ChoiceField(choices=Solved.choices)
    is_answered = serializers.BooleanField()
    comment = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    again = serializers.BooleanField(required=False, default=False)


class SuperviseSerializer(serializers.Serializer[Any]):
    demand = serializers.CharField(max_length=300)
    due_on = serializers.DateField()


class IntoSerializer(serializers.Serializer[Any]):
    into = serializers.RegexField(rf"^{KEY_REGEX}$", max_length=LENGTH)


class AskExtensionSerializer(serializers.Serializer[Any]):
    new_due_on = serializers.DateField()
    reason = serializers.CharField(max_length=300)


class GrantSerializer(serializers.Serializer[Any]):
    grant = serializers.BooleanField()


class WhatSerializer(serializers.Serializer[Any]):
    what = serializers.CharField(max_length=200)


class PublishSerializer(serializers.Serializer[Any]):
    said = serializers.CharField(max_length=200)
    changed = serializers.CharField(max_length=200)
    detail = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    who = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    is_featured = serializers.BooleanField(required=False, default=False)


class DecideSerializer(serializers.Serializer[Any]):
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    text = serializers.CharField(max_length=1000)


class RequestEventSerializer(serializers.ModelSerializer[RequestEvent]):
    class Meta:
        model = RequestEvent
        fields = ("number", "code", "text", "note", "on", "at", "actor_office")


class RequestAnswerSerializer(serializers.ModelSerializer[Reply]):
    department_name = serializers.CharField(source="department.name")

    class Meta:
        model = Reply
        fields = ("number", "department_name", "text", "before", "after", "outcome", "replied_at")


class RequestMessageSerializer(serializers.ModelSerializer[Message]):
    class Meta:
        model = Message
        fields = ("number", "is_from_author", "office", "text", "on", "at")


class RequestRatingSerializer(serializers.ModelSerializer[Rating]):
    class Meta:
        model = Rating
        fields = ("look", "solved", "is_answered", "comment", "rated_on")


class WaySerializer(serializers.Serializer[Any]):
    """The way of one request, oldest first: what the page shows under 经过, 答复, 对话, 评价."""

    events = RequestEventSerializer(many=True)
    replies = RequestAnswerSerializer(many=True)
    messages = RequestMessageSerializer(many=True)
    ratings = RequestRatingSerializer(many=True)
