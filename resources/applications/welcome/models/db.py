# The database and its tables. Models run at every request, in alphabetical order.
from gluon.contrib.appconfig import AppConfig

configuration = AppConfig()

db = DAL(
    configuration.get("db.uri"),
    migrate=configuration.get("db.migrate"),
    check_reserved=["all"],
)

# Generic views show whatever an action returns. Only visitors on this very machine get them.
response.generic_patterns = ["*"] if request.is_local else []

db.define_table(
    "note",
    Field(
        "title",
        length=80,
        requires=[
            IS_NOT_EMPTY(error_message=T("Give the note a title.")),
            IS_LENGTH(80, error_message=T("Use at most 80 characters.")),
        ],
    ),
    Field("body", "text", requires=IS_LENGTH(2000, error_message=T("Use at most 2000 characters."))),
    Field("created_on", "datetime", default=request.now, writable=False),
    format="%(title)s",
)
