// Made by tests/tools/web.py from the Python sources: edit those, then run `python -m tests.tools.web`.

export const PROTOCOL = 1;

/** Codes of the languages there are texts for; the first needs none. */
export const LANGUAGES = ["vi", "en"];

/** Close code: not welcome (any more); the reason is a `SessionEnd`. */
export const UNAUTHORISED = 4401;

/** Close code: there is no place. */
export const TOO_MANY = 4429;

/** With that code: the place went to the same name's newer socket. */
export const REPLACED = "replaced";

/** Letters of a person's or a device's name. */
export const LONGEST_NAME = 40;

/** A ticket's number as an input takes it. */
export const NUMBER = { inputmode: "numeric", pattern: "[0-9]{3,6}", minlength: "3", maxlength: "6" };

/** A PIN as an input takes it. */
export const PIN = { inputmode: "numeric", pattern: "[0-9]{6,20}", minlength: "6", maxlength: "20" };

/** How many digits a count of dossiers has. */
export const DOSSIERS = { maxlength: "3" };

/** Fewer ratings make no percentage: it would be of persons, not of a service. */
export const FEW = 5;

/** Minutes: The older line of QĐ 468/QĐ-TTg (2022), drawn beside the present one. */
export const UPPER_TARGET = 30;
