/* SPDX-License-Identifier: MIT */
#include "scenarios.h"

#include "../e2e/host.h"

const scenario_t soak_scenarios[] = {
    /* without an end of their own */
    {"loop", "for (;;);", NULL, "turn-cpu", true},
    {"idle", "onmessage = () => {};", NULL, NULL, true},
    {"posting", "for (;;) { try { postMessage({ a: [1, 2, 3] }); } catch {} }", NULL, "turn-cpu",
     true},
    {"posting in turns",
     "setInterval(() => { for (let i = 0; i < 100; i++) try { postMessage(i); } catch {} });", NULL,
     NULL, true},
    {"in a built-in", "for (;;) new Array(1e6).indexOf(1);", NULL, "turn-cpu", true},
    {"in a sort", "const a = Array.from({ length: 2e4 }, Math.random); for (;;) a.slice().sort();",
     NULL, "turn-cpu", true},
    {"in microtasks", "const f = () => queueMicrotask(f); f();", NULL, "turn-cpu", true},
    {"in timers", "const f = () => { setTimeout(f); }; for (let i = 0; i < 20; i++) f();", NULL,
     NULL, true},
    {"half imported",
     "setInterval(() => {}, 5); await import('data:text/javascript,await new "
     "Promise(() => {})');",
     NULL, NULL, true},
    {"two ports",
     "const { port1, port2 } = new MessageChannel(); port1.onmessage = port2.onmessage = (e) =>"
     " e.target.postMessage(e.data); port1.postMessage(1);",
     NULL, NULL, true},
    {"a port in a child",
     HOST_CHILD "const { port1, port2 } = new MessageChannel();"
                "child('onmessage = (e) => { e.ports[0].onmessage = (m) =>"
                " e.ports[0].postMessage(m.data); }').postMessage(0, [port2]);"
                "port1.onmessage = (e) => port1.postMessage(e.data); port1.postMessage(1);",
     NULL, NULL, true},
    {"ports to the host",
     "setInterval(() => { const { port1, port2 } = new MessageChannel(); port2.onmessage = (e) =>"
     " port2.postMessage(e.data); try { postMessage(port1, [port1]); } catch {} }, 2);",
     NULL, NULL, true},
    {"children that loop",
     HOST_CHILD "for (let i = 0; i < 3; i++) child('postMessage(1); for (;;);');"
                "onmessage = () => {};",
     NULL, NULL, true},

    /* ends of their own */
    {"close", "postMessage(1); close();", NULL, "closed", false},
    {"exit", "setTimeout(() => cay.exit(7), 1);", NULL, "closed", false},
    {"uncaught", "setTimeout(() => { throw new Error('x'); });", NULL, "uncaught", false},
    {"rejection", "setTimeout(() => Promise.reject(new Error('x')));", NULL, "uncaught", false},
    {"main throws", "throw new TypeError('x');", NULL, "main-module", false},
    {"main does not parse", "syntax error", NULL, "main-module", false},
    {"import fails", "await import('data:text/javascript,throw 1');", NULL, "main-module", false},
    {"children, then close",
     HOST_CHILD
     "let n = 0; for (let i = 0; i < 3; i++)"
     " child('postMessage(1); for (;;);').onmessage = () => { if (++n === 3) close(); };",
     NULL, "closed", false},
    {"grandchildren, then close",
     HOST_CHILD "const w = child(`new Worker('data:text/javascript,postMessage(1); for (;;);')"
                ".onmessage = () => postMessage(1); for (let i = 0; i < 1e5; i++);`);"
                "w.onmessage = () => close();",
     NULL, "closed", false},
    {"a child that ends",
     HOST_CHILD "const w = child('setTimeout(close)'); w.onclose = () => close();", NULL, "closed",
     false},
    {"a child terminated",
     HOST_CHILD "const w = child('postMessage(1); for (;;);'); w.onmessage = () => w.terminate();"
                "w.onclose = () => close();",
     NULL, "closed", false},
    {"operations in flight",
     "for (let i = 0; i < 20; i++) { crypto.subtle.digest('SHA-256', new Uint8Array(1e4));"
     " fetch('data:,x'); import(`data:text/javascript,${i}`); setTimeout(() => {}, i);"
     " new Response(new Blob(['x'])).text(); } setTimeout(close, 5);",
     NULL, "closed", false},

    /* limits */
    {"memory", "const a = []; for (;;) a.push({ x: a.length, y: [1, 2, 3] });",
     "memory=12M;turn-cpu=unlimited", "memory|heap", false},
    {"memory of a child",
     HOST_CHILD "const w = child('const a = []; for (;;) a.push({ x: a.length, y: [1, 2, 3] });',"
                " { cay: { limits: { memory: 8 * 2 ** 20 } } });"
                "w.onerror = (e) => e.preventDefault(); w.onclose = () => close();",
     "memory=64M;turn-cpu=unlimited", "closed", false},
    {"buffers",
     "const a = []; try { for (;;) a.push(new Uint8Array(2 ** 20)); } catch { close(); }",
     "memory=12M", "closed", false},
    {"cpu", "setInterval(() => { for (let i = 0; i < 1e6; i++); });", "cpu=20ms;turn-cpu=20ms",
     "cpu|turn-cpu", false},
    {"turn", "setTimeout(() => { for (;;); });", "turn-cpu=10ms", "turn-cpu", false},
    {"turn of a child",
     HOST_CHILD "const w = child('for (;;);', { cay: { limits: { turnCpu: 10 } } });"
                "w.onerror = (e) => e.preventDefault(); w.onclose = () => close();",
     NULL, "closed", false},
    {"wall", "setInterval(() => {}, 5);", "wall=25ms", "wall", false},
    {"wall, in a loop", "for (;;);", "wall=25ms;turn-cpu=unlimited", "wall", false},
    {"idle", "onmessage = () => {};", "idle=15ms", "idle", false},
    {"startup", "setInterval(() => {}, 5); await new Promise(() => {});", "startup=25ms", "startup",
     false},
    {"handler of limit", "addEventListener('limit', () => { for (;;); }); for (;;);",
     "turn-cpu=20ms", "turn-cpu", false},
};
const size_t soak_scenario_count = sizeof soak_scenarios / sizeof *soak_scenarios;
