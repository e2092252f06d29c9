"""Pictures of Translations for people to look at: ``python tests/desktop/translations_shots.py FOLDER [scale]``."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

if __name__ == "__main__":  # before Qt is imported
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.setdefault("QT_SCALE_FACTOR", sys.argv[2] if len(sys.argv) > 2 else "1")
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from dataclasses import replace

from fakes import FakeSupervisor, FakeTray
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QWidget

from desktop.app import make_application
from desktop.desk import Desk
from desktop.processes.state import Phase
from desktop.shell.preferences import MemoryLayout, MemoryPreferences
from desktop.theme import Theme
from runtime.admin.languages_marks import change_marks
from runtime.i18n.files import write_dict, write_plural_dict

MARKED = "@markmin\x01Read **this** first"
GREETING = "Hello %(name)s, you have %s%%{message} "
ITALIAN = {
    "Add to cart": "Aggiungi al carrello",
    "Cancel": "Annulla",
    "Choose a time for the delivery": "Choose a time for the delivery",
    "Delete": "Elimina",
    "Delivery on %(day)s": "Delivery on %(day)s",
    "Forgot your password?": "Hai dimenticato la password?",
    GREETING: "Ciao %(nome)s, hai %s%%{messaggio}",
    "OK": "OK",
    "Old title": "Vecchio titolo",
    "Opening hours": "Orari di apertura",
    "Page %s of %s": "Pagina %s",
    "Price without tax": "Prezzo senza imposte",
    "Save changes": "Save changes",
    "Sign in with a link sent to your address": "Accedi con un collegamento inviato al tuo indirizzo",
    "Sort by newest": "Ordina dal più recente",
    "The file is larger than 2 MB and was not stored": "Il file supera 2 MB e non è stato salvato",
    "Your cart is empty": "Your cart is empty",
    MARKED: "# Prima di ordinare\n\nLeggi **questo** e le ''condizioni'' su [[questa pagina /shop/terms]]:"
    "\n\n- si paga alla consegna\n- codice ``LUCE26`` per lo sconto\n\n[[la bottega /shop/static/shop.jpg]]",
}
FRENCH = {GREETING: "Bonjour %(name)s, vous avez %s%%{message} ", "Delete": "Supprimer", "Cancel": "Annuler"}
ARABIC = {
    "Save changes": "حفظ التغييرات",
    "Cancel": "إلغاء",
    GREETING: "مرحبا %(name)s، لديك %s%%{رسالة} ",
    "Page %s of %s": "صفحة %s من %s",
    "Your cart is empty": "Your cart is empty",
}
LONG = (
    "Die Datei konnte nicht gespeichert werden, weil das Benutzerkontingentüberschreitungsverfahren läuft. "
    * 6
)


def make_site(site: Path) -> None:
    """A site with four applications: a usual one, a large one, one of long texts, one without languages."""
    for name in ("shop", "library", "large", "long", "empty", "broken"):
        (site / "applications" / name / "controllers").mkdir(parents=True)
        (site / "applications" / name / "languages").mkdir()
    shop = site / "applications" / "shop"
    view = shop / "views" / "default"
    view.mkdir(parents=True)
    lines = [f"{{{{=T({source!r})}}}}" for source in ITALIAN if source[0] != "@" and source != "Old title"]
    view.joinpath("index.html").write_text("\n" * 12 + "\n".join(lines) + "\n{{=T.M('Read **this** first')}}")
    shop.joinpath("controllers/default.py").write_text(
        f"def index():\n    T({GREETING!r})\n    T({GREETING!r})\n"
    )
    folder = shop / "languages"
    about = {"!langcode!": "it", "!langname!": "Italiano"}
    write_dict(folder / "it.py", {**ITALIAN, **about})
    write_dict(folder / "fr.py", {**{key: key for key in ITALIAN}, **FRENCH, "!langname!": "Français"})
    write_dict(folder / "ar.py", {**ARABIC, "!langname!": "العربية"})
    write_dict(folder / "de.py", {**{key: f"{key}." for key in ITALIAN}, "!langname!": "Deutsch"})
    write_plural_dict(folder / "plural-ar.py", {"رسالة": ["رسالتان", "رسائل", "رسالة"]})
    change_marks(folder, lambda marks: marks.same.update(it={"OK"}))
    new = {"Delivery on %(day)s", "Choose a time for the delivery"}
    change_marks(folder, lambda marks: marks.new.update(it=new))
    note = "Greeting at the top of the start page. The number is the count of unread messages."
    change_marks(folder, lambda marks: marks.notes.update({GREETING: note}))
    library = site / "applications/library/languages/it.py"
    write_dict(
        library,
        {
            GREETING[:-1]: "Ciao %(name)s, hai %s%%{messaggio}",
            "Hello %(name)s": "Ciao %(name)s",
            "Save changes": "Salva le modifiche",
            "Delivery on %(day)s": "Consegna",
        },
    )
    write_dict(
        site / "applications/long/languages/it-ch.py",
        {
            "Save changes": "Memorizza",
            "Your cart is empty": "Il carrello è vuoto, e lo resterà finché non ci si mette qualche cosa dentro",
        },
    )
    many = {
        f"Text number {at} of the page %(name)s": f"Testo numero {at} della pagina %(name)s"
        for at in range(5000)
    }
    many |= {
        f"Text number {at} of the page %(name)s": f"Text number {at} of the page %(name)s"
        for at in range(0, 5000, 9)
    }
    write_dict(site / "applications/large/languages/it.py", {**many, **about})
    write_dict(
        site / "applications/long/languages/de.py", {LONG: LONG, f"{LONG}\nTwo": "kurz", "W" * 300: "M" * 300}
    )
    (site / "applications/broken/languages/it.py").write_text("{'a': 'b',\n 'c': open('x')}\n'")


def wait(app: QApplication, seconds: float = 0.6) -> None:
    """Lets background work and timers come to rest."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        app.processEvents()
        time.sleep(0.01)


def shoot_filling(
    app: QApplication, panel: QWidget, window: QWidget, save: Callable[[str, QWidget], None]
) -> None:
    """What other files have for the strings that are left; and a language nobody can help."""
    for name, language in (("fill", "it"), ("fill-none", "de")):
        panel.session.show_language(language)
        wait(app)
        panel.orders.fill()
        wait(app)
        sheet = window.findChild(QWidget, "translations.fill")
        save(name, sheet)
        sheet.reject()
        wait(app, 0.2)
    panel.session.show_language("it")
    wait(app)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    site = Path(tempfile.mkdtemp()) / "Sites"
    os.environ["HADRON_DATA_DIR"] = str(site.parent / "data")
    make_site(site)
    app = make_application(sys.argv[:1])
    theme = Theme(app, QFont(os.environ.get("SHOT_FONT", "DejaVu Sans"), 10))
    supervisor = FakeSupervisor(Phase.SERVING)
    supervisor.settings = replace(supervisor.settings, site_folder=site)
    layout = MemoryLayout({"translations.application": "shop", "translations.second": "fr"})
    desk = Desk(theme, MemoryPreferences(), layout, supervisor, lambda _t, _a: FakeTray())
    desk.complete()
    window, panel = desk.window, desk.parts["translations"].panel
    window.resize(1280, 800)
    window.show()
    window.show_panel("translations")
    wait(app)

    def save(name: str, widget: QWidget = window) -> None:
        wait(app, 0.15)
        widget.grab().save(str(folder / f"{name}.png"))

    applications = site / "applications"
    for scheme in ("light", "dark"):
        theme.set_scheme(scheme)
        panel.session.show_application(applications / "shop")
        wait(app)
        save(f"languages-{scheme}")
        panel.session.show_language("it")
        wait(app)
        panel.edit(GREETING)
        panel.foot.words.set_text(
            "Draft saved 11:21 · 3 keys were added by the running application and merged"
        )
        wait(app, 0.4)
        save(f"translations-{scheme}")
        panel.table.setFocus()
        panel.table.show_key(MARKED)
        save(f"markmin-{scheme}")
        shoot_filling(
            app, panel, window, lambda name, widget, scheme=scheme: save(f"{name}-{scheme}", widget)
        )
        panel.orders.scan()
        wait(app)
        sheet = window.findChild(QWidget, "translations.diff")
        if sheet is not None:
            save(f"scan-{scheme}", sheet)
            sheet.reject()
        panel.orders.show_plurals()
        save(f"plurals-{scheme}")
        panel.orders.show_plurals()
        panel.orders.replace()
        save(f"replace-{scheme}", window.findChild(QWidget, "translations.replace.sheet"))
        window.findChild(QWidget, "translations.replace.sheet").reject()
        panel.filters.search.setText("zzz")
        save(f"none-{scheme}")
        panel.filters.search.clear()
        window.resize(760, 560)
        save(f"narrow-{scheme}")
        window.resize(1280, 800)
        panel.session.show_language("ar")
        wait(app)
        panel.edit(GREETING)
        save(f"arabic-{scheme}")
        panel.orders.show_plurals()
        save(f"arabic-plurals-{scheme}")
        panel.orders.show_plurals()
        panel.orders.show_grid()
        wait(app)
        save(f"grid-{scheme}")
        panel.orders.show_languages()
        panel.orders.add_language()
        sheet = window.findChild(QWidget, "translations.language")
        sheet.code.setText("sl")
        save(f"add-{scheme}", sheet)
        sheet.reject()
        for name, language in (("large", "it"), ("long", "de"), ("empty", ""), ("broken", "it")):
            panel.session.show_application(applications / name)
            wait(app)
            if language:
                panel.session.show_language(language)
                wait(app, 1.0)
            save(f"{name}-{scheme}")
    theme.set_scheme("light")
    window.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    panel.session.show_application(applications / "shop")
    wait(app)
    panel.session.show_language("ar")
    wait(app)
    save("mirrored-light")
    window.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    theme.set_zoom(1.5)
    save("zoom150-light")
    theme.set_zoom(2.0)
    panel.session.show_language("it")
    wait(app)
    panel.table.show_key(MARKED)
    wait(app)
    save("zoom200-light")
    shoot_filling(app, panel, window, lambda name, widget: save(f"{name}-zoom200", widget))
    theme.set_zoom(1.0)
    desk.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
