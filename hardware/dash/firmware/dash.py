"""What the dash unit holds and what its buttons do. No I/O: the link, the display and the board ask it.

Three buttons: A (green), B (red), C (yellow); a knob that turns and can be pushed. What a button does is
written above it on the screen.
"""

import messages
import wire
from time import ticks_add, ticks_diff

SLOTS = 4
MAX_RECENT = 32
MAX_PERSONS = 2
HOLD_KEYS_MS = 700
SAID_MS = 6000
BATCH_MS = 20000
LOWEST_VOLUME = 3
LIFE_SAFETY = 4
SEALED, REFUSED_NO_SESSION = 1, 4
CONFIRMED, MISREAD, WRONG_PLACE, DISMISSED = 1, 2, 3, 5
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
LEAST_PIN, MOST_PIN, MOST_BADGE = 4, 16, 16
MENU = ("m dismiss", "m hand", "m log out", "m mute", "m bright", "m volume", "m light", "m tongue")
STEPS = (("q live", "live", 3), ("q action", "action", 6), ("q notice", "notice", 2))


class Dash:
    """The whole of the dash. ``is_changed`` says that the screen must be drawn again."""

    def __init__(self):
        self.link = None
        self.state = None
        self.session = {"code": 0, "badge": ""}
        self.settings = {"brightness": 7, "volume": 7, "light": 0, "tongue": 1}
        self.alerts = {}
        self.persons = {}
        self.names = {}
        self.batch = None
        self.said = None
        self.mode = "main"
        self.typed = self.badge = ""
        self.letter = self.item = self.page = 0
        self.report = None
        self.sounds = []
        self.shown = 0
        self.is_changed = True
        self._recent = []
        self._urgency = 0
        self._front = None
        self._front_since = 0
        self._said_until = self._batch_until = 0

    @property
    def is_online(self):
        """Whether the unit is there."""
        return self.link is not None and self.link.phase == 1

    def front(self):
        """Return the alert that is to be answered first, None without one."""
        best = None
        for alert in self.alerts.values():
            rank = (alert["verdict"] == 0, alert["priority"])
            if best is None or rank > (best["verdict"] == 0, best["priority"]):
                best = alert
        return best

    def went_up(self):
        """Begin anew with a unit that tells all."""
        self._clear()
        self.names = {}
        self.is_changed = True

    def went_down(self):
        """Forget the owner and who is logged in; alerts stay, marked as of before."""
        self.persons = {}
        self.session = {"code": 0, "badge": ""}
        self.state = None
        self._urgency = 0
        self.mode = "main"
        self.report = None
        self.is_changed = True

    def take_in(self, kind, fields, now):
        """Take what the unit says; False is not to be acknowledged."""
        self.is_changed = True
        if kind == wire.STATE:
            return self._take_state(fields)
        if kind == wire.ALERT:
            return self._take_alert(fields)
        if kind in (wire.PICTURE, wire.VEHICLE, wire.UPDATE):
            alert = self.alerts.get(fields["id"])
            return alert is not None and self._add(alert, kind, fields)
        if kind == wire.OUTCOME:
            self._end(fields, now)
        elif kind == wire.PERSON:
            if len(self.persons) >= MAX_PERSONS:
                del self.persons[next(iter(self.persons))]
            fields["until"] = ticks_add(now, fields["seconds"] * 1000)
            self.persons[fields["id"]] = fields
        elif kind == wire.SESSION:
            self._take_session(fields)
        elif kind == wire.SETTINGS:
            self.settings = fields
        elif kind == wire.CATEGORY:
            self.names[fields["number"]] = fields
        elif kind == wire.BATCH:
            self.batch, self._batch_until = fields, ticks_add(now, BATCH_MS)
        return True

    def tick(self, now):
        """Let owners, and what was said, go when their time is over; find out whom the buttons are for."""
        for number, person in list(self.persons.items()):
            if ticks_diff(now, person["until"]) >= 0:
                del self.persons[number]
                self.is_changed = True
        if self.said and ticks_diff(now, self._said_until) >= 0:
            self.said, self.is_changed = None, True
        if self.batch and ticks_diff(now, self._batch_until) >= 0:
            self.batch, self.is_changed = None, True
        front = self.front()
        number = front["id"] if front else None
        if number != self._front:
            self._front, self._front_since, self.page = number, now, 0
            self.is_changed = True

    def buttons(self):
        """Return the words that stand above the three buttons."""
        if self.mode in ("badge", "pin"):
            return ("b ok", "b erase", "b back")
        if self.mode == "menu":
            return ("b ok", "", "b back")
        if self.mode == "report":
            return ("b ok", "", "b later")
        front = self.front()
        if front and not front["verdict"]:
            return ("b confirm", "b misread", "b place")
        if self.persons:
            return ("", "", "b down")
        if not self.is_online:
            return ("", "b menu", "")
        is_paused = self.state is not None and self.state["paused"]
        return ("" if self.session["badge"] else "b log in", "b menu", "b resume" if is_paused else "b pause")

    def press(self, key, now):
        """Do what a button or the knob says: a, b, c, push, left, right."""
        self.is_changed = True
        if self.mode in ("badge", "pin"):
            self._type(key)
        elif self.mode == "menu":
            self._choose(key)
        elif self.mode == "report":
            self._go_on(key)
        elif key in ("left", "right"):
            self.page = 1 - self.page
        elif key == "push":
            self.mode, self.item = "menu", 0
        else:
            self._answer(key, now)

    def _answer(self, key, now):
        front = self.front()
        if front and not front["verdict"]:
            if ticks_diff(now, self._front_since) < HOLD_KEYS_MS or front["id"] != self._front:
                return  # the button was meant for what stood there before
            verdict = {"a": CONFIRMED, "b": MISREAD, "c": WRONG_PLACE}[key]
            self._give(front, verdict)
        elif self.persons:
            if key == "c":
                del self.persons[next(iter(self.persons))]
        elif key == "a" and not self.session["badge"]:
            self.mode, self.typed, self.letter = "badge", "", 0
        elif key == "b":
            self.mode, self.item = "menu", 0
        elif key == "c":
            is_paused = self.state is not None and self.state["paused"]
            self.link.ask(wire.PAUSE, bytes((not is_paused,)))

    def _give(self, alert, verdict):
        if self.link.ask(wire.VERDICT, messages.make_verdict(alert["id"], verdict)):
            alert["verdict"] = verdict

    def _type(self, key):
        if key in ("left", "right"):
            self.letter = (self.letter + (1 if key == "right" else -1)) % len(LETTERS)
        elif key == "push":
            if len(self.typed) < (MOST_BADGE if self.mode == "badge" else MOST_PIN):
                self.typed += LETTERS[self.letter]
        elif key == "b":
            self.typed = self.typed[:-1]
        elif key == "c":
            self.mode, self.typed, self.badge = "main", "", ""
        elif self.mode == "badge":
            if self.typed:
                self.mode, self.badge, self.typed = "pin", self.typed, ""
        elif len(self.typed) >= LEAST_PIN and self.link.log_in(self.badge, self.typed):
            self.mode, self.typed, self.badge = "main", "", ""

    def _choose(self, key):
        if key == "c":
            self.mode = "main"
            return
        name = MENU[self.item]
        is_level = name in ("m bright", "m volume")
        if key in ("left", "right"):
            self.item = (self.item + (1 if key == "right" else -1)) % len(MENU)
        elif is_level:
            level = "brightness" if name == "m bright" else "volume"
            self.settings[level] = (self.settings[level] + 1) % 11
            self._adjust()
        else:
            self._do(name)

    def _do(self, name):
        front = self.front()
        self.mode = "main"
        if name == "m dismiss" and front and not front["verdict"]:
            self._give(front, DISMISSED)
        elif name == "m hand":
            self.mode, self.typed, self.letter = "badge", "", 0
        elif name == "m log out":
            self.persons = {}
            self.link.ask(wire.LOG_OUT)
        elif name == "m mute":
            muted = self.state["muted"] if self.state else 0
            self.link.ask(wire.MUTE, bytes((muted ^ 1,)))
        elif name == "m light":
            self.settings["light"] = (self.settings["light"] + 1) % 3
            self._adjust()
        elif name == "m tongue":
            self.settings["tongue"] = 3 - self.settings["tongue"]
            self._adjust()

    def _adjust(self):
        chosen = self.settings
        self.link.ask(
            wire.ADJUST,
            bytes((chosen["brightness"], chosen["volume"], chosen["light"], chosen["tongue"])),
        )

    def _go_on(self, key):
        if key == "c":
            self.mode, self.report = "main", None
        elif key in ("left", "right"):
            count = STEPS[len(self.report) - 1][2]
            self.item = (self.item + (1 if key == "right" else -1)) % count
        elif key in ("a", "push"):
            self.report.append(self.item + 1)
            self.item = 0
            is_no_stop = len(self.report) == 3 and self.report[2] == 1
            if is_no_stop:
                self.report.append(0)
            if len(self.report) == 4:
                self.link.ask(wire.REPORT, messages.make_report(*self.report))
                self.mode, self.report = "main", None

    def _take_state(self, fields):
        if fields["urgency"] > self._urgency:
            self._sound(fields["urgency"])
        self._urgency = fields["urgency"]
        self.state = fields
        return True

    def _take_session(self, fields):
        if fields["badge"] != self.session["badge"]:
            self._clear()
            self.persons = {}
            self.mode, self.report = "main", None
        self.session = fields

    def _take_alert(self, fields):
        number = fields["id"]
        if number in self.alerts or len(self.alerts) >= SLOTS:
            return False
        fields["picture"] = bytearray(messages.PICTURE_BYTES) if fields["has_picture"] else None
        fields["drawn"] = 0
        fields["vehicle"] = None
        fields["verdict"] = 0
        self.alerts[number] = fields
        mark = (number, fields["captured"])
        if mark not in self._recent:
            self._recent.append(mark)
            self._recent = self._recent[-MAX_RECENT:]
            self.shown += 1
            if not fields["doubts"] & messages.ANSWERED_BEFORE:
                self._sound(fields["priority"])
        self.mode, self.report, self.typed = "main", None, ""  # an alert goes before what can wait
        return True

    def _add(self, alert, kind, fields):
        if kind == wire.VEHICLE:
            alert["vehicle"] = fields
        elif kind == wire.UPDATE:
            for name in ("chance", "place", "doubts"):
                alert[name] = fields[name]
        else:
            offset, part = fields["offset"], fields["part"]
            if alert["picture"] is None or offset not in (alert["drawn"], 0):
                return False
            alert["picture"][offset : offset + len(part)] = part
            alert["drawn"] = offset + len(part)
            self.is_changed = alert["drawn"] == messages.PICTURE_BYTES
        return True

    def _end(self, fields, now):
        number, outcome = fields["id"], fields["outcome"]
        alert = self.alerts.get(number)
        if outcome == REFUSED_NO_SESSION:
            if alert:
                alert["verdict"] = 0
        elif alert:
            self._wipe(alert)
            del self.alerts[number]
            if outcome == SEALED and not self.front():
                self.mode, self.report, self.item = "report", [number], 0
        self.said, self._said_until = outcome, ticks_add(now, SAID_MS)

    def _clear(self):
        for alert in self.alerts.values():
            self._wipe(alert)
        self.alerts = {}

    @staticmethod
    def _wipe(alert):
        picture = alert["picture"]
        if picture is not None:
            for i in range(len(picture)):
                picture[i] = 0
        alert["plate"] = ""
        alert["vehicle"] = None

    def _sound(self, priority):
        volume = self.settings["volume"]
        if priority >= LIFE_SAFETY:
            volume = max(volume, LOWEST_VOLUME)
        self.sounds.append((priority, volume))
