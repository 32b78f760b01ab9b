// SPDX-License-Identifier: MIT
// Iterators of interfaces that are "iterable<key, value>" in Web IDL: Headers, URLSearchParams.
import {
    ObjectCreate, ObjectDefineProperty, ObjectGetPrototypeOf, SymbolIterator, SymbolToStringTag,
} from "./00_primordials.js";
import { illegalInvocation } from "./10_webidl.js";
import { newBrand } from "./11_interface.js";

export const KEYS = 0;
export const VALUES = 1;
export const ENTRIES = 2;

const IteratorPrototype = ObjectGetPrototypeOf(ObjectGetPrototypeOf([][SymbolIterator]()));

function item(pair, kind) {
    if (kind === KEYS) {
        return pair.name;
    }
    return kind === VALUES ? pair.value : [pair.name, pair.value];
}

// The function (source, kind) that makes an iterator of the interface. pairsOf(source) gives the list of
// { name, value } as it is at each step, so that a change on the way is seen (Web IDL).
export function definePairIterator(interfaceName, pairsOf) {
    const brand = newBrand();
    const prototype = ObjectCreate(IteratorPrototype);
    const next = {
        next() {
            const state = brand.state(this);
            if (state === undefined) {
                throw illegalInvocation();
            }
            const pairs = pairsOf(state.source);
            if (state.at >= pairs.length) {
                return { value: undefined, done: true };
            }
            return { value: item(pairs[state.at++], state.kind), done: false };
        },
    }.next;
    ObjectDefineProperty(prototype, "next", {
        __proto__: null, value: next, writable: true, enumerable: true, configurable: true,
    });
    ObjectDefineProperty(prototype, SymbolToStringTag, {
        __proto__: null, value: `${interfaceName} Iterator`, configurable: true,
    });
    return (source, kind) => brand.stamp(ObjectCreate(prototype), { source, kind, at: 0 });
}
