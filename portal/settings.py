"""Settings of the portal, read from the environment, safe by default.

Every variable is listed in ``.env.example``. Without any of them the portal is in
*production*: it refuses to start on a default secret, with DEBUG, or on SQLite, unless the
environment says so in so many words (see :func:`refuse_unsafe`).
"""

from __future__ import annotations

from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from portal.schedule import BEAT_SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
if (BASE_DIR / ".env").is_file():
    env.read_env(BASE_DIR / ".env")

DEFAULT_SECRET = "not-a-secret-only-for-demo-and-tests"  # noqa: S105 - refused in production

PORTAL_ENV = env.str("PORTAL_ENV", "production")  # production | demo | test
DEBUG = env.bool("PORTAL_DEBUG", False)
SECRET_KEY = env.str("PORTAL_SECRET_KEY", DEFAULT_SECRET)
ALLOWED_HOSTS = env.list("PORTAL_ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = env.list("PORTAL_CSRF_TRUSTED_ORIGINS", default=[])
# The secret of the anonymous receipts: apart from SECRET_KEY, because changing that one must not
# make every receipt void, and whoever knows that one must not be able to try receipts.
DEFAULT_RECEIPT_SECRET = "no-receipt-secret-only-for-demo-and-tests"  # noqa: S105
RECEIPT_SECRET = env.str("PORTAL_RECEIPT_SECRET", DEFAULT_RECEIPT_SECRET)
BEHIND_PROXY = env.bool("PORTAL_BEHIND_PROXY", False)
DATABASE_URL = env.str("PORTAL_DATABASE_URL", f"sqlite:///{VAR_DIR / 'portal.sqlite3'}")
BROKER_URL = env.str("PORTAL_BROKER_URL", "redis://127.0.0.1:6379/0")


def refuse_unsafe() -> None:
    """Stop a production start that would be unsafe; each way round must be spelt out."""
    if PORTAL_ENV not in {"production", "demo", "test"}:
        raise ImproperlyConfigured(
            f"PORTAL_ENV must be production, demo or test, not {PORTAL_ENV!r}."
        )
    if PORTAL_ENV != "production":
        return
    if DEBUG and not env.bool("PORTAL_ALLOW_DEBUG_IN_PRODUCTION", False):
        raise ImproperlyConfigured(
            "PORTAL_DEBUG is on. Switch it off, or set PORTAL_ALLOW_DEBUG_IN_PRODUCTION=true."
        )
    if SECRET_KEY == DEFAULT_SECRET or len(SECRET_KEY) < 50:
        raise ImproperlyConfigured(
            "PORTAL_SECRET_KEY is missing or shorter than 50 characters. Make one with: "
            "python -c 'import secrets; print(secrets.token_urlsafe(64))'"
        )
    if RECEIPT_SECRET in {DEFAULT_RECEIPT_SECRET, SECRET_KEY} or len(RECEIPT_SECRET) < 50:
        raise ImproperlyConfigured(
            "PORTAL_RECEIPT_SECRET is missing, shorter than 50 characters, or the same as "
            "PORTAL_SECRET_KEY. Make one like that, keep it for good: without it no receipt of an "
            "anonymous request opens any more."
        )
    if DATABASE_URL.startswith("sqlite") and not env.bool(
        "PORTAL_ALLOW_SQLITE_IN_PRODUCTION", False
    ):
        raise ImproperlyConfigured(
            "PORTAL_DATABASE_URL is SQLite. Use PostgreSQL, or set "
            "PORTAL_ALLOW_SQLITE_IN_PRODUCTION=true."
        )


refuse_unsafe()
SECURE = PORTAL_ENV == "production" and env.bool("PORTAL_HTTPS", True)

INSTALLED_APPS = [
    "portal.kernel",
    "portal.workdays",
    "portal.documents",
    "portal.accounts",
    "portal.audit",
    "portal.notifications",
    "portal.attachments",
    "portal.offline",
    "branches",
    "evaluations",
    "feedback",
    "servicecrew",
    "portal.dashboard",
    "portal.demo",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "rest_framework",
    "rest_framework.authtoken",
    "django_filters",
    "drf_spectacular",
    "django_htmx",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "axes",
]

MIDDLEWARE = [
    "feedback.middleware.AnonymousDoor",  # first: nothing behind it learns who came
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "portal.accounts.session_store.AccountReadingMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "portal.accounts.middleware.AccountMiddleware",
    "portal.offline.keeping.WhoMiddleware",
    "portal.offline.once.OnceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.kernel.drafts.DraftMiddleware",
    "portal.dashboard.errors.DomainErrorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "portal.kernel.navigation.shell",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# -- database ---------------------------------------------------------------------------

_database = env.db_url_config(DATABASE_URL)
if _database["ENGINE"].endswith("sqlite3"):
    _database["ENGINE"] = "portal.kernel.sqlite3"  # keeps triggers through migrations
    # Measured: without these, 1,097 of 1,600 concurrent writes failed; with them, none.
    # Never mmap_size: disk I/O errors under threads.
    _database["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA journal_size_limit=27103364;"
        ),
    }
    _database["CONN_MAX_AGE"] = None
else:
    _database["CONN_MAX_AGE"] = 60
    _database["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- accounts ---------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "portal.accounts.session_store.AccountBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "dashboard:home"
LOGOUT_REDIRECT_URL = "accounts:login"

# Lock-out: five failures lock the account for the address it came from, for 15 minutes.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "accounts/locked_out.html"
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True  # failures are counted; who came in when is nobody's list
AXES_VERBOSE = False

# A session ends this long after the last page: sooner for those whose screens show more than
# their own affairs (officers, leaders, administrators).
SESSION_ENGINE = "portal.accounts.session_store"
SESSION_COOKIE_AGE = env.int("PORTAL_SESSION_HOURS", 12) * 3600
SESSION_IDLE_MINUTES = env.int("PORTAL_SESSION_IDLE_MINUTES", 240)
SESSION_IDLE_MINUTES_PRIVILEGED = env.int("PORTAL_SESSION_IDLE_MINUTES_PRIVILEGED", 30)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.dashboard.errors.csrf_failure"

# -- transport and content security -----------------------------------------------------

SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Nothing inline, nothing evaluated, nothing from elsewhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    },
}

# -- language, time ---------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# -- static files -----------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.path("PORTAL_STATIC_ROOT", VAR_DIR / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": {
            "test": "django.contrib.staticfiles.storage.StaticFilesStorage",
            # Hashed names, but not half a minute of compression before the first page.
            "demo": "portal.kernel.staticfiles.PortalManifestStorage",
            "production": "portal.kernel.staticfiles.PortalCompressedManifestStorage",
        }[PORTAL_ENV],
    },
}
MEDIA_ROOT = env.path("PORTAL_MEDIA_ROOT", VAR_DIR / "media")
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# -- Celery (docs/adr records each choice with its measurement) ---------------------------

CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,  # above the hard limit, or a slow task runs twice
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_IMPORTS = ["portal.tasks"]
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")

# -- mail -------------------------------------------------------------------------------

EMAIL_CONFIG = env.email_url(
    "PORTAL_EMAIL_URL",
    default=f"filemail://{VAR_DIR / 'mail'}"
    if PORTAL_ENV != "production"
    else "smtp://localhost:25",
)
if folder := EMAIL_CONFIG.get("EMAIL_FILE_PATH"):
    # django-environ drops the first slash; mail must not depend on where a process was started.
    EMAIL_CONFIG["EMAIL_FILE_PATH"] = f"/{folder.removeprefix('/')}"
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = env.int("PORTAL_EMAIL_TIMEOUT", 20)
DEFAULT_FROM_EMAIL = env.str("PORTAL_FROM_EMAIL", "portal@localhost")
PORTAL_BASE_URL = env.str("PORTAL_BASE_URL", "http://localhost:8000")

# -- REST -------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication",
        "rest_framework.authentication.TokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 50,
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "portal.kernel.api.problem",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "党建管理门户 API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "FindingStatus": "evaluations.lifecycles.FindingStatus",
        "NoticeStatus": "evaluations.lifecycles.NoticeStatus",
        "AppealStatus": "evaluations.lifecycles.AppealStatus",
        "RoundStatus": "evaluations.lifecycles.RoundStatus",
        "InspectionStatus": "evaluations.lifecycles.InspectionStatus",
        "VersionStatus": "evaluations.models.VersionStatus",
        "FindingKind": "evaluations.models.FindingKind",
        "AbsenceKind": "branches.models.AbsenceKind",
        "ImportKind": "branches.models.ImportKind",
        "ImportStage": "branches.models.ImportStage",
        "RequestStatus": "feedback.lifecycles.RequestStatus",
        "RequestLevel": "feedback.models.Level",
        "SignedLevel": "feedback.api.request_serializers.SIGNED",
        "RequestOutcome": "feedback.models.Outcome",
        "RequestSource": "feedback.models.Source",
        "RequestUrgency": "feedback.models.Urgency",
        "PromiseStatus": "feedback.lifecycles.PromiseStatus",
        "SessionStatus": "feedback.lifecycles.SessionStatus",
        "SessionKind": "feedback.models.SessionKind",
        "SupervisionStatus": "feedback.lifecycles.SupervisionStatus",
        "TurnoutStatus": "servicecrew.lifecycles.TurnoutStatus",
        "TurnoutSource": "servicecrew.models.TurnoutSource",
        "ServiceKind": "servicecrew.models.ServiceKind",
        "OperationKind": "servicecrew.models.OperationKind",
        "CrewLevel": "servicecrew.models.CrewLevel",
        "VehicleKind": "servicecrew.models.VehicleKind",
        "CrewNoteKind": "servicecrew.models.CrewNoteKind",
        "CareVisitKind": "servicecrew.models.VisitKind",
        "PioneerKind": "servicecrew.models.PioneerKind",
        "PlaceKind": "feedback.models.PlaceKind",
        "LinkKind": "feedback.models.LinkKind",
        "EnteredVia": "servicecrew.models.EnteredVia",
    },
}

# -- logging ----------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"no_anonymous": {"()": "feedback.quiet.NoAnonymousRequests"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["no_anonymous"],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("PORTAL_LOG_LEVEL", "INFO")},
    # At DEBUG it writes the hidden values of every picture it opens: camera, place, owner.
    "loggers": {"PIL": {"level": "WARNING"}},
}

# -- the anonymous channel --------------------------------------------------------------

# Per hour and place, in each worker process; a whole office may share one address.
ANONYMOUS_REQUESTS_PER_HOUR = env.int("PORTAL_ANONYMOUS_REQUESTS_PER_HOUR", 60)
ANONYMOUS_LOOKUPS_PER_HOUR = env.int("PORTAL_ANONYMOUS_LOOKUPS_PER_HOUR", 200)

# -- names a company may change (domain 11.3 no. 13) ------------------------------------------

PORTAL_COMPANY_NAME = env.str("PORTAL_COMPANY_NAME", "国网泉州供电公司")
# Fonts that papers are set in, beside those of the machine (script/fonts puts free ones there).
PORTAL_FONTS_DIR = env.path("PORTAL_FONTS_DIR", VAR_DIR / "fonts")
# Years that signed papers are kept word for word; 0 keeps them for ever. Number, title, day and
# digest stay: the register of what was issued has no holes.
PORTAL_PAPER_YEARS = env.int("PORTAL_PAPER_YEARS", 0)
PORTAL_AFFAIRS_DEPARTMENT = env.str("PORTAL_AFFAIRS_DEPARTMENT", "党群部")
