"""The line-haul as compiled loops over items: what `sim.stops`, `sim.centres` and `sim.haul` do in arrays.

Only `sim.compiled_haul` calls this, and only where numba is installed.  A queue is a chain of slots:
``queue[q]`` holds its first slot, its last and how many there are, ``nxt[slot]`` the slot behind.  A batch
is a queue with a second, in a calendar of its stop: what joins the lanes then, what a trip brings then, or
what chooses again then.

`pool` are columns of the items under way, `state` is what `sim.compiled_haul` lays out.  All whole numbers:
results are those of the array functions, bit by bit.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from network.model import DAY_S, WEEK_S
from sim.centres import HOUR_S
from sim.custody import BOARDED, UNLOADED
from sim.departures import HOME
from sim.draws import ODD
from sim.items import RANK_BITS, SECONDS_BITS

__all__ = [
    "advance",
    "advance_all",
    "board",
    "chain",
    "choose_again",
    "expect",
    "lengths",
    "relink",
    "take_in",
]

# Columns of queues and batches; a batch has the others as well.
HEAD, TAIL, COUNT, TIME, NEXT, MASS, SPACE, ARG = range(8)
# Queues that are there once.
AT_HOME, ENDED, LEFT = range(3)
# Queues of each stop, from its column QUEUES on: what comes from outside, what is in the sorters, and what
# waits for a lane by priority.
STREAM, SORTING, WAITING = range(3)
PRIORITIES = 16
STOP_QUEUES = WAITING + PRIORITIES
# Counters.
FREE, USED, NOTES = range(3)
# Rows of a load, by position on the way: when it comes, its batch at that stop, and what is aboard when it
# leaves.
ARRIVE, BATCH, ITEMS, GRAMS, CM3 = range(5)
# Columns of a stop.
(
    LANES, LANE_RATE, LANE_AT, LANE_NEXT, SORTERS, SORTER_RATE, SORTER_AT, SORTER_NEXT,
    JOINED, WAITED, WAITED_S, WAITS, RECHECK_S, DONE_S, GATEWAY,
    DUE, COMING, AGAIN, QUEUES, LINES, HOURS_AT, WINDOWS, WORKED_DAY_S,
    TIMES_AT, TIMES, TABLE_AT, CODES, ROW, AFTER, UNTIL, HANDLING,
) = range(31)  # fmt: skip
STOP_COLUMNS = HANDLING + 3
NEVER_S = np.int64(1) << 62
_SEED = np.uint64(ODD)


@njit(cache=True)
def _append(queue, nxt, q, slot):
    nxt[slot] = -1
    if queue[q, HEAD] < 0:
        queue[q, HEAD] = slot
    else:
        nxt[queue[q, TAIL]] = slot
    queue[q, TAIL] = slot
    queue[q, COUNT] += 1


@njit(cache=True)
def _clear(queue, q):
    queue[q, HEAD] = queue[q, TAIL] = -1
    queue[q, COUNT] = 0


@njit(cache=True)
def _batch(state, s, calendar, time, arg):
    """Return the batch of a stop's calendar at `time` and with `arg`, a new one if there is none."""
    batch, stops, counters = state[0], state[2], state[3]
    before, b = -1, stops[s, calendar]
    while b >= 0 and batch[b, TIME] <= time:
        if batch[b, TIME] == time and batch[b, ARG] == arg:
            return b
        before, b = b, batch[b, NEXT]
    new = counters[FREE]
    if new >= 0:
        counters[FREE] = batch[new, NEXT]
    else:
        new = counters[USED]
        counters[USED] += 1
    _clear(batch, new)
    batch[new, TIME], batch[new, NEXT], batch[new, ARG] = time, b, arg
    batch[new, MASS] = batch[new, SPACE] = 0
    if before < 0:
        stops[s, calendar] = new
    else:
        batch[before, NEXT] = new
    return new


@njit(cache=True)
def _pop(state, s, calendar):
    """Take the first batch out of a calendar and return its first slot."""
    batch, stops, counters = state[0], state[2], state[3]
    b = stops[s, calendar]
    stops[s, calendar] = batch[b, NEXT]
    batch[b, NEXT] = counters[FREE]
    counters[FREE] = b
    return batch[b, HEAD]


@njit(cache=True)
def _worked(state, s, time):
    """As `network.hours.Hours.worked`."""
    stops, fixed = state[2], state[4]
    windows, at = stops[s, WINDOWS], stops[s, HOURS_AT]
    if windows == 0:
        return time
    total = time // DAY_S * stops[s, WORKED_DAY_S]
    second = time % DAY_S
    for w in range(windows):
        opens, closes = fixed[at + 4 * w], fixed[at + 4 * w + 1]
        total += min(max(second, opens), closes) - opens
    return total


@njit(cache=True)
def _clock(state, s, worked):
    """As `network.hours.Hours.clock`."""
    stops, fixed = state[2], state[4]
    windows, at = stops[s, WINDOWS], stops[s, HOURS_AT]
    if windows == 0:
        return worked
    second = (worked - 1) % stops[s, WORKED_DAY_S]
    total = (worked - 1) // stops[s, WORKED_DAY_S] * DAY_S + second + 1
    for w in range(windows):
        if second >= fixed[at + 4 * w + 3]:
            total += fixed[at + 4 * w + 2]
    return total


@njit(cache=True)
def _wait(pool, state, s, slot, time):
    """Let an item wait for the best departure from `time` on, or for a round; return the line."""
    nxt, aim, alight = pool[0], pool[3], pool[5]
    queue, stops, fixed, lines, calls = state[1], state[2], state[4], state[6], state[7]
    second = time % WEEK_S
    if not stops[s, AFTER] < second <= stops[s, UNTIL]:
        at, n = stops[s, TIMES_AT], stops[s, TIMES]
        low, high = 0, n
        while low < high:
            middle = (low + high) // 2
            if fixed[at + middle] < second:
                low = middle + 1
            else:
                high = middle
        stops[s, ROW] = low
        stops[s, AFTER] = fixed[at + low - 1] if low > 0 else -1
        stops[s, UNTIL] = fixed[at + low] if low < n else WEEK_S
    cell = stops[s, TABLE_AT] + stops[s, ROW] * stops[s, CODES] + aim[slot]
    line = lines[cell]
    alight[slot] = calls[cell]
    _append(queue, nxt, AT_HOME if line == HOME else stops[s, LINES] + line, slot)
    return line


@njit(cache=True)
def _start(pool, state, s, until, now):
    """Let lanes start what they start before the working second `until`; release what is sorted by `now`."""
    nxt, luck, ready = pool[0], pool[2], pool[4]
    queue, stops, servers, salts = state[1], state[2], state[5], state[8]
    lanes, rate, lane_at = stops[s, LANES], stops[s, LANE_RATE], stops[s, LANE_AT]
    sorters, sorter_rate, sorter_at = stops[s, SORTERS], stops[s, SORTER_RATE], stops[s, SORTER_AT]
    joined, first = stops[s, JOINED], stops[s, QUEUES] + WAITING
    q = first
    while stops[s, WAITS]:
        lane = lane_at + stops[s, LANE_NEXT]
        free = max(servers[lane], joined * rate)
        start = -(-free // rate)
        if start >= until:
            return
        while queue[q, HEAD] < 0:
            q += 1
        slot = queue[q, HEAD]
        queue[q, HEAD] = nxt[slot]
        queue[q, COUNT] -= 1
        stops[s, WAITS] -= 1
        servers[lane] = free + HOUR_S
        stops[s, LANE_NEXT] = (stops[s, LANE_NEXT] + 1) % lanes
        if start > joined:
            stops[s, WAITED] += 1
            stops[s, WAITED_S] += start - joined
        released = -(-servers[lane] // rate)
        sorter = sorter_at + stops[s, SORTER_NEXT]
        servers[sorter] = max(released * sorter_rate, servers[sorter]) + HOUR_S
        stops[s, SORTER_NEXT] = (stops[s, SORTER_NEXT] + 1) % sorters
        done = -(-servers[sorter] // sorter_rate)
        if (luck[slot] ^ salts[s, 0]) * _SEED < salts[s, 1]:
            done += stops[s, RECHECK_S]
        done = _clock(state, s, done)
        ready[slot] = done
        if done <= now:
            _wait(pool, state, s, slot, done)
        else:
            _append(queue, nxt, stops[s, QUEUES] + SORTING, slot)
            stops[s, DONE_S] = min(stops[s, DONE_S], done)


@njit(cache=True)
def _join(pool, state, s, slot, n, time, now):
    """Let a chain of n items join the lanes, by priority and, of one priority, behind those that wait."""
    nxt, rank = pool[0], pool[1]
    queue, stops = state[1], state[2]
    time = _worked(state, s, time)
    _start(pool, state, s, time, now)
    stops[s, WAITED_S] += stops[s, WAITS] * (time - stops[s, JOINED])
    stops[s, JOINED] = time
    stops[s, WAITS] += n
    first = stops[s, QUEUES] + WAITING
    if n == 1:
        _append(queue, nxt, first + (rank[slot] >> RANK_BITS), slot)
        return
    slots, ranks = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    ordered = True
    for i in range(n):
        slots[i], ranks[i] = slot, rank[slot]
        ordered &= i == 0 or ranks[i] > ranks[i - 1]
        slot = nxt[slot]
    if not ordered:
        slots = slots[np.argsort(ranks)]
    for slot in slots:
        _append(queue, nxt, first + (rank[slot] >> RANK_BITS), slot)


@njit(cache=True)
def _leave(pool, state, s, now):
    """Release what has left the sorters by now."""
    nxt, ready = pool[0], pool[4]
    queue, stops = state[1], state[2]
    q = stops[s, QUEUES] + SORTING
    slot = queue[q, HEAD]
    _clear(queue, q)
    stops[s, DONE_S] = NEVER_S
    while slot >= 0:
        following = nxt[slot]
        if ready[slot] <= now:
            _wait(pool, state, s, slot, ready[slot])
        else:
            _append(queue, nxt, q, slot)
            stops[s, DONE_S] = min(stops[s, DONE_S], ready[slot])
        slot = following


@njit(cache=True)
def _unload(pool, state, s, now):
    """Unload the first trip that comes; a gateway hands over what ends there."""
    nxt, aim, ready, journey, confidential = pool[0], pool[3], pool[4], pool[9], pool[10]
    batch, queue, stops, counters, notes = state[0], state[1], state[2], state[3], state[9]
    mode, count = batch[stops[s, COMING], ARG], batch[stops[s, COMING], COUNT]
    head, tail = batch[stops[s, COMING], HEAD], batch[stops[s, COMING], TAIL]
    _pop(state, s, COMING)
    slot = head
    while slot >= 0:
        journey[slot] += (1 << 2 * SECONDS_BITS) + (np.int64(now - ready[slot]) << SECONDS_BITS)
        if confidential[slot]:
            _note(notes, counters, slot, UNLOADED, now, s)
        slot = nxt[slot]
    time = now + stops[s, HANDLING + mode]
    gateway = stops[s, GATEWAY]  # mode groups + 1 at gateways, else 0
    if gateway == 0:
        due = _batch(state, s, DUE, time, 0)
        if batch[due, HEAD] < 0:
            batch[due, HEAD] = head
        else:
            nxt[batch[due, TAIL]] = head
        batch[due, TAIL] = tail
        batch[due, COUNT] += count
        return
    slot, due = head, -1
    while slot >= 0:
        following = nxt[slot]
        if aim[slot] // (gateway - 1) == s:
            ready[slot] = now
            _append(queue, nxt, ENDED, slot)
        else:
            if due < 0:
                due = _batch(state, s, DUE, time, 0)
            _append(batch, nxt, due, slot)
        slot = following


@njit(cache=True)
def _note(notes, counters, slot, hand, time, where):
    at = counters[NOTES]
    notes[at, 0], notes[at, 1], notes[at, 2], notes[at, 3] = slot, hand, time, where
    counters[NOTES] = at + 1


@njit(cache=True)
def _choose_again(pool, state, s):
    """Queue the first of those anew that choose again."""
    nxt = pool[0]
    batch, stops, fixed, left = state[0], state[2], state[4], state[10]
    b = stops[s, AGAIN]
    second, line, n = batch[b, TIME], stops[s, LINES] + batch[b, ARG], batch[b, COUNT]
    slot = _pop(state, s, AGAIN)
    while slot >= 0:
        following = nxt[slot]
        again = stops[s, LINES] + _wait(pool, state, s, slot, second)
        left[line, 1] += (left[again, 2] - second) % WEEK_S + 1
        slot = following
    left[line, 0] += n


@njit(cache=True)
def _take_ready(pool, state, s, now):
    """Let items wait on that need no work here."""
    nxt, ready = pool[0], pool[4]
    batch, queue, stops = state[0], state[1], state[2]
    while stops[s, DUE] >= 0 and batch[stops[s, DUE], TIME] <= now:
        time = batch[stops[s, DUE], TIME]
        slot = _pop(state, s, DUE)
        while slot >= 0:
            following = nxt[slot]
            ready[slot] = time
            _wait(pool, state, s, slot, time)
            slot = following
    q = stops[s, QUEUES] + STREAM
    slot = queue[q, HEAD]
    while slot >= 0 and ready[slot] <= now:
        queue[q, HEAD] = nxt[slot]
        queue[q, COUNT] -= 1
        _wait(pool, state, s, slot, ready[slot])
        slot = queue[q, HEAD]


@njit(cache=True)
def _advance(pool, state, s, now, arrived):
    """As `sim.stops.Stop.advance`."""
    batch, stops = state[0], state[2]
    while stops[s, COMING] >= 0 and batch[stops[s, COMING], TIME] <= arrived:
        _unload(pool, state, s, batch[stops[s, COMING], TIME])
    while stops[s, AGAIN] >= 0 and batch[stops[s, AGAIN], TIME] <= now:
        _choose_again(pool, state, s)
    if stops[s, LANES] == 0:
        _take_ready(pool, state, s, now)
        return
    while stops[s, DUE] >= 0 and batch[stops[s, DUE], TIME] <= now:
        b = stops[s, DUE]
        time, n = batch[b, TIME], batch[b, COUNT]
        _join(pool, state, s, _pop(state, s, DUE), n, time, now)
    if stops[s, WAITS]:
        _start(pool, state, s, _worked(state, s, now), now)
    if stops[s, DONE_S] <= now:
        _leave(pool, state, s, now)


@njit(cache=True)
def advance(pool, state, s, now, arrived):
    """Do all that happens at a stop up to `now`, and arrivals of trips up to `arrived`."""
    _advance(pool, state, s, now, arrived)


@njit(cache=True)
def advance_all(pool, state, now, arrived):
    """The same at all stops."""
    for s in range(len(state[2])):
        _advance(pool, state, s, now, arrived)


@njit(cache=True)
def _cut(pool, state, q, room_g, room_cm3):
    """Put a line in order (rule 11) and move what does not fit to the queue of what is left behind."""
    nxt, rank, ready, grams, cm3 = pool[0], pool[1], pool[4], pool[6], pool[7]
    queue = state[1]
    n = queue[q, COUNT]
    slots, ranks, times = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    slot = queue[q, HEAD]
    for i in range(n):
        slots[i], ranks[i] = slot, rank[slot]
        slot = nxt[slot]
    slots = slots[np.argsort(ranks)]
    for i in range(n):
        times[i] = rank[slots[i]] >> RANK_BITS << 32 | ready[slots[i]]
    slots = slots[np.argsort(times, kind="mergesort")]
    _clear(queue, q)
    mass, space, fits = 0, 0, True
    for slot in slots:
        mass += grams[slot]
        space += cm3[slot]
        fits = fits and mass <= room_g and space <= room_cm3
        _append(queue, nxt, q if fits else LEFT, slot)


@njit(cache=True)
def board(pool, state, load, call, position, line, now, room_g, room_cm3, route, mode, ride, counted):
    """Let what waits board, up to capacity, and tell the stops where it alights.

    Returns how many do << 32 | how many do not fit, which are then in the queue `LEFT`.
    """
    nxt, ready, alight, grams, cm3 = pool[0], pool[4], pool[5], pool[6], pool[7]
    account, journey, confidential = pool[8], pool[9], pool[10]
    batch, queue, stops, counters, notes = state[0], state[1], state[2], state[3], state[9]
    carried, stop_of = state[11], state[12]
    s = stop_of[call]
    _advance(pool, state, s, now, now)
    end = load.shape[1]
    q = stops[s, LINES] + line
    slot = queue[q, HEAD]
    boarded = left = 0
    if slot >= 0:
        for at in range(position + 1, end):
            if load[BATCH, at] >= 0:
                room_g -= batch[load[BATCH, at], MASS]
                room_cm3 -= batch[load[BATCH, at], SPACE]
        mass = space = 0
        while slot >= 0:
            mass += grams[slot]
            space += cm3[slot]
            slot = nxt[slot]
        if mass > room_g or space > room_cm3:
            _cut(pool, state, q, room_g, room_cm3)
            left = queue[LEFT, COUNT]
        boarded = queue[q, COUNT]
        slot = queue[q, HEAD]
        _clear(queue, q)
        while slot >= 0:
            following = nxt[slot]
            calls = alight[slot]
            at = position + calls
            b = load[BATCH, at]
            if b < 0:
                b = _batch_of_load(state, stop_of[call + calls], load[ARRIVE, at], mode)
                load[BATCH, at] = b
            _append(batch, nxt, b, slot)
            batch[b, MASS] += grams[slot]
            batch[b, SPACE] += cm3[slot]
            journey[slot] += now - ready[slot]
            ready[slot] = now
            if counted:
                carried[ride + calls, account[slot], 0] += 1
                carried[ride + calls, account[slot], 1] += grams[slot]
            if confidential[slot]:
                _note(notes, counters, slot, BOARDED, now, route)
            slot = following
    items = mass = space = 0
    for at in range(end - 1, position, -1):
        b = load[BATCH, at]
        if b >= 0:
            items += batch[b, COUNT]
            mass += batch[b, MASS]
            space += batch[b, SPACE]
        load[ITEMS, at - 1], load[GRAMS, at - 1], load[CM3, at - 1] = items, mass, space
    return boarded << 32 | left


@njit(cache=True)
def _batch_of_load(state, s, time, mode):
    """Return a new batch of what a trip brings."""
    b = _batch(state, s, COMING, time, -1)
    state[0][b, ARG] = mode
    return b


@njit(cache=True)
def take_in(pool, state, slots, times, stop):
    """Let items join the lanes of their stops, or be ready there, at their times."""
    nxt = pool[0]
    batch = state[0]
    b, time, s = -1, -1, -1
    for i in range(len(slots)):
        if times[i] != time or stop[i] != s:
            time, s = times[i], stop[i]
            b = _batch(state, s, DUE, time, 0)
        _append(batch, nxt, b, slots[i])


@njit(cache=True)
def expect(pool, state, s, slots, times):
    """Let items be ready at a stop one by one; they come in order of their times."""
    nxt, ready = pool[0], pool[4]
    queue, stops = state[1], state[2]
    q = stops[s, QUEUES] + STREAM
    slot = queue[q, HEAD]
    _clear(queue, q)
    for i in range(len(slots)):
        while slot >= 0 and ready[slot] <= times[i]:
            following = nxt[slot]
            _append(queue, nxt, q, slot)
            slot = following
        ready[slots[i]] = times[i]
        _append(queue, nxt, q, slots[i])
    while slot >= 0:
        following = nxt[slot]
        _append(queue, nxt, q, slot)
        slot = following


@njit(cache=True)
def choose_again(pool, state, s, line, slots, second):
    """Let items choose again at a second."""
    b = _batch(state, s, AGAIN, second, line)
    for slot in slots:
        _append(state[0], pool[0], b, slot)


@njit(cache=True)
def relink(pool, state, q, slots):
    """Make a queue of these slots."""
    _clear(state[1], q)
    for slot in slots:
        _append(state[1], pool[0], q, slot)


@njit(cache=True)
def chain(nxt, slot, n):
    """Return the n slots of a chain."""
    slots = np.empty(n, dtype=np.int64)
    for i in range(n):
        slots[i] = slot
        slot = nxt[slot]
    assert slot == -1
    return slots


@njit(cache=True)
def _length(nxt, slot):
    n = 0
    while slot >= 0:
        n += 1
        slot = nxt[slot]
    return n


@njit(cache=True)
def lengths(pool, state, lines):
    """Return how many items each stop has outside, due, at lanes, in sorters and waiting; walked one by one."""
    nxt = pool[0]
    batch, queue, stops = state[0], state[1], state[2]
    found = np.zeros((len(stops), 5), dtype=np.int64)
    for s in range(len(stops)):
        at = stops[s, QUEUES]
        found[s, 0] = _length(nxt, queue[at + STREAM, HEAD])
        for q in range(at + WAITING, at + STOP_QUEUES):
            found[s, 2] += _length(nxt, queue[q, HEAD])
        found[s, 3] = _length(nxt, queue[at + SORTING, HEAD])
        for q in range(stops[s, LINES], stops[s, LINES] + lines[s]):
            found[s, 4] += _length(nxt, queue[q, HEAD])
        for calendar, term in ((DUE, 1), (AGAIN, 4)):
            b = stops[s, calendar]
            while b >= 0:
                found[s, term] += _length(nxt, batch[b, HEAD])
                b = batch[b, NEXT]
    return found
