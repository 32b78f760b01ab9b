// SPDX-License-Identifier: MIT
// crypto (Web Cryptography): random values, UUIDs and digests. What needs keys is absent.
import { ops } from "./00_ops.js";
import {
    ArrayBufferIsView, RegExpPrototypeExec, StringPrototypeToUpperCase, TypeError,
    TypedArrayPrototypeGetBuffer, TypedArrayPrototypeGetByteLength, TypedArrayPrototypeGetTag, isObject,
} from "./00_primordials.js";
import { illegalConstructor, illegalInvocation, requireArguments, toDOMString } from "./10_webidl.js";
import { KIND_OTHER, defineInterface, newBrand, newHostObject } from "./11_interface.js";
import { request, settle } from "./14_async.js";
import { DOMException } from "./20_dom_exception.js";
import { toCayError } from "./24_errors.js";
import { isArrayBuffer, isBufferSource } from "./41_bytes.js";
import { attempt } from "./80_files.js";

const cryptoBrand = newBrand();
const subtleBrand = newBrand();

function check(brand, object) {
    const state = brand.state(object);
    if (state === undefined) {
        throw illegalInvocation();
    }
    return state;
}

// ---- digests ----

// Without the flag u, i matches no letter beyond ASCII with one of these.
const algorithms = /^SHA-(?:1|256|384|512)$/i;

// Of a string or { name }, the name as C knows it.
function toAlgorithm(value, what) {
    const { name } = isObject(value) ? value : { __proto__: null, name: value };
    if (name === undefined) {
        throw new TypeError(`${what}: the algorithm has no name`);
    }
    const text = toDOMString(name);
    if (RegExpPrototypeExec(algorithms, text) === null) {
        throw new DOMException(
            `${what}: there is no digest "${text}"; SHA-1, SHA-256, SHA-384 and SHA-512 are known`,
            "NotSupportedError",
        );
    }
    return StringPrototypeToUpperCase(text);
}

// C's refusal of what is shared is a matter of types here.
function toDigestError(error) {
    return isObject(error) && error.code === "EINVAL" ? new TypeError(error.message) : toCayError(error);
}

export class SubtleCrypto {
    constructor() {
        throw illegalConstructor();
    }
    digest(algorithm, data) {
        const what = "SubtleCrypto.digest";
        return attempt(() => {
            check(subtleBrand, this);
            requireArguments(arguments.length, 2, what);
            if (!isBufferSource(data)) {
                throw new TypeError(`${what}: the data is neither an ArrayBuffer nor a view on one`);
            }
            const name = toAlgorithm(algorithm, what); // before the data is looked at: it can run a getter
            return request((id) => {
                const digest = ops.digest(id, name, data);
                if (digest !== undefined) {
                    settle(id, true, digest);
                }
            }, toDigestError);
        });
    }
}
defineInterface("SubtleCrypto", SubtleCrypto);
const SubtleCryptoPrototype = SubtleCrypto.prototype;

// ---- random values ----

const MAX_RANDOM = 65536;
const integerArrays = {
    __proto__: null, Int8Array: true, Uint8Array: true, Uint8ClampedArray: true, Int16Array: true,
    Uint16Array: true, Int32Array: true, Uint32Array: true, BigInt64Array: true, BigUint64Array: true,
};

export class Crypto {
    constructor() {
        throw illegalConstructor();
    }
    get subtle() {
        return check(cryptoBrand, this).subtle;
    }
    getRandomValues(array) {
        const what = "Crypto.getRandomValues";
        check(cryptoBrand, this);
        requireArguments(arguments.length, 1, what);
        if (!ArrayBufferIsView(array)) {
            throw new TypeError(`${what}: the argument is not a view`);
        }
        const tag = TypedArrayPrototypeGetTag(array);
        if (tag === undefined || integerArrays[tag] === undefined) {
            throw new DOMException(`${what}: the view is not one of integers`, "TypeMismatchError");
        }
        if (!isArrayBuffer(TypedArrayPrototypeGetBuffer(array))) {
            throw new TypeError(`${what}: the view is on shared memory`);
        }
        const length = TypedArrayPrototypeGetByteLength(array);
        if (length > MAX_RANDOM) {
            throw new DOMException(
                `${what}: ${length} bytes are more than the ${MAX_RANDOM} that are given at a time`,
                "QuotaExceededError",
            );
        }
        if (length > 0) {
            ops.randomFill(array);
        }
        return array;
    }
    randomUUID() {
        check(cryptoBrand, this);
        return ops.randomUuid();
    }
}
defineInterface("Crypto", Crypto);
const CryptoPrototype = Crypto.prototype;

export function newCrypto() {
    const subtle = subtleBrand.stamp(newHostObject(KIND_OTHER, 0, SubtleCryptoPrototype), true);
    return cryptoBrand.stamp(newHostObject(KIND_OTHER, 0, CryptoPrototype), { subtle });
}
