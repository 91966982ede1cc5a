"""
What carillon_time does, for Python 2.7: clocks and sleeps in the engine's time. Its threads cannot be told apart well
enough: those besides the first sleep by the machine's clock.
"""

from __future__ import division

import ctypes
import datetime
import gc
import math
import sys
import threading
import time

machine_time, real_sleep = time.time, time.sleep
current_thread = threading.current_thread


class World(object):
    def __init__(self, channel):
        self._channel = channel
        self._base, self._machine_base, self._pace = 0.0, 0.0, 0.0
        self._origin = 0.0
        self._busy = False

    def now_ms(self):
        if not self._pace:
            return self._base
        return self._base + (machine_time() - self._machine_base) * 1000 * self._pace

    def _set(self, now, pace):
        """Time never goes back."""
        self._base, self._machine_base, self._pace = max(now, self.now_ms()), machine_time(), pace

    def install(self, now, pace):
        self._set(now, pace)
        self._origin = now
        self._busy = True
        replace_time(self)
        replace_datetime(self)

    def begin(self, now, pace):
        self._set(now, pace)
        self._busy = True

    def end(self):
        self._busy = False

    def elapsed(self):
        return (self.now_ms() - self._origin) / 1000

    def sleep(self, seconds):
        if seconds < 0:
            raise IOError(22, "Invalid argument")
        if not self._busy or seconds == 0 or not isinstance(current_thread(), threading._MainThread):
            return real_sleep(seconds)
        due = int(math.ceil(self.now_ms() + seconds * 1000))
        while self.now_ms() < due:
            self._channel.send({"type": "waiting", "until": due})
            header, _ = self._channel.receive()
            if header["type"] == "time":
                self._set(header["now"], header["pace"])


def replace_everywhere(module, replacements):
    """Modules that are loaded already may hold the originals by names of their own."""
    originals = dict((id(getattr(module, name)), new) for name, new in replacements.items())
    for other in list(sys.modules.values()):
        if other is None or getattr(other, "__name__", "") in ("bootstrap", "__main__", __name__):
            continue
        for name, value in list(getattr(other, "__dict__", {}).items()):
            if id(value) in originals:
                setattr(other, name, originals[id(value)])


def replace_time(world):
    real = dict((name, getattr(time, name)) for name in dir(time))
    seconds = lambda: world.now_ms() / 1000
    at = lambda name, moment: real[name](seconds() if moment is None else moment)
    local = lambda moment: real["localtime"](seconds()) if moment is None else moment
    replacements = {
        "sleep": world.sleep,
        "time": seconds,
        "clock": world.elapsed,
        "gmtime": lambda moment=None: at("gmtime", moment),
        "localtime": lambda moment=None: at("localtime", moment),
        "ctime": lambda moment=None: at("ctime", moment),
        "asctime": lambda moment=None: real["asctime"](local(moment)),
        "strftime": lambda form, moment=None: real["strftime"](form, local(moment)),
    }
    replace_everywhere(time, replacements)


def replace_datetime(world):
    """The classes stay what they are: C code makes and checks them. Their methods are replaced in place."""

    def now(cls, tz=None):
        return cls.fromtimestamp(world.now_ms() / 1000, tz)

    def utcnow(cls):
        return cls.utcfromtimestamp(world.now_ms() / 1000)

    def today(cls):
        return cls.fromtimestamp(world.now_ms() / 1000)

    for cls, methods in ((datetime.datetime, (now, utcnow)), (datetime.date, (today,))):
        namespace = gc.get_referents(cls.__dict__)[0]
        for method in methods:
            namespace[method.__name__] = classmethod(method)
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(cls))
