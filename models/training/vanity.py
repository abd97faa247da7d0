"""Personal serials: short texts made as drivers make them, of words, names, syllables and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from alprd.plates.alphabet import CHARACTERS

if TYPE_CHECKING:
    import numpy as np

WORDS: Final = tuple(
    """
    ACE ADVENTUR AGENT AMIGO ANGEL APPLE ARTIST AUNT AURORA AVIATOR BABY BACON BAD BANKER BASS BEACH BEAR
    BEAST BEAUTY BEE BELLA BEST BIG BIKER BIRD BISON BLACK BLUE BOAT BOB BOSS BOY BRAVO BREW BRO BUG BULL
    BUNNY CAB CAKE CANADA CAPTAIN CARS CASH CAT CHEF CHIEF COACH COFFEE COOL COWBOY CRAZY CREW CRUISE CUTE
    DAD DANCE DARK DAWG DAY DEER DENTIST DEVIL DIESEL DIVA DOC DOG DRAGON DREAM DRIVE DUCK DUDE EAGLE EASY
    ELECTRIC ELK ESCAPE FAMILY FARM FAST FISH FIT FLASH FLY FORD FOX FREE FROG FUN GAME GAS GATOR GEEK
    GHOST GIRL GO GOALIE GOLD GOLF GOOD GOOSE GRACE GRAMMA GREEN GUITAR GURU GYM HAPPY HAWK HEAVEN HERO
    HIKE HOCKEY HOG HOME HONEY HOPE HORSE HOT HUG HUNTER ICE IRISH ISLAND JAZZ JEEP JET JOY JUMP JUST
    KARMA KAYAK KEEP KID KING KISS KIWI KOOL LADY LAKE LAW LEAF LEGEND LIFE LION LOON LOVE LUCKY LUNA MAD
    MAGIC MAMA MAN MAPLE MAX ME MIKE MILES MINE MOM MONEY MOOSE MOTOR MOUSE MUSIC MY NANA NANNY NEW NICE
    NINJA NO NOMAD NURSE OCEAN ONE OTTER OUR OUT PANDA PAPA PARTY PEACE PILOT PIRATE PIZZA PONY POPPY
    POWER PRINCE PUCK QUEEN QUICK QUIET QUILT RACE RACER RAIN RANCH REBEL RED RIDE RIVER ROAD ROCK ROCKET
    ROSE ROYAL RUN RUNNER SAIL SALSA SASSY SEA SHARK SHINE SHOP SKI SKY SLOW SMILE SNOW SOCCER SOUL SPEED
    SPIRIT STAR STORM SUGAR SUN SURF SWEET TANGO TEACH TEAM TIGER TIME TOY TRAVEL TREE TRUCK TRUST TURBO
    TURTLE UNCLE UNITY VEGAN VETTE VIKING VINO VIP WALK WAVE WHEELS WHITE WILD WIND WINE WINNER WOLF WORLD
    YES YOGA YOU ZEN ZERO ZOOM AMOUR BEBE BIJOU BISOUS BONJOUR CHAT CHIEN COEUR COLIBRI ETOILE FAMILLE
    FLEUR FOU JOIE LOUP LUNE MAMAN MER MOTO NEIGE PAPI PETIT REVE ROI SOLEIL TOUT VIE VITE VOILE ADAM ALEX
    AMY ANNA BEN CARLOS CHLOE DAN DAVE EMMA ERIC EVA FRANK GINA GRACIE HUGO IVAN JACK JANE JOHN JULIE
    KAREN KATE KEN LEO LILY LISA LOUIS LUC MARIA MARK MARTY MIA MONA NICK NOAH OLIVER OLGA PAM PAUL PETE
    QUINN RAJ ROB ROXY SAM SARA SINGH SOFIA STEVE SUE TED TINA TOM TONY URSULA VIC WALTER XENA YVES ZACK
    ZOE KHAN PATEL WONG LEE NGUYEN SMITH BROWN
    """.split()  # noqa: SIM905 - a table of words reads best as words
)
SHORT: Final = tuple(
    """
    GR8 L8R 4U 2U 4ME 2FAST B4 M8 W8 N1 NO1 1ST 2ND U2 L8 IM I UR MY R C U B K9 GO OH 4X4 EV LV LUV GRL
    BOI MR MRS MS DR THE LE LA MON 1 2 3 4 5 7 8 9 07 69 88 99 007 II III IV X XX XO XOXO OO Q QT ABC USA
    NY LA TX GT
    """.split()  # noqa: SIM905
)
_LEET: Final = {
    "TO": "2", "FOR": "4", "ATE": "8", "EAT": "8", "ONE": "1", "TWO": "2", "FOUR": "4", "YOU": "U",
    "ARE": "R", "O": "0", "E": "3", "A": "4", "S": "5", "I": "1", "CK": "K", "X": "XX",
}  # fmt: skip
_STARTS: Final = ("B", "BL", "BR", "C", "CH", "D", "DR", "F", "FL", "G", "GR", "H", "J", "K", "L", "M", "N",
                  "P", "QU", "R", "S", "SH", "SL", "ST", "T", "TR", "V", "W", "Y", "Z", "")  # fmt: skip
_MIDDLES: Final = ("A", "E", "I", "O", "U", "AI", "EA", "EE", "OO", "OU", "Y", "IE")
_ENDS: Final = ("", "", "B", "CK", "D", "FF", "G", "L", "LL", "M", "N", "NN", "NG", "P", "R", "S", "SS", "T",
                "TT", "X", "ZZ")  # fmt: skip


def draw_vanity(rng: np.random.Generator, limit: int = 7) -> str:
    """Return a personal serial of 2 to ``limit`` characters; ``^`` is a heart or the like, never read."""
    for _ in range(20):
        text = _draft(rng)
        if rng.random() < 0.12:
            text = text.replace(" ", "^", 1) if " " in text else text + "^"
        if 2 <= sum(mark.isalnum() for mark in text) <= limit:
            return text.strip()
    return _word(rng)[:limit].ljust(2, "X")


def _draft(rng: np.random.Generator) -> str:
    kind = rng.random()
    if kind < 0.22:
        draft = _word(rng)
    elif kind < 0.40:
        draft = _join(rng, _word(rng), _short(rng))
    elif kind < 0.52:
        draft = _join(rng, _short(rng), _word(rng))
    elif kind < 0.66:
        draft = _join(rng, _word(rng), _word(rng))
    elif kind < 0.86:
        draft = _syllables(rng)
    elif kind < 0.94:
        draft = _join(rng, _syllables(rng), _short(rng))
    else:
        draft = "".join(CHARACTERS[int(i)] for i in rng.integers(36, size=int(rng.integers(2, 8))))
    return draft


def _join(rng: np.random.Generator, first: str, second: str) -> str:
    kind = rng.random()
    return first + (" " if kind < 0.45 else "-" if kind < 0.5 else "") + second


def _short(rng: np.random.Generator) -> str:
    return SHORT[int(rng.integers(len(SHORT)))]


def _word(rng: np.random.Generator) -> str:
    word = WORDS[int(rng.integers(len(WORDS)))]
    kind = rng.random()
    if kind < 0.15:
        old, new = list(_LEET.items())[int(rng.integers(len(_LEET)))]
        word = word.replace(old, new)
    elif kind < 0.35 and len(word) > 4:  # written without its vowels
        word = word[0] + "".join(mark for mark in word[1:] if mark not in "AEIOU")
    elif kind < 0.42:
        place = int(rng.integers(len(word)))
        word = word[:place] + word[place] * int(rng.integers(1, 3)) + word[place:]
    elif kind < 0.5:
        word += "S" if rng.random() < 0.6 else "ZZ"
    return word


def _syllables(rng: np.random.Generator) -> str:
    parts: list[str] = []
    for _ in range(int(rng.integers(1, 4))):
        parts.extend(table[int(rng.integers(len(table)))] for table in (_STARTS, _MIDDLES, _ENDS))
    return "".join(parts)
