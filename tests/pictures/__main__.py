"""`python -m tests.pictures`: makes the golden pictures of kiosk and display anew. Look at them before you commit."""

from __future__ import annotations

from tests.display import window as display
from tests.display.samples import states as display_states
from tests.kiosk import window as kiosk
from tests.kiosk.pairs import LISTED
from tests.tools.golden import FOLDER, file_of, keep
from tests.tools.window import SIZES, picture_of


def main() -> None:
    for old in FOLDER.rglob("*.png"):
        old.unlink()
    states = kiosk.states()
    for name in LISTED:
        for size in SIZES:
            keep(picture_of(kiosk.sheet_of(kiosk.Stage(states[name]), size)), file_of("kiosk", name, size))
    stage = display.Stage()
    for lang in ("vi", "en"):
        for name, picture in display_states(lang).items():
            for size in SIZES:
                keep(picture_of(stage.show(picture, size)), file_of("display", f"{name} {lang}", size))
    found = sorted(FOLDER.rglob("*.png"))
    print(f"{len(found)} pictures, {sum(file.stat().st_size for file in found) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
