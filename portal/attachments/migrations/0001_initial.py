import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                        verbose_name="编号",
                    ),
                ),
                ("owner_type", models.CharField(max_length=64, verbose_name="所属对象类型")),
                ("owner_id", models.CharField(max_length=64, verbose_name="所属对象编号")),
                ("number", models.PositiveSmallIntegerField(verbose_name="序号")),
                ("extension", models.CharField(max_length=8, verbose_name="类型")),
                ("name", models.CharField(blank=True, max_length=80, verbose_name="文件名")),
                ("size", models.PositiveIntegerField(verbose_name="字节")),
                ("digest", models.CharField(max_length=64, verbose_name="SHA-256")),
                (
                    "fingerprint",
                    models.CharField(
                        blank=True,
                        help_text="看起来一样的照片指纹相近；匿名渠道的不记",
                        max_length=64,
                        verbose_name="图像指纹",
                    ),
                ),
                ("width", models.PositiveIntegerField(blank=True, null=True, verbose_name="宽")),
                ("height", models.PositiveIntegerField(blank=True, null=True, verbose_name="高")),
                (
                    "pages",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="页数"),
                ),
                ("stored_as", models.CharField(blank=True, max_length=80, verbose_name="存放名")),
                ("is_sealed", models.BooleanField(default=False, verbose_name="匿名渠道")),
                ("uploaded_on", models.DateField(verbose_name="上传日期")),
                (
                    "uploaded_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="上传时间"),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="上传人",
                    ),
                ),
            ],
            options={
                "verbose_name": "附件",
                "verbose_name_plural": "附件",
                "ordering": ["owner_type", "owner_id", "number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner_type", "owner_id", "number"), name="attachment_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_sealed", False),
                            models.Q(
                                ("fingerprint", ""),
                                ("name", ""),
                                ("stored_as", ""),
                                ("uploaded_at__isnull", True),
                                ("uploaded_by__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="sealed_attachment_has_date_only",
                        violation_error_message="匿名附件只记日期，不记时间、人和文件名",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_sealed", True),
                            models.Q(("stored_as", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="attachment_is_somewhere",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SealedContent",
            fields=[
                (
                    "attachment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="sealed",
                        serialize=False,
                        to="attachments.attachment",
                    ),
                ),
                ("data", models.BinaryField()),
            ],
            options={
                "verbose_name": "匿名附件内容",
                "verbose_name_plural": "匿名附件内容",
            },
        ),
    ]
