"""
The function lives in the engine's time: what tells time and what waits for it, in `time`, `datetime`, `threading`,
`queue`, `select` and `asyncio`. Time stands still while the function runs, and moves when the engine says so.

Every thread runs, waits for a moment, or waits for another thread. When none runs, the process is quiet: the thread that
was the last to wait tells the engine until when, and wakes those whose moment has come. A thread that waits in any way
that is not known here counts as running: it keeps time from moving. But not for longer than another one waits for it, so
that a time limit does come. (Waits are for Python's own locks, handed over by the thread that releases one.)

For Python 3.6 and later; `OLDEST` in engine/src/services/lambda/sandbox/fleet.ts says so, too.
"""

import _thread
import collections
import ctypes
import datetime
import gc
import heapq
import itertools
import os
import queue
import select
import selectors
import subprocess
import sys
import threading
import time

MS = 1000000
SECOND = 1000 * MS

# How long something else than time must be waited for, at the least, before it is taken for something that does not come.
PATIENCE_SECONDS = 1.0

real_lock = _thread.allocate_lock
real_sleep = time.sleep
real_select = select.select
machine_seconds = time.monotonic
thread_id = _thread.get_ident


class Waiter(object):
    """A thread that waits: for a moment, for somebody who wakes it, or for whichever comes first."""

    __slots__ = ("gate", "over", "woken")

    def __init__(self):
        self.gate = real_lock()
        self.gate.acquire()
        # Whether it goes on, and whether somebody woke it.
        self.over = False
        self.woken = False


class World(object):
    """The time of this process, and its threads."""

    def __init__(self, channel):
        self._channel = channel
        # Reentrant, for what the collector of garbage may run at any place.
        self.mutex = _thread.RLock()
        self._moments = []
        self._order = itertools.count()
        self._running = 1
        self._threads = {thread_id()}
        self._base = self._origin = 0
        self._pace = 0
        self._machine_base = 0.0
        self._patience = PATIENCE_SECONDS
        self._told = set()
        # Whether an init phase or an invocation is under way.
        self._busy = False
        # Whether this is a child of the process: it lives in the machine's time.
        self.left = False

    def now(self):
        """Nanoseconds since the epoch; of whole milliseconds."""
        if self._busy and not self.left and self._has_arrived():
            self._take_in()
        return self._reckon()

    def _reckon(self):
        if not self._pace:
            return self._base
        passed = int((machine_seconds() - self._machine_base) * self._pace * 1000)
        return self._base + passed * MS

    def elapsed(self):
        """Nanoseconds since the function's life began."""
        return self.now() - self._origin

    def now_ms(self):
        return self.now() // MS

    def begin(self, now_ms, pace):
        """An init phase or an invocation begins: time has moved, and what is due goes on."""
        with self.mutex:
            self._busy = True
            self._patience = PATIENCE_SECONDS
            self._set(now_ms, pace)
            self._ring_due()

    def end(self):
        """What comes next is for the bootstrap."""
        with self.mutex:
            self._busy = False

    def install(self, now_ms, pace):
        self._set(now_ms, pace)
        self._busy = True
        self._origin = self._base
        replace_time(self)
        replace_datetime(self)
        replace_threading(self)
        replace_select(self)
        watch_leaks(self)

    def leak(self, what):
        if what not in self._told and not self.left:
            self._told.add(what)
            self._channel.send({"type": "leak", "what": what})

    def wait(self, waiter, due=None):
        """Waits, having the mutex, which is free again afterwards; returns whether somebody woke it."""
        if self.left:
            self.mutex.release()
            left = -1 if due is None else max(0, due - self.now()) / SECOND
            waiter.woken = waiter.gate.acquire(True, left)
            return waiter.woken
        if thread_id() not in self._threads:
            self._threads.add(thread_id())
            self._running += 1
        if due is not None:
            heapq.heappush(self._moments, (due, next(self._order), waiter))
        self._running -= 1
        self._let_pass()
        self.mutex.release()
        while not waiter.over:
            if due is None:
                waiter.gate.acquire()
            elif not waiter.gate.acquire(True, self._seconds_until(due)) and not waiter.over:
                self.catch_up(due)
        return waiter.woken

    def wake(self, waiter):
        """Lets a thread go on, having the mutex; returns whether it was waiting."""
        return self._let_go(waiter, True)

    def sleep(self, nanoseconds):
        self.mutex.acquire()
        self.wait(Waiter(), self.now() + nanoseconds)

    def thread_starts(self):
        with self.mutex:
            self._running += 1

    def thread_runs(self):
        with self.mutex:
            self._threads.add(thread_id())

    def thread_ends(self):
        with self.mutex:
            self._threads.discard(thread_id())
            self._running -= 1
            self._let_pass()

    def runs_alone(self):
        with self.mutex:
            return self._running == 1

    def real_seconds(self, nanoseconds):
        """How long a span of virtual time is waited for that something else stands in front of."""
        return max(self._patience, nanoseconds / SECOND) if not self._pace else nanoseconds / SECOND / self._pace

    def catch_up(self, due):
        """As much of the machine's time has passed as there was to the moment: the engine follows."""
        with self.mutex:
            if due <= self.now():
                return
            self._patience = 0
            until = self._tell(due)
            self._set(until, self._pace)
            self._ring_due()

    def _set(self, now_ms, pace):
        self._base = max(self._reckon(), int(now_ms) * MS)
        self._machine_base = machine_seconds()
        self._pace = pace

    def _let_go(self, waiter, woken):
        if waiter.over:
            return False
        waiter.over, waiter.woken = True, woken
        if not self.left:
            self._running += 1
        waiter.gate.release()
        return True

    def _ring_due(self):
        now = self._reckon()
        while self._moments and (self._moments[0][0] <= now or self._moments[0][2].over):
            self._let_go(heapq.heappop(self._moments)[2], False)

    def _let_pass(self):
        """Lets time pass as long as no thread runs."""
        while self._running == 0:
            while self._moments and self._moments[0][2].over:
                heapq.heappop(self._moments)
            if not self._moments:
                return
            until = self._tell(self._moments[0][0])
            frame = self._channel.receive()[0]
            # Those before are answers that nobody waited for.
            while frame["type"] != "time" or frame["now"] < until:
                frame = self._channel.receive()[0]
            self._set(frame["now"], frame["pace"])
            self._ring_due()

    def _has_arrived(self):
        return bool(real_select((self._channel.descriptor,), (), (), 0)[0])

    def _take_in(self):
        """The engine's time has moved while a thread waited for its answer."""
        with self.mutex:
            while self._busy and self._has_arrived():
                frame = self._channel.receive()[0]
                if frame["type"] == "time":
                    self._set(frame["now"], frame["pace"])
            self._ring_due()

    def _tell(self, due):
        until = -(-due // MS)
        self._channel.send({"type": "waiting", "until": until})
        return until

    def _seconds_until(self, due):
        return min(self.real_seconds(max(0, due - self.now())), threading.TIMEOUT_MAX)


class Lock(object):
    """As `_thread.lock`, but a thread that waits for it waits in virtual time."""

    world = None

    def __init__(self):
        self._locked = False
        self._waiters = collections.deque()

    def acquire(self, blocking=True, timeout=-1):
        if not blocking and timeout != -1:
            raise ValueError("can't specify a timeout for a non-blocking call")
        if timeout < 0 and timeout != -1:
            raise ValueError("timeout value must be a non-negative number")
        if timeout > threading.TIMEOUT_MAX:
            raise OverflowError("timeout value is too large")
        world = self.world
        world.mutex.acquire()
        if not self._locked or not blocking or timeout == 0:
            taken = not self._locked
            self._locked = True
            world.mutex.release()
            return taken
        waiter = Waiter()
        self._waiters.append(waiter)
        return world.wait(waiter, None if timeout == -1 else world.now() + int(timeout * SECOND))

    def release(self):
        world = self.world
        with world.mutex:
            if not self._locked:
                raise RuntimeError("release unlocked lock")
            # It is handed over locked to the first who still waits.
            while self._waiters:
                if world.wake(self._waiters.popleft()):
                    return
            self._locked = False

    def locked(self):
        return self._locked

    acquire_lock, release_lock, locked_lock = acquire, release, locked

    def _at_fork_reinit(self):
        self.__init__()

    def __enter__(self):
        self.acquire()
        return True

    def __exit__(self, *_):
        self.release()


class Function(object):
    """As the functions of C: it does not become a method where it is a member of a class."""

    def __init__(self, name, call):
        self.__name__ = self.__qualname__ = name
        self._call = call

    def __call__(self, *args, **kwargs):
        return self._call(*args, **kwargs)

    def __repr__(self):
        return "<built-in function {}>".format(self.__name__)


def replace_everywhere(module, replacements):
    """Modules that are loaded already may hold the originals by names of their own."""
    originals = {id(getattr(module, name)): new for name, new in replacements.items() if hasattr(module, name)}
    for other in list(sys.modules.values()):
        if other is None or getattr(other, "__name__", "") in ("bootstrap", "__main__", __name__):
            continue
        for name, value in list(getattr(other, "__dict__", {}).items()):
            if id(value) in originals:
                setattr(other, name, originals[id(value)])


def replace_time(world):
    now, elapsed = world.now, world.elapsed
    real = {name: getattr(time, name) for name in dir(time)}

    def sleep(seconds):
        nanoseconds = int(seconds * SECOND)
        if nanoseconds < 0:
            raise ValueError("sleep length must be non-negative")
        if nanoseconds == 0 or world.left:
            return real_sleep(seconds)
        return world.sleep(nanoseconds)

    def clock_ns(clock):
        clocks = {real.get("CLOCK_REALTIME"): now, real.get("CLOCK_MONOTONIC"): elapsed}
        for name in ("CLOCK_MONOTONIC_RAW", "CLOCK_BOOTTIME", "CLOCK_UPTIME"):
            clocks.setdefault(real.get(name), elapsed)
        read = clocks.get(clock)
        return read() if read else int(real["clock_gettime"](clock) * SECOND)

    seconds = lambda: now() / SECOND
    elapsed_seconds = lambda: elapsed() / SECOND
    replacements = {
        "sleep": sleep,
        "time": seconds,
        "time_ns": now,
        "monotonic": elapsed_seconds,
        "monotonic_ns": elapsed,
        "perf_counter": elapsed_seconds,
        "perf_counter_ns": elapsed,
        "clock": elapsed_seconds,
        "clock_gettime": lambda clock: clock_ns(clock) / SECOND,
        "clock_gettime_ns": clock_ns,
        "gmtime": lambda at=None: real["gmtime"](seconds() if at is None else at),
        "localtime": lambda at=None: real["localtime"](seconds() if at is None else at),
        "ctime": lambda at=None: real["ctime"](seconds() if at is None else at),
        "asctime": lambda at=None: real["asctime"](real["localtime"](seconds()) if at is None else at),
        "strftime": lambda form, at=None: real["strftime"](form, real["localtime"](seconds()) if at is None else at),
    }
    replace_everywhere(time, {name: Function(name, call) for name, call in replacements.items()})


def replace_datetime(world):
    """The classes stay what they are: C code makes and checks them. Their methods are replaced in place."""

    def now(cls, tz=None):
        return cls.fromtimestamp(world.now() / SECOND, tz)

    def utcnow(cls):
        return cls.fromtimestamp(world.now() / SECOND, datetime.timezone.utc).replace(tzinfo=None)

    def today(cls):
        return cls.fromtimestamp(world.now() / SECOND)

    for cls, methods in ((datetime.datetime, (now, utcnow)), (datetime.date, (today,))):
        namespace = gc.get_referents(cls.__dict__)[0]
        for method in methods:
            namespace[method.__name__] = classmethod(method)
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(cls))


def replace_threading(world):
    Lock.world = world
    threading.Lock = threading._allocate_lock = Lock
    threading._CRLock = None
    if hasattr(queue, "_PySimpleQueue"):
        queue.SimpleQueue = queue._PySimpleQueue

    def counted(function):
        """The thread's life, from before its start; who joins it waits for it as for a lock."""
        thread = getattr(function, "__self__", None)
        over = Lock()
        over.acquire()
        if isinstance(thread, threading.Thread):
            thread._carillon_over = over
        world.thread_starts()

        def live(*args, **kwargs):
            world.thread_runs()
            try:
                return function(*args, **kwargs)
            finally:
                over.release()
                world.thread_ends()

        return live

    def starting(real):
        def start(function, *args, **kwargs):
            try:
                return real(counted(function), *args, **kwargs)
            except BaseException:
                world.thread_ends()
                raise

        return start

    for module, name in ((threading, "_start_new_thread"), (threading, "_start_joinable_thread"), (_thread, "start_new_thread")):
        if hasattr(module, name):
            setattr(module, name, starting(getattr(module, name)))
    real_join = threading.Thread.join

    def join(self, timeout=None):
        over = getattr(self, "_carillon_over", None)
        if over is not None and self is not threading.current_thread():
            if not over.acquire(True, -1 if timeout is None else max(0, timeout)):
                return None
            over.release()
        return real_join(self, timeout)

    threading.Thread.join = join
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: setattr(world, "left", True))


def pipe_of_loop(key):
    """asyncio's event loop, if this is the end of its own pipe, by which other threads wake it."""
    handle = key.data[0] if isinstance(key.data, tuple) and key.data else None
    callback = getattr(handle, "_callback", None)
    return callback.__self__ if getattr(callback, "__name__", "") == "_read_from_self" else None


def watch_wakes(world, loop):
    """Whoever writes to the pipe of an event loop wakes the thread that waits in it."""
    if hasattr(loop, "_carillon_waiter"):
        return
    loop._carillon_waiter = None
    real = loop._write_to_self

    def write_to_self():
        real()
        with world.mutex:
            if loop._carillon_waiter is not None:
                world.wake(loop._carillon_waiter)

    loop._write_to_self = write_to_self


def wait_in_loop(world, loop, due):
    watch_wakes(world, loop)
    world.mutex.acquire()
    waiter = loop._carillon_waiter = Waiter()
    world.wait(waiter, due)
    loop._carillon_waiter = None


def replace_select(world):
    def virtual(real):
        def wait(self, timeout=None):
            ready = real(self, 0)
            if ready or world.left or (timeout is not None and timeout <= 0):
                return ready if not world.left else real(self, timeout)
            due = None if timeout is None else world.now() + -(-int(timeout * SECOND * 1000) // 1000)
            loops = [pipe_of_loop(key) for key in self.get_map().values()]
            if len(loops) == 1 and loops[0] is not None:
                wait_in_loop(world, loops[0], due)
                return real(self, 0)
            if due is None:
                return real(self)
            if not loops:
                world.sleep(due - world.now())
                return []
            ready = real(self, world.real_seconds(due - world.now()))
            if not ready and world.runs_alone():
                world.catch_up(due)
            return ready

        return wait

    for name in ("SelectSelector", "PollSelector", "EpollSelector", "DevpollSelector", "KqueueSelector"):
        selector = getattr(selectors, name, None)
        if selector is not None:
            selector.select = virtual(selector.select)

    def select_(readers, writers, others, timeout=None):
        if timeout is not None and timeout > 0 and not (readers or writers or others):
            time.sleep(timeout)
            return [], [], []
        return real_select(readers, writers, others, timeout)

    select.select = select_


def watch_leaks(world):
    def watched(what, real):
        def call(*args, **kwargs):
            world.leak(what)
            return real(*args, **kwargs)

        return call

    for name in ("fork", "forkpty", "system", "posix_spawn", "posix_spawnp", "popen"):
        if hasattr(os, name):
            setattr(os, name, watched("os." + name, getattr(os, name)))
    popen = subprocess.Popen.__init__

    def init(self, *args, **kwargs):
        world.leak("subprocess")
        return popen(self, *args, **kwargs)

    subprocess.Popen.__init__ = init
    import signal

    for name in ("alarm", "setitimer", "pause", "sigtimedwait"):
        if hasattr(signal, name):
            setattr(signal, name, watched("signal." + name, getattr(signal, name)))
