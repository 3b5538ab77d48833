"""Words of numbers, and one WAV of chime, sentence, pause, sentence."""

from __future__ import annotations

import math
import shutil
import wave
from array import array
from io import BytesIO

import numpy as np
import pytest

from display.board import Announcement
from display.voice import engines, samples
from display.voice.chime import RATE, chime
from display.voice.words import count, digits, sentence

CALL = Announcement(1, "call", "1008", "3", "tu-phap")


def tone(seconds: float, peak: float) -> samples.Samples:
    return array("h", (round(math.sin(i * 0.1) * peak * 32767) for i in range(int(seconds * RATE))))


def test_the_sentence_is_the_designs() -> None:
    said = sentence(CALL, "Quầy 3", "vi")
    assert said == "Mời công dân có số thứ tự một không không tám, đến quầy số ba."


def test_in_english() -> None:
    assert sentence(CALL, "Desk 3", "en") == "Number one zero zero eight, please go to desk three."


def test_a_language_without_a_voice_speaks_vietnamese() -> None:
    assert sentence(CALL, "Quầy 3", "mtq") == sentence(CALL, "Quầy 3", "vi")


def test_a_desk_without_a_number_is_said_by_its_name() -> None:
    named = Announcement(1, "recall", "1008", "uu-tien", "tu-phap")
    assert sentence(named, "quầy ưu tiên", "vi").endswith("đến quầy ưu tiên.")


def test_a_call_taken_back() -> None:
    back = Announcement(2, "withdrawn", "1006", "", "")
    assert sentence(back, "", "vi") == "Số một không không sáu xin vui lòng chờ."


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (0, "không"), (4, "bốn"), (5, "năm"), (10, "mười"), (11, "mười một"), (14, "mười bốn"), (15, "mười lăm"),
        (20, "hai mươi"), (21, "hai mươi mốt"), (24, "hai mươi bốn"), (25, "hai mươi lăm"), (91, "chín mươi mốt"),
    ],
)  # fmt: skip
def test_counting_in_vietnamese(n: int, words: str) -> None:
    assert count(n, "vi") == words


@pytest.mark.parametrize(
    ("n", "words"), [(7, "seven"), (10, "ten"), (15, "fifteen"), (20, "twenty"), (42, "forty-two")]
)
def test_counting_in_english(n: int, words: str) -> None:
    assert count(n, "en") == words


def test_no_number_up_to_99_sounds_like_another() -> None:
    for lang in ("vi", "en"):
        assert len({count(n, lang) for n in range(100)}) == 100


def test_digits_are_said_one_by_one() -> None:
    assert digits("19101", "vi") == "một chín một không một"


def test_an_announcement_is_chime_and_sentence() -> None:
    words = tone(1.0, 0.3)
    whole = np.array(samples.announcement(words))
    head = len(chime()) + int(samples.LEAD * RATE)
    assert (whole[: len(chime())] == np.array(chime())).all()
    assert (whole[head : head + RATE] == np.array(words)).all()
    assert len(whole) == head + RATE + int(samples.TAIL * RATE)
    assert samples.announcement(words) == samples.announcement(words), "the chime is kept, and stays as it is"


def test_a_repetition_is_a_pause_and_the_sentence() -> None:
    words = tone(1.0, 0.3)
    whole = np.array(samples.repetition(words))
    pause = int(samples.PAUSE * RATE)
    assert not whole[:pause].any()
    assert (whole[pause : pause + RATE] == np.array(words)).all()
    assert len(whole) == pause + RATE + int(samples.TAIL * RATE)


def test_without_a_voice_the_chime_still_sounds() -> None:
    alone = samples.announcement(engines.Silent().say("Mời", "vi"))
    assert alone[: len(chime())] == chime()
    assert samples.seconds(alone) < 2


@pytest.mark.parametrize("peak", [0.02, 0.2, 0.9])
def test_loudness_is_the_same_whatever_came_in(peak: float) -> None:
    loud = samples.level(tone(2.0, peak))
    assert 20 * math.log10(samples.rms(loud)) == pytest.approx(samples.LOUDNESS, abs=0.5)
    assert max(abs(sample) for sample in loud) < 32767


def test_silence_stays_silence() -> None:
    quiet = array("h", bytes(2000))
    assert samples.level(quiet) == quiet


def test_a_wav_reads_back_as_it_was() -> None:
    sound = tone(0.5, 0.5)
    with wave.open(BytesIO(samples.to_wav(sound))) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
    assert engines.read_wav(samples.to_wav(sound)) == sound


@pytest.mark.parametrize("data", [b"", b"RIFF", b"no sound at all" * 20, samples.to_wav(array("h"))])
def test_an_answer_without_sound_is_mute(data: bytes) -> None:
    with pytest.raises(engines.Mute):
        engines.read_wav(data)


def test_a_missing_program_is_said() -> None:
    with pytest.raises(engines.Mute, match="not installed"):
        engines.Espeak(which=lambda _: None)


def test_a_program_that_fails_is_mute() -> None:
    with pytest.raises(engines.Mute):
        engines.Espeak(which=lambda _: shutil.which("false") or "no-such-program").say("Mời", "vi")


def test_espeak_speaks_at_the_wanted_loudness_and_length() -> None:
    said = engines.Espeak().say(sentence(CALL, "Quầy 3", "vi"), "vi")
    assert 4 < samples.seconds(said) < 8
    assert 20 * math.log10(samples.rms(said)) == pytest.approx(samples.LOUDNESS, abs=1)


def test_different_numbers_sound_different() -> None:
    engine = engines.Espeak()
    one, other = engine.say(digits("1005", "vi"), "vi"), engine.say(digits("1006", "vi"), "vi")
    assert one != other
