// SPDX-License-Identifier: MIT
// URL: parts, setters, searchParams bound to it, errors.
import { done, equal, same, throws } from "./lib/assert.js";

const url = new URL("../b?x=1#h", "https://u:p@example.com:8080/a/c/d");
equal(url.href, "https://u:p@example.com:8080/a/b?x=1#h");
same([url.origin, url.protocol, url.username, url.password], ["https://example.com:8080", "https:", "u", "p"]);
same([url.host, url.hostname, url.port], ["example.com:8080", "example.com", "8080"]);
same([url.pathname, url.search, url.hash], ["/a/b", "?x=1", "#h"]);
equal(String(url), url.href);
equal(JSON.stringify({ url }), `{"url":"${url.href}"}`);
url.port = "443";
equal(url.host, "example.com");
url.search = "y=2";
equal(url.searchParams.get("y"), "2");
equal(url.searchParams, url.searchParams);
url.searchParams.append("z", "a b&");
equal(url.search, "?y=2&z=a+b%26");
url.searchParams.delete("y");
url.searchParams.delete("z");
equal(url.href, "https://u:p@example.com/a/b#h");
url.href = "data:text/plain,x?q=1";
equal(url.searchParams.get("q"), "1");
throws(() => {
    url.href = "nonsense";
}, "TypeError");
throws(() => new URL("relative"), "TypeError");
throws(() => new URL("//x", "data:x"), "TypeError");
throws(() => URL("a:b"), "TypeError");
equal(URL.canParse("a:b"), true);
equal(URL.canParse("x", "https://h/"), true);
equal(URL.canParse("x"), false);
equal(new URL("http://EXAMPLE.com/\ud800").pathname, "/%EF%BF%BD");
done();
