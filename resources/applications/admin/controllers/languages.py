"""Translations of an application: its languages, the texts of one, plural words (ADMIN-04)."""

import re

import administration
from runtime.admin import languages as languages_admin
from runtime.foundation.problems import UserError
from runtime.i18n import files

PAGE = 100
NAME = re.compile(r"(plural-)?(default|[a-z]{2,3}(-[a-z0-9]{2,8})*)\Z")


def __folder():
    folder = administration.application_folder(SITE, request.args(0))
    return folder, languages_admin.languages_folder(folder)


def index():
    """The languages of an application and how far they are: languages/index/APP."""
    folder, place = __folder()
    if request.method == "POST":
        administration.needs_post()
        session.flash = __add(place, str(request.post_vars.language or "").strip().lower())
        redirect(URL("index", args=folder.name))
    words = sorted(path.stem for path in place.glob("plural-*.py"))
    return dict(app=folder.name, counts=languages_admin.statistics(folder), words=words)


def __add(place, language):
    if NAME.match(language) is None or language.startswith("plural-"):
        return T("Write a code as it or pt-br.")
    path = place / f"{language}.py"
    if path.exists():
        return T("This language is there already.")
    place.mkdir(exist_ok=True)
    files.write_dict(path, {})
    return T("The language was added. Texts appear in it as pages use them.")


def edit():
    """The texts of a language, or the forms of plural words: languages/edit/APP/NAME."""
    folder, place = __folder()
    name = str(request.args(1) or "")
    path = place / f"{name}.py"
    if NAME.match(name) is None or not path.is_file():
        raise HTTP(404, response.render("default/problem.html", dict(problem=T("There is no such language."))))
    plural = name.startswith("plural-")
    try:
        texts = files.load_words(path) if plural else files.load_texts(path)
    except UserError as problem:
        return dict(app=folder.name, name=name, plural=plural, shown=[], total=0, start=0, problem=str(problem))
    if request.method == "POST":
        administration.needs_post()
        count = __save(path, texts, plural)
        response.flash = T("%s %%{text} changed", count)
        texts = files.load_words(path) if plural else files.load_texts(path)
    wanted = str(request.vars.find or "").casefold()
    rows = [(key, value) for key, value in sorted(texts.items(), key=lambda pair: pair[0].casefold())
            if wanted in key.casefold() or wanted in str(value).casefold()]
    if request.vars.open and not plural:
        rows = [(key, value) for key, value in rows if key == value or not value]
    start = min(int(request.vars.start), max(0, len(rows) - 1)) if str(request.vars.start or "").isdigit() else 0
    shown = rows[start : start + PAGE]
    return dict(app=folder.name, name=name, plural=plural, shown=shown, total=len(rows), start=start, problem="")


def __save(path, texts, plural):
    """Merges what was changed by key, so that nothing is lost that the application writes meanwhile."""
    changed = {}
    for number in range(PAGE):
        key, value = request.post_vars[f"key_{number}"], request.post_vars[f"value_{number}"]
        if not isinstance(key, str) or not isinstance(value, str) or key not in texts:
            continue
        new = [form.strip() for form in value.split("|") if form.strip()] if plural else value.replace("\r\n", "\n")
        if new != texts[key]:
            changed[key] = new
    if changed:
        merge = files.merge_words if plural else files.merge_texts
        merge(path, changed, replace=True)
    return len(changed)
