"""Draws the dash on a 320 x 240 frame buffer of 16 colours. Pure: a `Dash` and a time give pixels."""

import framebuf
import glyphs
import messages
import words
from dash import LETTERS, MENU, STEPS
from time import ticks_diff

WIDTH, HEIGHT = 320, 240
# Colours 0 to 7 are greys for pictures; what follows depends on day and night.
BACK, FORE, RED, AMBER, GREEN, DIM, FRAME, ON = 8, 9, 10, 11, 12, 13, 14, 15
_GREYS = tuple((g, g, g) for g in (0, 36, 73, 109, 146, 182, 219, 255))
DAY = _GREYS + (
    (255, 255, 255), (0, 0, 0), (190, 0, 0), (176, 96, 0), (0, 120, 36), (110, 110, 110), (210, 210, 210),
    (255, 255, 255),
)  # fmt: skip
NIGHT = _GREYS + (
    (0, 0, 0), (255, 200, 150), (226, 60, 44), (214, 140, 20), (50, 150, 70), (120, 90, 70), (45, 30, 25),
    (0, 0, 0),
)  # fmt: skip
COLUMNS = WIDTH // 8
DOUBTFUL = 85
LIFE_SAFETY = 4
# A byte of a picture (two 4-bit greys) as two bytes, each pixel twice, in 8 greys.
_TWICE = tuple((g >> 1) << 4 | g >> 1 for g in range(16))

buffer = bytearray(WIDTH * HEIGHT // 2)
canvas = framebuf.FrameBuffer(buffer, WIDTH, HEIGHT, framebuf.GS4_HMSB)


def is_night(dash, is_dark):
    """Return whether the night's colours are due; ``is_dark`` is what the light sensor says."""
    light = dash.settings["light"]
    return light == 2 or (light == 0 and is_dark)


def draw(dash, now):
    """Draw everything."""
    is_french = dash.settings["tongue"] == 2
    say = words.FRENCH if is_french else words.ENGLISH
    canvas.fill(BACK)
    _bar(dash, say)
    front = dash.front()
    if dash.mode in ("badge", "pin"):
        _typing(dash, say)
    elif dash.mode == "menu":
        _menu(dash, say)
    elif dash.mode == "report":
        _report(dash, say)
    elif front and not (front["verdict"] and dash.persons):
        _alert(dash, front, say, is_french)
    elif dash.persons:
        _person(next(iter(dash.persons.values())), say, is_french, now)
    else:
        _quiet(dash, say, is_french)
    _buttons(dash, say)


def _text(text, x, y, colour=FORE, wide=1, tall=0):
    glyphs.draw(canvas, text, x, y, colour, wide, tall)


def _centred(text, y, colour=FORE, scale=1):
    scale = min(scale, max(1, WIDTH // (8 * max(1, len(text)))))
    _text(text, max(0, (WIDTH - glyphs.width(text, scale)) // 2), y, colour, scale)


def _label(text, x, y, back):
    """Draw ``text`` on a field of ``back`` and return where the next one begins."""
    wide = glyphs.width(text) + 6
    canvas.fill_rect(x, y, wide, 13, back)
    _text(text, x + 3, y + 3, ON)
    return x + wide + 4


def conditions(dash):
    """Return what the state bar says, the worst first, as pairs of a word's name and a colour."""
    if not dash.is_online or dash.state is None:
        reason = dash.link.reason if dash.link else ""
        return [({"SKEW": "skew", "KEY": "key"}.get(reason, "offline"), RED)]
    state, out = dash.state, []
    if state["paused"]:
        out.append(("paused", AMBER))
    elif not state["camera"]:
        out.append(("camera", RED))
    if state["tampered"]:
        out.append(("tampered", RED))
    if state["covered"]:
        out.append(("covered", RED))
    if state["expired"]:
        out.append(("expired", RED))
    elif not state["list"]:
        out.append(("nolist", RED))
    elif state["stale"]:
        out.append(("stale", AMBER))
    if state["stopped"]:
        out.append(("stopped", RED))
    if state["hot"]:
        out.append(("hot", AMBER))
    if not out:
        out.append(("reading", GREEN))
    if state["muted"]:
        out.append(("muted", AMBER))
    if state["gps"] != 2:
        out.append(("nogps", DIM))
    return out


def _bar(dash, say):
    canvas.fill_rect(0, 0, WIDTH, 15, FRAME)
    x = 1
    for name, colour in conditions(dash):
        x = _label(say[name], x, 1, colour)
    badge = dash.session["badge"]
    right = badge or say["nobody"]
    if dash.is_online and dash.state and dash.state["list"]:
        right = _age(dash.state["age"], say) + " " + right
    left = WIDTH - 2 - glyphs.width(right)
    if left > x:
        _text(right, left, 4, FORE if badge else RED)
    elif WIDTH - 2 - glyphs.width(badge) > x:
        _text(badge, WIDTH - 2 - glyphs.width(badge), 4)


def _age(seconds, say):
    if seconds >= 86400:
        return "%d%s%02dh" % (seconds // 86400, say["d"], seconds % 86400 // 3600)
    if seconds >= 3600:
        return "%dh%02d" % (seconds // 3600, seconds % 3600 // 60)
    return "%dmin" % (seconds // 60)


def _buttons(dash, say):
    names = dash.buttons()
    for place in range(3):
        if names[place]:
            x = place * 107
            canvas.fill_rect(x + 1, 226, 104, 14, (GREEN, RED, AMBER)[place])
            text = say[names[place]]
            _text(text, x + (107 - glyphs.width(text)) // 2, 229, ON)


def doubts_of(dash, alert):
    """Return the alert's doubts; a list that is stale by now is one of them."""
    return alert["doubts"] | (messages.STALE if dash.state and dash.state["stale"] else 0)


def label_of(dash, category, is_french):
    """Return what a category is called: by itself in the closed set, by the unit for one that was added."""
    name = dash.names.get(category)
    if name:
        return name["french" if is_french else "english"]
    return (words.FRENCH_LABELS if is_french else words.ENGLISH_LABELS).get(category, "#%d" % category)


def _alert(dash, alert, say, is_french):
    label = label_of(dash, alert["category"], is_french)
    is_urgent = alert["priority"] >= LIFE_SAFETY
    canvas.fill_rect(0, 16, WIDTH, 18, RED if is_urgent else FRAME)
    _text(label, 4, 17, ON if is_urgent else FORE, 2 if len(label) <= 17 else 1, 2)
    more = len(dash.alerts) - 1
    if more:
        _text("+%d" % more, WIDTH - 34, 17, ON if is_urgent else FORE, 2)
    plate = alert["plate"]
    x = (WIDTH - 32 * len(plate)) // 2
    for i in range(len(plate)):
        is_doubtful = alert["shares"][i] < DOUBTFUL
        colour = AMBER if is_doubtful else FORE if dash.is_online else DIM
        _text(plate[i], x + 32 * i, 36, colour, 4)
        if is_doubtful:
            other = words.CONFUSABLE.get(plate[i], "")
            _text("%s/%s" % (plate[i], other) if other else "?", x + 32 * i + 4, 70, AMBER)
    if dash.page:
        _details(alert, say, is_french)
    else:
        _picture(alert, say)
    _verdicts(dash, alert, say, is_french)


def _picture(alert, say):
    picture = alert["picture"]
    if picture is None or alert["drawn"] < messages.PICTURE_BYTES:
        _centred(say["no picture" if picture is None else "picture"], 120, DIM)
        return
    stride, at, place = WIDTH // 2, 0, 79 * (WIDTH // 2) + 8
    for _row in range(messages.PICTURE_HEIGHT):
        to = place
        for at in range(at, at + 72):
            pair = picture[at]
            left, right = _TWICE[pair >> 4], _TWICE[pair & 15]
            buffer[to] = buffer[to + stride] = left
            buffer[to + 1] = buffer[to + stride + 1] = right
            to += 2
        at += 1
        place += 2 * stride


def vehicle_text(vehicle, say):
    """Return the listed vehicle in one line, or why there is none."""
    if vehicle is None:
        return say["coming"]
    if vehicle["detail"] == messages.UNREADABLE:
        return say["unreadable"]
    parts = [str(vehicle["year"])] if vehicle["year"] else []
    parts += [vehicle[name] for name in ("make", "model", "colour", "vehicle_class") if vehicle[name]]
    return " ".join(parts) if parts else say["no vehicle"]


def _details(alert, say, is_french):
    reminders = words.FRENCH_REMINDERS if is_french else words.ENGLISH_REMINDERS
    vehicle = alert["vehicle"]
    rows = glyphs.wrapped(vehicle_text(vehicle, say), COLUMNS - 1)
    if vehicle and vehicle["descriptors"]:
        rows += glyphs.wrapped(vehicle["descriptors"], COLUMNS - 1)
    rows += glyphs.wrapped(reminders.get(alert["category"], ""), COLUMNS - 1)
    rows.append(
        "%s %s, %s"
        % (say["age"], _age(alert["age"], say), say["located" if alert["located"] else "not located"])
    )
    rows.append("%s: %s" % (say["source"], words.SOURCES.get(alert["category"], "?")))
    if not alert["clock"]:
        rows.append(say["untrusted"])
    y = 80
    for row in rows[:9]:
        _text(row, 4, y)
        y += 11


def _verdicts(dash, alert, say, is_french):
    doubts = doubts_of(dash, alert)
    if alert["issuer"] == "??":
        place = say["unknown"]
    elif alert["place"]:
        place = "%s %d %%" % (alert["issuer"], alert["place"])
    else:
        place = "%s: %s" % (alert["issuer"], say["check"])
    _text(
        "%s   %s %d %%" % (place, say["chance"], alert["chance"]), 4, 178, FORE if alert["place"] else AMBER
    )
    if doubts:
        table = words.FRENCH_DOUBTS if is_french else words.ENGLISH_DOUBTS
        reasons = [table[bit] for bit in (1, 2, 4, 8, 16, 32, 64) if doubts & bit]
        title = say["verify" if doubts & messages.STALE else "no grade"]
        rows = glyphs.wrapped(title + ": " + ", ".join(reasons), COLUMNS - 1)[:3]
        canvas.fill_rect(0, 188, WIDTH, 3 + 11 * len(rows), AMBER)
        for number, row in enumerate(rows):
            _text(row, 4, 190 + 11 * number, ON)
        if len(rows) < 3:
            _text(say["next"], 4, 215)
    else:
        canvas.fill_rect(0, 188, WIDTH, 13, GREEN)
        _text(say["grade"], 4, 191, ON)
        _text(vehicle_text(alert["vehicle"], say)[: COLUMNS - 1], 4, 203)
        _text(say["next"], 4, 215)
    if alert["verdict"]:
        canvas.fill_rect(0, 213, WIDTH, 12, FRAME)
        _text(say["sent"], 4, 215)


def _person(person, say, is_french, now):
    _centred(person["plate"], 24, FORE, 3)
    if person["detail"] == messages.LISTED:
        _text(say["owner"] + ":", 8, 64, DIM)
        y = 78
        for row in glyphs.wrapped(person["name"], COLUMNS // 2)[:4]:
            _text(row, 8, y, FORE, 2)
            y += 20
        _text("%s: %s" % (say["lens"], say["lens%d" % person["lens"]]), 8, 162)
    else:
        _centred(say["no owner"], 90, RED, 2)
    reminders = words.FRENCH_REMINDERS if is_french else words.ENGLISH_REMINDERS
    y = 180
    for row in glyphs.wrapped(reminders.get(person["category"], ""), COLUMNS - 2)[:2]:
        _text(row, 8, y, AMBER)
        y += 11
    left = max(0, ticks_diff(person["until"], now)) // 1000
    _text("%d s" % left, WIDTH - 48, 212, DIM)


def _quiet(dash, say, is_french):
    state = dash.state
    if not dash.is_online:
        name = conditions(dash)[0][0]
        canvas.fill_rect(0, 70, WIDTH, 70, RED)
        _centred(say[name], 96, ON, 2)
        return
    if state and state["urgency"] and not dash.session["badge"]:
        canvas.fill_rect(0, 60, WIDTH, 90, RED if state["urgency"] >= LIFE_SAFETY else AMBER)
        _centred(say["waits"], 82, ON, 2)
        _centred(say["log in"], 116, ON)
    elif state and state["paused"]:
        canvas.fill_rect(0, 60, WIDTH, 90, AMBER)
        _centred(say["paused"], 82, ON, 3)
        _centred(say["closed"], 122, ON)
    else:
        _centred(say["quiet"], 96, DIM, 2)
    rows = []
    if dash.session["code"] > 1:
        rows.append((say["s%d" % dash.session["code"]], RED))
    if dash.said:
        rows.append((say["o%d" % dash.said], RED if dash.said == 5 else FORE))
    if dash.batch:
        label = label_of(dash, dash.batch["category"], is_french)
        rows.append(("%d x %s" % (dash.batch["count"], label), DIM))
        rows.append((say["batched"], DIM))
    if state and state["missed"]:
        rows.append(("%d %s" % (state["missed"], say["missed"]), RED))
    y = 162
    for text, colour in rows[:5]:
        _centred(text, y, colour)
        y += 12


def _typing(dash, say):
    is_pin = dash.mode == "pin"
    _centred(say["pin" if is_pin else "badge"], 30, FORE, 2)
    shown = "*" * len(dash.typed) if is_pin else dash.typed
    _centred(shown + "_", 70, FORE, 3)
    for offset in range(-3, 4):
        letter = LETTERS[(dash.letter + offset) % len(LETTERS)]
        x = WIDTH // 2 - 16 + offset * 44
        if offset == 0:
            canvas.fill_rect(x - 6, 134, 44, 44, FRAME)
        _text(letter, x, 140, FORE if offset == 0 else DIM, 4 if offset == 0 else 2)


def _menu(dash, say):
    y = 24
    for number, name in enumerate(MENU):
        text = say[name]
        if name == "m bright":
            text += ": %d" % dash.settings["brightness"]
        elif name == "m volume":
            text += ": %d" % dash.settings["volume"]
        if number == dash.item:
            canvas.fill_rect(0, y - 4, WIDTH, 22, FRAME)
        _text(text, 10, y, FORE if number == dash.item else DIM, 1, 2)
        y += 24


def _report(dash, say):
    question, name, count = STEPS[len(dash.report) - 1]
    _centred(say[question], 24, FORE, 2)
    y = 56
    for number in range(count):
        if number == dash.item:
            canvas.fill_rect(0, y - 4, WIDTH, 22, FRAME)
        _text(say["%s%d" % (name, number + 1)], 20, y, FORE if number == dash.item else DIM, 1, 2)
        y += 26
