"""The line-haul as compiled loops over items: what `stops`, `centres` and `haul` do in arrays.

Only `compiled_haul` calls this, and only where numba is installed.  A queue is a chain of pieces of up
to 13 slots each: ``queue[q]`` holds its first piece, its last, and how many slots there are.  A batch is a
queue with a second, in a calendar of its stop: what joins the lanes then, what a trip brings then, or what
chooses again then.

`pool` are columns of the items under way, `state` is what `compiled_haul` lays out.  All whole numbers:
results are those of the array functions, bit by bit.  All in one file, long as it is: numba's cache notices
a change in no other.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from network.model.records import DAY_S, WEEK_S
from sim.chance.draws import ODD
from sim.engine.centres import HOUR_S
from sim.engine.departures import HOME
from sim.state.custody import BOARDED, UNLOADED
from sim.state.pool import RANK_BITS, SECONDS_BITS

__all__ = [
    "advance",
    "advance_all",
    "board",
    "choose_again",
    "expect",
    "lengths",
    "relink",
    "slots_of",
    "slots_of_batch",
    "take_in",
]

# Without checks for a division by zero, which there is none.
_loop = njit(cache=True, error_model="numpy")
_inlined = njit(cache=True, error_model="numpy", forceinline=True)

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
FREE, USED, NOTES, FREE_PIECE, USED_PIECES = range(5)
# Columns of a piece of a queue: the next one, where its slots begin and end in it, and they.
BEHIND, BEGIN, END, SLOTS = range(4)
PIECE = 16
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


@_inlined
def _append(queue, counters, pieces, q, slot):
    """Put a slot behind all others of a queue."""
    piece = queue[q, TAIL]
    if queue[q, COUNT] == 0 or pieces[piece, END] == PIECE:
        new = counters[FREE_PIECE]
        if new >= 0:
            counters[FREE_PIECE] = pieces[new, BEHIND]
        else:
            new = counters[USED_PIECES]
            counters[USED_PIECES] += 1
        if queue[q, COUNT] == 0:
            queue[q, HEAD] = new
        else:
            pieces[piece, BEHIND] = new
        queue[q, TAIL] = piece = new
        pieces[piece, BEHIND] = -1
        pieces[piece, BEGIN] = pieces[piece, END] = SLOTS
    pieces[piece, pieces[piece, END]] = slot
    pieces[piece, END] += 1
    queue[q, COUNT] += 1


@_inlined
def _free(counters, pieces, piece):
    pieces[piece, BEHIND] = counters[FREE_PIECE]
    counters[FREE_PIECE] = piece


@_inlined
def _first(queue, counters, pieces, q):
    """Take the first slot out of a queue that is not empty."""
    piece = queue[q, HEAD]
    slot = pieces[piece, pieces[piece, BEGIN]]
    pieces[piece, BEGIN] += 1
    queue[q, COUNT] -= 1
    if pieces[piece, BEGIN] == pieces[piece, END]:
        queue[q, HEAD] = pieces[piece, BEHIND]
        _free(counters, pieces, piece)
    return slot


@_loop
def _slots(queue, counters, pieces, q, take):
    """Return the slots of a queue, and empty it if it is to `take` them."""
    slots = np.empty(queue[q, COUNT], dtype=np.int64)
    at, piece = 0, queue[q, HEAD]
    while at < len(slots):
        for i in range(pieces[piece, BEGIN], pieces[piece, END]):
            slots[at] = pieces[piece, i]
            at += 1
        behind = pieces[piece, BEHIND]
        if take:
            _free(counters, pieces, piece)
        piece = behind
    if take:
        queue[q, COUNT] = 0
    return slots


@_loop
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
    batch[new, COUNT] = 0
    batch[new, TIME], batch[new, NEXT], batch[new, ARG] = time, b, arg
    batch[new, MASS] = batch[new, SPACE] = 0
    if before < 0:
        stops[s, calendar] = new
    else:
        batch[before, NEXT] = new
    return new


@_loop
def _pop(state, s, calendar):
    """Take the first batch out of a calendar and return its slots."""
    batch, stops, counters, pieces = state[0], state[2], state[3], state[13]
    b = stops[s, calendar]
    stops[s, calendar] = batch[b, NEXT]
    batch[b, NEXT] = counters[FREE]
    counters[FREE] = b
    return _slots(batch, counters, pieces, b, True)


@_inlined
def _worked(stops, fixed, s, time):
    """As `network.model.working_hours.Hours.worked`."""
    windows, at = stops[s, WINDOWS], stops[s, HOURS_AT]
    if windows == 0:
        return time
    total = time // DAY_S * stops[s, WORKED_DAY_S]
    second = time % DAY_S
    for w in range(windows):
        opens, closes = fixed[at + 4 * w], fixed[at + 4 * w + 1]
        total += min(max(second, opens), closes) - opens
    return total


@_inlined
def _clock(stops, fixed, s, worked):
    """As `network.model.working_hours.Hours.clock`."""
    windows, at = stops[s, WINDOWS], stops[s, HOURS_AT]
    if windows == 0:
        return worked
    second = (worked - 1) % stops[s, WORKED_DAY_S]
    total = (worked - 1) // stops[s, WORKED_DAY_S] * DAY_S + second + 1
    for w in range(windows):
        if second >= fixed[at + 4 * w + 3]:
            total += fixed[at + 4 * w + 2]
    return total


@_inlined
def _wait(aim, alight, queue, stops, counters, fixed, lines, calls, pieces, s, slot, time):
    """Let an item wait for the best departure from `time` on, or for a round; return the line."""
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
    _append(queue, counters, pieces, AT_HOME if line == HOME else stops[s, LINES] + line, slot)
    return line


@_loop
def _start(pool, state, s, until, now):
    """Let lanes start what they start before the working second `until`; release what is sorted by `now`."""
    luck, ready, servers, salts = pool[2], pool[4], state[5], state[8]
    aim, alight = pool[3], pool[5]
    queue, stops, counters, fixed, lines, calls, pieces = (
        state[1], state[2], state[3], state[4], state[6], state[7], state[13]
    )  # fmt: skip
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
        while queue[q, COUNT] == 0:
            q += 1
        slot = _first(queue, counters, pieces, q)
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
        done = _clock(stops, fixed, s, done)
        ready[slot] = done
        if done <= now:
            _wait(aim, alight, queue, stops, counters, fixed, lines, calls, pieces, s, slot, done)
        else:
            _append(queue, counters, pieces, stops[s, QUEUES] + SORTING, slot)
            stops[s, DONE_S] = min(stops[s, DONE_S], done)


@_loop
def _join(pool, state, s, slots, time, now):
    """Let items join the lanes, by priority and, of one priority, behind those that wait."""
    rank = pool[1]
    queue, stops, counters, fixed, pieces = state[1], state[2], state[3], state[4], state[13]
    time = _worked(stops, fixed, s, time)
    _start(pool, state, s, time, now)
    stops[s, WAITED_S] += stops[s, WAITS] * (time - stops[s, JOINED])
    stops[s, JOINED] = time
    stops[s, WAITS] += len(slots)
    first = stops[s, QUEUES] + WAITING
    ranks = np.empty(len(slots), dtype=np.int64)
    ordered = True
    for i in range(len(slots)):
        ranks[i] = rank[slots[i]]
        ordered &= i == 0 or ranks[i] > ranks[i - 1]
    if ordered:
        for i in range(len(slots)):
            _append(queue, counters, pieces, first + (ranks[i] >> RANK_BITS), slots[i])
        return
    for i in np.argsort(ranks):
        _append(queue, counters, pieces, first + (ranks[i] >> RANK_BITS), slots[i])


@_loop
def _leave(pool, state, s, now):
    """Release what has left the sorters by now."""
    ready = pool[4]
    aim, alight = pool[3], pool[5]
    queue, stops, counters, fixed, lines, calls, pieces = (
        state[1], state[2], state[3], state[4], state[6], state[7], state[13]
    )  # fmt: skip
    q = stops[s, QUEUES] + SORTING
    stops[s, DONE_S] = NEVER_S
    for slot in _slots(queue, counters, pieces, q, True):
        if ready[slot] <= now:
            _wait(aim, alight, queue, stops, counters, fixed, lines, calls, pieces, s, slot, ready[slot])
        else:
            _append(queue, counters, pieces, q, slot)
            stops[s, DONE_S] = min(stops[s, DONE_S], ready[slot])


@_loop
def _unload(pool, state, s, now):
    """Unload the first trip that comes; a gateway hands over what ends there."""
    aim, ready, journey, confidential = pool[3], pool[4], pool[9], pool[10]
    batch, queue, stops, counters, notes = state[0], state[1], state[2], state[3], state[9]
    pieces = state[13]
    time = now + stops[s, HANDLING + batch[stops[s, COMING], ARG]]
    gateway = stops[s, GATEWAY]  # mode groups + 1 at gateways, else 0
    due = -1
    for slot in _pop(state, s, COMING):
        journey[slot] += (1 << 2 * SECONDS_BITS) + (np.int64(now - ready[slot]) << SECONDS_BITS)
        if confidential[slot]:
            _note(notes, counters, slot, UNLOADED, now, s)
        if gateway and aim[slot] // (gateway - 1) == s:
            ready[slot] = now
            _append(queue, counters, pieces, ENDED, slot)
        else:
            if due < 0:
                due = _batch(state, s, DUE, time, 0)
            _append(batch, counters, pieces, due, slot)


@_inlined
def _note(notes, counters, slot, hand, time, where):
    at = counters[NOTES]
    notes[at, 0], notes[at, 1], notes[at, 2], notes[at, 3] = slot, hand, time, where
    counters[NOTES] = at + 1


@_loop
def _choose_again(pool, state, s):
    """Queue the first of those anew that choose again."""
    batch, left = state[0], state[10]
    aim, alight = pool[3], pool[5]
    queue, stops, counters, fixed, lines, calls, pieces = (
        state[1], state[2], state[3], state[4], state[6], state[7], state[13]
    )  # fmt: skip
    b = stops[s, AGAIN]
    second, line, n = batch[b, TIME], stops[s, LINES] + batch[b, ARG], batch[b, COUNT]
    for slot in _pop(state, s, AGAIN):
        again = stops[s, LINES] + _wait(
            aim, alight, queue, stops, counters, fixed, lines, calls, pieces, s, slot, second
        )
        left[line, 1] += (left[again, 2] - second) % WEEK_S + 1
    left[line, 0] += n


@_loop
def _take_ready(pool, state, s, now):
    """Let items wait on that need no work here."""
    ready, batch = pool[4], state[0]
    aim, alight = pool[3], pool[5]
    queue, stops, counters, fixed, lines, calls, pieces = (
        state[1], state[2], state[3], state[4], state[6], state[7], state[13]
    )  # fmt: skip
    while stops[s, DUE] >= 0 and batch[stops[s, DUE], TIME] <= now:
        time = batch[stops[s, DUE], TIME]
        for slot in _pop(state, s, DUE):
            ready[slot] = time
            _wait(aim, alight, queue, stops, counters, fixed, lines, calls, pieces, s, slot, time)
    q = stops[s, QUEUES] + STREAM
    while queue[q, COUNT] and ready[pieces[queue[q, HEAD], pieces[queue[q, HEAD], BEGIN]]] <= now:
        slot = _first(queue, counters, pieces, q)
        _wait(aim, alight, queue, stops, counters, fixed, lines, calls, pieces, s, slot, ready[slot])


@_loop
def _advance(pool, state, s, now, arrived):
    """As `sim.engine.stops.Stop.advance`."""
    batch, stops, fixed = state[0], state[2], state[4]
    while stops[s, COMING] >= 0 and batch[stops[s, COMING], TIME] <= arrived:
        _unload(pool, state, s, batch[stops[s, COMING], TIME])
    while stops[s, AGAIN] >= 0 and batch[stops[s, AGAIN], TIME] <= now:
        _choose_again(pool, state, s)
    if stops[s, LANES] == 0:
        _take_ready(pool, state, s, now)
        return
    while stops[s, DUE] >= 0 and batch[stops[s, DUE], TIME] <= now:
        time = batch[stops[s, DUE], TIME]
        _join(pool, state, s, _pop(state, s, DUE), time, now)
    if stops[s, WAITS]:
        _start(pool, state, s, _worked(stops, fixed, s, now), now)
    if stops[s, DONE_S] <= now:
        _leave(pool, state, s, now)


@_loop
def advance(pool, state, s, now, arrived):
    """Do all that happens at a stop up to `now`, and arrivals of trips up to `arrived`."""
    _advance(pool, state, s, now, arrived)


@_loop
def advance_all(pool, state, now, arrived):
    """The same at all stops."""
    for s in range(len(state[2])):
        _advance(pool, state, s, now, arrived)


@_loop
def _cut(pool, state, slots, room_g, room_cm3):
    """Put slots in order (rule 11); return those that fit, the others are in the queue of what is left."""
    rank, ready, grams, cm3 = pool[1], pool[4], pool[6], pool[7]
    queue, counters, pieces = state[1], state[3], state[13]
    n = len(slots)
    ranks, times = np.empty(n, np.int64), np.empty(n, np.int64)
    for i in range(n):
        ranks[i] = rank[slots[i]]
    slots = slots[np.argsort(ranks)]
    for i in range(n):
        times[i] = rank[slots[i]] >> RANK_BITS << 32 | ready[slots[i]]
    slots = slots[np.argsort(times, kind="mergesort")]
    mass = space = fit = 0
    while fit < n:
        mass += grams[slots[fit]]
        space += cm3[slots[fit]]
        if mass > room_g or space > room_cm3:
            break
        fit += 1
    for slot in slots[fit:]:
        _append(queue, counters, pieces, LEFT, slot)
    return slots[:fit]


@_loop
def board(pool, state, load, call, position, line, now, room_g, room_cm3, route, mode, ride, counted):
    """Let what waits board, up to capacity, and tell the stops where it alights.

    Returns how many do << 32 | how many do not fit, which are then in the queue `LEFT`.
    """
    ready, alight, grams, cm3 = pool[4], pool[5], pool[6], pool[7]
    account, journey, confidential = pool[8], pool[9], pool[10]
    batch, queue, stops, counters, notes = state[0], state[1], state[2], state[3], state[9]
    carried, stop_of, pieces = state[11], state[12], state[13]
    s = stop_of[call]
    _advance(pool, state, s, now, now)
    end = load.shape[1]
    q = stops[s, LINES] + line
    boarded = left = 0
    if queue[q, COUNT]:
        for at in range(position + 1, end):
            if load[BATCH, at] >= 0:
                room_g -= batch[load[BATCH, at], MASS]
                room_cm3 -= batch[load[BATCH, at], SPACE]
        mass = space = 0
        slots = _slots(queue, counters, pieces, q, True)
        for slot in slots:
            mass += grams[slot]
            space += cm3[slot]
        if mass > room_g or space > room_cm3:
            slots = _cut(pool, state, slots, room_g, room_cm3)
            left = queue[LEFT, COUNT]
        boarded = len(slots)
        for slot in slots:
            calls = alight[slot]
            at = position + calls
            b = load[BATCH, at]
            if b < 0:
                b = _batch_of_load(state, stop_of[call + calls], load[ARRIVE, at], mode)
                load[BATCH, at] = b
            _append(batch, counters, pieces, b, slot)
            batch[b, MASS] += grams[slot]
            batch[b, SPACE] += cm3[slot]
            journey[slot] += now - ready[slot]
            ready[slot] = now
            if counted:
                carried[ride + calls, account[slot], 0] += 1
                carried[ride + calls, account[slot], 1] += grams[slot]
            if confidential[slot]:
                _note(notes, counters, slot, BOARDED, now, route)
    items = mass = space = 0
    for at in range(end - 1, position, -1):
        b = load[BATCH, at]
        if b >= 0:
            items += batch[b, COUNT]
            mass += batch[b, MASS]
            space += batch[b, SPACE]
        load[ITEMS, at - 1], load[GRAMS, at - 1], load[CM3, at - 1] = items, mass, space
    return boarded << 32 | left


@_loop
def _batch_of_load(state, s, time, mode):
    """Return a new batch of what a trip brings."""
    b = _batch(state, s, COMING, time, -1)
    state[0][b, ARG] = mode
    return b


@_loop
def take_in(pool, state, slots, times, stop):
    """Let items join the lanes of their stops, or be ready there, at their times."""
    batch, counters, pieces = state[0], state[3], state[13]
    b, time, s = -1, -1, -1
    for i in range(len(slots)):
        if times[i] != time or stop[i] != s:
            time, s = times[i], stop[i]
            b = _batch(state, s, DUE, time, 0)
        _append(batch, counters, pieces, b, slots[i])


@_loop
def expect(pool, state, s, slots, times):
    """Let items be ready at a stop one by one; they come in order of their times."""
    ready = pool[4]
    queue, stops, counters, pieces = state[1], state[2], state[3], state[13]
    q = stops[s, QUEUES] + STREAM
    before, at = _slots(queue, counters, pieces, q, True), 0
    for i in range(len(slots)):
        while at < len(before) and ready[before[at]] <= times[i]:
            _append(queue, counters, pieces, q, before[at])
            at += 1
        ready[slots[i]] = times[i]
        _append(queue, counters, pieces, q, slots[i])
    for slot in before[at:]:
        _append(queue, counters, pieces, q, slot)


@_loop
def choose_again(pool, state, s, line, slots, second):
    """Let items choose again at a second."""
    batch, counters, pieces = state[0], state[3], state[13]
    b = _batch(state, s, AGAIN, second, line)
    for slot in slots:
        _append(batch, counters, pieces, b, slot)


@_loop
def relink(pool, state, q, slots):
    """Make a queue of these slots."""
    queue, counters, pieces = state[1], state[3], state[13]
    _slots(queue, counters, pieces, q, True)
    for slot in slots:
        _append(queue, counters, pieces, q, slot)


@_loop
def slots_of(pool, state, q, take):
    """Return the slots of a queue, and empty it if it is to `take` them."""
    return _slots(state[1], state[3], state[13], q, take)


@_loop
def slots_of_batch(pool, state, b):
    """Return the slots of a batch."""
    return _slots(state[0], state[3], state[13], b, False)


@_loop
def _length(queue, state, q):
    """Return how many slots there are in the pieces of a queue."""
    pieces = state[13]
    if queue[q, COUNT] == 0:
        return 0
    n, piece = 0, queue[q, HEAD]
    while piece >= 0:
        n += pieces[piece, END] - pieces[piece, BEGIN]
        piece = pieces[piece, BEHIND]
    return n


@_loop
def lengths(pool, state, lines):
    """Return how many items each stop has outside, due, at lanes, in sorters and waiting; all are walked."""
    batch, queue, stops = state[0], state[1], state[2]
    found = np.zeros((len(stops), 5), dtype=np.int64)
    for s in range(len(stops)):
        at = stops[s, QUEUES]
        found[s, 0] = _length(queue, state, at + STREAM)
        for q in range(at + WAITING, at + STOP_QUEUES):
            found[s, 2] += _length(queue, state, q)
        found[s, 3] = _length(queue, state, at + SORTING)
        for q in range(stops[s, LINES], stops[s, LINES] + lines[s]):
            found[s, 4] += _length(queue, state, q)
        for calendar, term in ((DUE, 1), (AGAIN, 4)):
            b = stops[s, calendar]
            while b >= 0:
                found[s, term] += _length(batch, state, b)
                b = batch[b, NEXT]
    return found
