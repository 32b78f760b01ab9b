// SPDX-License-Identifier: MIT
// The network's part of fetch() (Fetch standard), on the transfers of src/ops/fetch.c.
//
// A request under way in C goes by a number. Its head arrives once, with as much of the body as is there; a
// small response is then complete, and nothing is left in C. Else there is a transfer: the rest is asked for
// chunk by chunk, only when somebody wants it, and C holds the sender back. A transfer that nobody can read
// any more is closed after a collection, and all are with the worker.
//
// Busy are requests whose head is awaited and bodies that somebody waits for; open are bodies that are not at
// their end. Requests past the limits wait in line.
import { ops } from "./00_ops.js";
import {
    FinalizationRegistry, FinalizationRegistryPrototypeRegister, FinalizationRegistryPrototypeUnregister,
    TypeError, Uint8Array, WeakRef, WeakRefPrototypeDeref,
} from "./00_primordials.js";
import { addTimer } from "./13_timer_queue.js";
import { addRequest, dropRequest, failing } from "./14_async.js";
import { abortReason, addAbortAlgorithm, removeAbortAlgorithm } from "./23_abort.js";
import { newError, toCayError, withGuestStack } from "./24_errors.js";
import { cancelReader } from "./40_streams.js";
import { fromBuffer } from "./41_bytes.js";
import { GUARD_IMMUTABLE, headerStateOfText, headerText } from "./63_headers.js";
import { bodyOfBytes, bodyOfSource, cancelBody, readBytes, takeForSending } from "./64_body.js";
import { fetchedResponse, isNullBodyStatus } from "./66_response.js";

const MAX_BUSY = 64;
const MAX_OPEN = 128;

let busy = 0;
let open = 0;
let firstWaiting = null; // jobs in line, linked by `next`
let lastWaiting = null;
let registry; // closes the transfers whose bodies nobody can reach

export function startNetwork() {
    registry = new FinalizationRegistry((job) => {
        ops.fetchClose(job.rid);
        open--;
        unhook(job);
        advance();
    });
}

// ---- errors ----

export function failure(message, cause = undefined) {
    return withGuestStack(cause === undefined
        ? new TypeError(`fetch failed: ${message}`)
        : new TypeError(`fetch failed: ${message}`, { __proto__: null, cause }));
}

// For what C threw or settled with: a refusal keeps its own class, all else is a network error.
function errorOf(error) {
    const { code, message } = error;
    if (typeof code !== "string" || typeof message !== "string") {
        return error; // the stack ended, say
    }
    const known = toCayError(error);
    return code === "EPERM" || code === "EAGAIN" || code === "ELIMIT" ? known : failure(message, known);
}

// ---- bodies on their way ----

// state of a transfer: { rid (0: closed), first (a chunk, or null), failed: null or { reason }, waiting: the
// callbacks of a read that C will answer, or null, fail: ends the stream with an error, or null, job }

function endTransfer(transfer) {
    if (transfer.rid !== 0) {
        transfer.rid = 0;
        open--;
        FinalizationRegistryPrototypeUnregister(registry, transfer);
        unhook(transfer.job);
        advance();
    }
}

function closeTransfer(transfer) {
    const { rid } = transfer;
    if (rid !== 0) {
        ops.fetchClose(rid);
        endTransfer(transfer);
    }
}

function failTransfer(transfer, reason) {
    const { waiting, fail } = transfer;
    transfer.first = null;
    transfer.failed ??= { __proto__: null, reason };
    transfer.waiting = null;
    closeTransfer(transfer);
    if (waiting !== null) {
        waiting.onFailed(reason);
    } else if (fail !== null) {
        fail(reason);
    }
}

function startWaiting(transfer, onChunk, onFailed) {
    transfer.waiting = { __proto__: null, onChunk, onFailed };
    busy++;
}

function arrived(transfer, chunk) {
    busy--;
    const { waiting } = transfer;
    transfer.waiting = null;
    if (chunk === null) {
        endTransfer(transfer);
    }
    advance();
    if (waiting === null) {
        return; // cancelled meanwhile
    }
    const now = chunk === undefined ? read(transfer, waiting.onChunk, waiting.onFailed) : chunk;
    if (now !== undefined) {
        waiting.onChunk(now);
    }
}

// See newByteStream.
function read(transfer, onChunk, onFailed) {
    if (transfer.first !== null) {
        const chunk = transfer.first;
        transfer.first = null;
        return chunk;
    }
    if (transfer.failed !== null) {
        throw transfer.failed.reason;
    }
    if (transfer.rid === 0) {
        return null;
    }
    const id = addRequest((chunk) => arrived(transfer, chunk), (error) => {
        busy--;
        failTransfer(transfer, errorOf(error));
        advance();
    });
    let chunk;
    try {
        chunk = ops.fetchRead(id, transfer.rid);
    } catch (error) {
        dropRequest(id);
        const reason = errorOf(error);
        transfer.failed = { __proto__: null, reason };
        closeTransfer(transfer);
        throw reason;
    }
    if (chunk === undefined) {
        startWaiting(transfer, onChunk, onFailed);
        return undefined;
    }
    dropRequest(id);
    if (chunk === null) {
        endTransfer(transfer);
    }
    return chunk;
}

function cancel(transfer) {
    transfer.first = null;
    transfer.waiting = null;
    closeTransfer(transfer);
}

function newTransfer(job, rid, first) {
    const transfer = {
        __proto__: null, rid, first, failed: null, waiting: null, fail: null, job,
    };
    open++;
    FinalizationRegistryPrototypeRegister(registry, transfer, job, transfer);
    job.transfer = new WeakRef(transfer);
    return transfer;
}

function sourceOf(transfer) {
    return {
        __proto__: null,
        read: (onChunk, onFailed) => read(transfer, onChunk, onFailed),
        cancel: () => cancel(transfer),
        onOpened: (fail) => {
            transfer.fail = fail;
        },
    };
}

// ---- one request ----

// state of a job: { record, resolve, reject, algorithm (of the signal, or null), rid, started, over: the
// promise is settled, transfer: a weak reference to that of the response's body, or null: a long-lived signal
// must not keep a body that is lost; upload: the reader of a stream to send, or null; next }

function newJob(record, resolve, reject) {
    return {
        __proto__: null, record, resolve, reject, algorithm: null, rid: 0, started: false, over: false,
        transfer: null, upload: null, next: null,
    };
}

function transferOf(job) {
    return job.transfer === null ? undefined : WeakRefPrototypeDeref(job.transfer);
}

// From now on the signal has nothing to stop.
function unhook(job) {
    if (job.algorithm !== null) {
        removeAbortAlgorithm(job.record.signal, job.algorithm);
        job.algorithm = null;
    }
    job.transfer = null;
}

function stopUpload(job, reason) {
    const { upload } = job;
    if (upload !== null) {
        job.upload = null;
        cancelReader(upload, reason);
    }
}

// The functions of a promise hold it, and so the response: they go once they are called.
function finish(job, how, value) {
    const settle = job[how];
    job.over = true;
    job.resolve = null;
    job.reject = null;
    settle(value);
}

function failJob(job, error) {
    unhook(job);
    stopUpload(job, error);
    if (!job.over) {
        finish(job, "reject", error);
    }
}

function abortJob(job) {
    const reason = abortReason(job.record.signal);
    const transfer = transferOf(job);
    job.algorithm = null;
    if (!job.started) {
        leaveLine(job);
        cancelBody(job.record.body, reason);
    } else if (!job.over) {
        ops.fetchClose(job.rid); // the head's failure is told to nobody
    }
    failJob(job, reason);
    if (transfer !== undefined) {
        failTransfer(transfer, reason);
    }
}

// Null for a response that has none by its kind.
function bodyOfHead(job, status, chunk, ended) {
    if (isNullBodyStatus(status) || job.record.method === "HEAD") {
        if (!ended) {
            ops.fetchClose(job.rid);
        }
        unhook(job);
        return null;
    }
    if (!ended) {
        return bodyOfSource(sourceOf(newTransfer(job, job.rid, chunk)));
    }
    unhook(job);
    return bodyOfBytes(chunk === null ? new Uint8Array(0) : fromBuffer(chunk));
}

// The head: [status, statusText, headers, url, redirected, chunk or null, is the body complete].
function gotHead(job, head) {
    busy--;
    if (!job.over) {
        const ended = head[6];
        const body = bodyOfHead(job, head[0], head[5], ended);
        const headers = headerStateOfText(head[2], GUARD_IMMUTABLE);
        finish(job, "resolve", fetchedResponse(head[0], head[1], head[3], head[4], headers, body));
        if (!ended) {
            advance();
            return;
        }
    }
    serveLine();
}

function lostHead(job, error) {
    busy--;
    ops.fetchClose(job.rid);
    const reason = errorOf(error);
    unhook(job);
    stopUpload(job, reason);
    if (!job.over) {
        finish(job, "resolve", failing(reason));
    }
    serveLine();
}

// ---- sending a stream ----

function uploadFailed(job, error) {
    const reason = failure("the stream of the request's body failed", error);
    const transfer = transferOf(job);
    job.upload = null;
    if (!job.over) {
        ops.fetchClose(job.rid); // the head's failure is told to nobody
        failJob(job, reason);
    } else if (transfer !== undefined) {
        failTransfer(transfer, reason);
    }
}

function sendChunk(job, bytes) {
    if (job.upload === null) {
        return;
    }
    const onRoom = () => sendChunk(job, bytes);
    // The server has answered in full, or hung up: what is left is not wanted.
    const refused = (error) => stopUpload(job, errorOf(error));
    const id = addRequest(onRoom, refused);
    let done;
    try {
        done = ops.fetchWrite(id, job.rid, bytes);
    } catch (error) {
        dropRequest(id);
        refused(error);
        return;
    }
    if (done) {
        dropRequest(id);
        sendMore(job);
    }
}

function sendMore(job) {
    const { upload } = job;
    if (upload === null) {
        return;
    }
    readBytes(upload, (bytes) => sendChunk(job, bytes), () => {
        if (job.upload !== null) {
            job.upload = null;
            ops.fetchEnd(job.rid);
        }
    }, (error) => {
        if (job.upload !== null) {
            uploadFailed(job, error);
        }
    });
}

// ---- in line ----

function begin(job) {
    job.started = true;
    const { record } = job;
    const id = addRequest((head) => gotHead(job, head), (error) => lostHead(job, error));
    try {
        const sent = takeForSending(record.body);
        job.upload = sent.reader;
        const headers = record.headers === null ? "" : headerText(record.headers);
        job.rid = ops.fetchStart(id, record.url, record.method, headers, sent.content, record.redirect);
    } catch (error) {
        dropRequest(id);
        failJob(job, errorOf(error));
        return;
    }
    busy++;
    if (job.over) {
        ops.fetchClose(job.rid); // the stream of the body ran code that aborted it
    } else if (job.upload !== null) {
        sendMore(job);
    }
}

function enterLine(job) {
    if (lastWaiting === null) {
        firstWaiting = job;
    } else {
        lastWaiting.next = job;
    }
    lastWaiting = job;
}

// Its place stays until its turn, so that leaving costs nothing.
function leaveLine(job) {
    job.started = true;
}

// The next in line that still wants to go, or null.
function shiftLine() {
    while (firstWaiting !== null) {
        const job = firstWaiting;
        firstWaiting = job.next;
        if (firstWaiting === null) {
            lastWaiting = null;
        }
        job.next = null;
        if (!job.started) {
            return job;
        }
    }
    return null;
}

let timerSet = false;

// Whoever just got a response has a task's time to ask for its body, before another one opens.
function advance() {
    if (firstWaiting === null || timerSet) {
        return;
    }
    try {
        addTimer(() => {
            timerSet = false;
            serveLine();
        }, 0, false, undefined, []);
        timerSet = true;
    } catch {
        serveLine(); // the guest has all the timers there are
    }
}

function serveLine() {
    while (firstWaiting !== null && busy < MAX_BUSY) {
        if (open >= MAX_OPEN) {
            refuseLine();
            return;
        }
        const job = shiftLine();
        if (job !== null) {
            begin(job);
        }
    }
}

// All places are taken by bodies. While somebody waits for one, it will end; else nothing would ever move.
function refuseLine() {
    while (busy === 0 && firstWaiting !== null) {
        const job = shiftLine();
        if (job !== null) {
            failJob(job, newError("ELIMIT",
                `fetch: ${MAX_OPEN} responses have bodies that nobody reads; read or cancel them`));
        }
    }
}

function submit(job) {
    if (firstWaiting === null && busy < MAX_BUSY && open < MAX_OPEN) {
        begin(job);
        return;
    }
    enterLine(job);
    advance();
}

// For an http: or https: URL; the signal is not aborted yet.
export function fetchFromNetwork(record, resolve, reject) {
    const job = newJob(record, resolve, reject);
    if (record.signal !== null) {
        job.algorithm = addAbortAlgorithm(record.signal, () => abortJob(job));
    }
    submit(job);
}
