# Every page of this application is for the administrator, over a channel that nobody listens to.
from pathlib import Path

import administration

response.title = T("Administration")
response.generic_patterns = []
response.headers["X-Frame-Options"] = "DENY"  # nobody shows these buttons under something else
response.headers["Content-Security-Policy"] = "frame-ancestors 'none'"
response.headers["X-Content-Type-Options"] = "nosniff"
response.headers["Referrer-Policy"] = "same-origin"
SITE = Path(request.folder).parent.parent
is_administrator = administration.begin(open_pages=("default/index", "default/enter"))
response.menu = [
    (T("Applications"), request.function == "site", URL("default", "site"), []),
    (T("Routes"), request.function == "routes", URL("default", "routes"), []),
    (T("Log out"), False, URL("default", "logout"), []),
] if is_administrator else []
