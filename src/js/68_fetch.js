// SPDX-License-Identifier: MIT
// fetch() (Fetch standard): what it refuses, the URLs that need no network, and where the others go.
import { ops } from "./00_ops.js";
import {
    Promise, StringPrototypeIndexOf, StringPrototypeSlice, StringPrototypeStartsWith,
} from "./00_primordials.js";
import { requireArguments } from "./10_webidl.js";
import { abortReason, isAborted } from "./23_abort.js";
import { fromBuffer, lengthOf } from "./41_bytes.js";
import { blobBytes, blobOfUrl } from "./42_blob.js";
import { GUARD_IMMUTABLE, addHeader, newHeaderState } from "./63_headers.js";
import { bodyOfBytes, cancelBody, isUnusable } from "./64_body.js";
import { startRequestObjects, toRequestRecord } from "./65_request.js";
import { fetchedResponse, startResponses, withoutFragment } from "./66_response.js";
import { failure, fetchFromNetwork, startNetwork } from "./67_network.js";

export function startFetch(url) {
    startRequestObjects(url);
    startResponses(url);
    startNetwork();
}

// ---- URLs without a network ----

function localResponse(url, type, bytes, shared) {
    const headers = newHeaderState(GUARD_IMMUTABLE);
    addHeader(headers, "content-type", type);
    addHeader(headers, "content-length", `${lengthOf(bytes)}`);
    const body = bodyOfBytes(bytes);
    body.shared = shared;
    return fetchedResponse(200, "OK", withoutFragment(url), false, headers, body);
}

function fetchData(record) {
    const parts = ops.fetchData(record.url);
    if (parts === null) {
        throw failure("the data: URL is malformed");
    }
    return localResponse(record.url, parts[0], fromBuffer(parts[1]), false);
}

function fetchBlob(record) {
    const blob = blobOfUrl(withoutFragment(record.url));
    if (record.method !== "GET" || blob === undefined) {
        throw failure(blob === undefined ? "no blob is behind the blob: URL" : "a blob: URL only knows GET");
    }
    return localResponse(record.url, blob.type, blobBytes(blob), true);
}

function scheme(url) {
    return StringPrototypeSlice(url, 0, StringPrototypeIndexOf(url, ":") + 1);
}

// ---- fetch ----

// What cannot be kept is refused, not ignored.
function checkRecord(record) {
    if (record.integrity !== "") {
        throw failure("integrity is not supported");
    }
    if (record.cache === "only-if-cached") {
        throw failure("there is no cache");
    }
    if (isUnusable(record.body)) {
        throw failure("the body of the request was used already, or its stream is locked");
    }
}

function start(record, resolve, reject) {
    const { signal, url } = record;
    if (signal !== null && isAborted(signal)) {
        cancelBody(record.body, abortReason(signal));
        reject(abortReason(signal));
        return;
    }
    checkRecord(record);
    if (StringPrototypeStartsWith(url, "http:") || StringPrototypeStartsWith(url, "https:")) {
        fetchFromNetwork(record, resolve, reject);
    } else if (StringPrototypeStartsWith(url, "data:")) {
        resolve(fetchData(record));
    } else if (StringPrototypeStartsWith(url, "blob:")) {
        resolve(fetchBlob(record));
    } else {
        throw failure(`the scheme "${scheme(url)}" is not one of http:, https:, data: and blob:`);
    }
}

export const fetching = {
    fetch(input, init = undefined) {
        const given = arguments.length;
        return new Promise((resolve, reject) => {
            requireArguments(given, 1, "fetch");
            start(toRequestRecord(input, init, "fetch"), resolve, reject);
        });
    },
};
