# What the layout of every page shows: names, menu, meta tags.
response.title = configuration.get("app.name") or request.application.replace("_", " ").capitalize()
response.subtitle = T("a place to start from")
response.meta.author = configuration.get("app.author")
response.meta.description = configuration.get("app.description")
response.meta.viewport = "width=device-width, initial-scale=1"

here = (request.controller, request.function)
response.menu = [
    (T("Home"), here == ("default", "index"), URL("default", "index"), []),
    (T("Notes"), here == ("default", "notes"), URL("default", "notes"), []),
]
if request.is_local and request.controller != "appadmin":  # the administrator sees it on the server itself
    response.menu.append((T("Databases"), False, URL("appadmin", "index"), []))
