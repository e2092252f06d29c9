# The database, its tables and its users. Models run at every request, in alphabetical order.
from gluon.contrib.appconfig import AppConfig
from gluon.tools import Auth, Crud, PluginManager, Service

configuration = AppConfig(reload=request.is_local)

db = DAL(
    configuration.get("db.uri"),
    migrate=configuration.get("db.migrate"),
    check_reserved=["all"],
)

# Generic views show whatever an action returns. Only visitors on this very machine get them.
response.generic_patterns = ["*"] if request.is_local else []
response.formstyle = "plain"

# Users: @auth.requires_login() before an action lets only them in; default/user/login, register, profile ...
auth = Auth(db, host_names=configuration.get("host.names"))
auth.settings.registration_requires_verification = False
auth.settings.registration_requires_approval = False
auth.settings.reset_password_requires_verification = True
auth.define_tables(username=False, signature=False)

# Mail goes into the log until private/appconfig.ini names a server.
mail = auth.settings.mailer
mail.settings.server = configuration.get("smtp.server") or "logging"
mail.settings.sender = configuration.get("smtp.sender")
mail.settings.login = configuration.get("smtp.login") or None
mail.settings.tls = configuration.get("smtp.tls") or False

service = Service()  # @service.jsonrpc before a function offers it at default/call/jsonrpc
plugins = PluginManager()
crud = Crud(db)  # the older way to forms: new applications use SQLFORM and SQLFORM.grid

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
