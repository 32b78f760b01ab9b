/* SPDX-License-Identifier: MIT */
/* Permission checks as data: a set, what is asked of it, the outcome. */
#ifndef CAY_TEST_PERM_CHECK_CASES_H
#define CAY_TEST_PERM_CHECK_CASES_H

#include "perm/perm.h"

typedef enum outcome {
    NO,    /* no rule speaks for it */
    YES,   /* a rule grants it */
    DENIED /* a deny rule refuses it */
} outcome_t;

typedef struct check_case {
    const char *set;
    cay_kind_t kind;
    const char *value;
    int port;
    const char *addr; /* NULL: before resolution */
    outcome_t expected;
} check_case_t;

/* Every name and every address, the special ones too. */
#define ANY "net=*,0.0.0.0/0,::/0"
#define READ(set, path, out)                                                                       \
    { set, CAY_KIND_READ, path, 0, NULL, out }
#define WRITE(set, path, out)                                                                      \
    { set, CAY_KIND_WRITE, path, 0, NULL, out }
#define NET(set, host, port, out)                                                                  \
    { set, CAY_KIND_NET, host, port, NULL, out }
#define TO(set, host, port, addr, out)                                                             \
    { set, CAY_KIND_NET, host, port, addr, out }
#define IMPORT(set, host, port, out)                                                               \
    { set, CAY_KIND_IMPORT, host, port, NULL, out }
#define ENV(set, name, out)                                                                        \
    { set, CAY_KIND_ENV, name, 0, NULL, out }
#define SYS(set, name, out)                                                                        \
    { set, CAY_KIND_SYS, name, 0, NULL, out }
#define SWITCH(set, kind, out)                                                                     \
    { set, CAY_KIND_##kind, "", 0, NULL, out }

/* clang-format off */
static const check_case_t check_cases[] = {
    /* Nothing is granted until it is named. */
    READ("", "/", NO), WRITE("", "/", NO), NET("", "example.com", 80, NO), ENV("", "HOME", NO),
    IMPORT("", "example.com", 443, NO), SYS("", "hostname", NO), SWITCH("", EVAL, NO), SWITCH("", WASM, NO),
    SWITCH("", SHARED_MEMORY, NO), SWITCH("", FINE_CLOCK, NO),

    /* Kinds do not speak for each other. */
    WRITE("read=/data", "/data", NO), READ("write=/data", "/data", NO), IMPORT("net=example.com", "example.com", 443, NO),
    NET("import=example.com", "example.com", 443, NO), SYS("env=hostname", "hostname", NO), ENV("sys=os", "os", NO),
    SWITCH("wasm", EVAL, NO), SWITCH("eval", WASM, NO), SWITCH("shared-memory", FINE_CLOCK, NO),
    READ("write;net;env;import;sys;wasm", "/data", NO),

    /* A path and what lies below it, component by component. */
    READ("read=/data", "/data", YES), READ("read=/data", "/data/x", YES), READ("read=/data", "/data/x/y/z", YES),
    READ("read=/data", "/data ", NO), READ("read=/data", "/datax", NO), READ("read=/data", "/data.txt", NO),
    READ("read=/data", "/dat", NO), READ("read=/data", "/", NO), READ("read=/data", "/x/data", NO),
    READ("read=/data", "/Data", NO), READ("read=/data", "/data\xc3\xa9", NO), READ("read=/data", "/data/\xff", YES),
    READ("read=/data/a", "/data", NO), READ("read=/data/a", "/data/a", YES), READ("read=/data/a", "/data/ab", NO),
    READ("read=/data/a", "/data/b/a", NO), READ("read=/d", "/d", YES), READ("read=/d", "/data", NO),
    READ("read=/a/rather/long/path", "/a/rather/long/path", YES), READ("read=/a/rather/long/path", "/a/rather/long/pat", NO),
    READ("read=/a/rather/long/path", "/a/rather/long/path/", NO), READ("read=/a/rather/long/path", "/a/rather/long/patH", NO),
    READ("read=/a/rather/long/path", "/a/rather/long/path/x", YES), READ("read=/b/rather/long/path", "/a/rather/long/path", NO),
    READ("read=/data,/etc/hosts", "/etc/hosts", YES), READ("read=/data,/etc/hosts", "/etc", NO),
    READ("read=/data,/etc/hosts", "/etc/hosts.allow", NO), READ("read=/data;read=/srv", "/srv/x", YES),

    /* The rule is normalised as text. */
    READ("read=/data/", "/data/x", YES), READ("read=//data//", "/data", YES), READ("read=/x/../data", "/data/x", YES),
    READ("read=/x/../data", "/x", NO), READ("read=/../../data", "/data", YES), READ("read=/./data/.", "/data", YES),
    READ("read=/a/b/..", "/a/c", YES), READ("read=/..", "/anything", YES), READ("read=/a%2Cb", "/a,b", YES),
    READ("read=/a%2Cb", "/a", NO), READ("read=/a%3Bb", "/a;b/c", YES), READ("read=/a%25b", "/a%b", YES),
    READ("read=/a%252Cb", "/a%2Cb", YES), READ("read=/a%252Cb", "/a,b", NO), READ("read=/a=b", "/a=b", YES),
    READ("read=/*", "/x", NO), READ("read=/*", "/*", YES), READ("read=/a b", "/a b/c", YES),

    /* What is asked must be normal: nothing that leaves the root, no NUL, no relative path. */
    READ("read=/data", "/data/../etc", NO), READ("read=/data", "/data/..", NO), READ("read=/data", "/data/.", NO),
    READ("read=/data", "/data//x", NO), READ("read=/data", "/data/x/", NO), READ("read=/data", "//data", NO),
    READ("read=/data", "data", NO), READ("read=/data", "", NO), READ("read=/data", "./data", NO), READ("read", "..", NO),
    READ("read", "/..", NO), READ("read", "/a/./b", NO), READ("read", "/a/...", YES), READ("read", "/a/..b", YES),
    READ("read", "/a/.b", YES), READ("read", "/.a/b", YES), READ("read=/data", "/data/...", YES),

    /* All of a kind, and its root. */
    READ("read", "/", YES), READ("read", "/etc/passwd", YES), READ("read=/", "/", YES), READ("read=/", "/etc/passwd", YES),
    WRITE("write", "/tmp/x", YES), WRITE("write=/tmp", "/tmp/x", YES), READ("all", "/etc/passwd", YES), WRITE("all", "/x", YES),

    /* What the kernel makes is never inside a grant that does not name it. */
    READ("read", "/proc", NO), READ("read", "/proc/self/environ", NO), READ("read", "/sys", NO), READ("read", "/sys/x", NO),
    READ("read", "/dev", NO), READ("read", "/dev/null", NO), READ("read=/", "/proc/1/mem", NO), READ("read=/", "/dev/mem", NO),
    READ("all", "/proc/self/maps", NO), READ("all", "/sys/kernel", NO), WRITE("all", "/dev/sda", NO), WRITE("write=/", "/sys/x", NO),
    READ("read", "/process", YES), READ("read", "/system", YES), READ("read", "/devel", YES), READ("read", "/x/proc", YES),
    READ("read=/proc", "/proc", YES), READ("read=/proc", "/proc/self/status", YES), READ("read=/proc/self", "/proc/self/fd", YES),
    READ("read=/proc/self", "/proc/1", NO), READ("read=/proc/self", "/proc", NO), READ("read=/proc", "/sys", NO),
    WRITE("write=/dev/null", "/dev/null", YES), WRITE("write=/dev/null", "/dev/zero", NO), READ("read;read=/proc", "/proc/cpuinfo", YES),
    READ("read=/,/sys/class", "/sys/class/net", YES), READ("read=/,/sys/class", "/sys/block", NO),
    READ("read=/x/../proc", "/proc/1", YES),

    /* Deny wins over allow, whatever the order and however much is granted. */
    READ("read=/data;deny-read=/data/secret", "/data/secret", DENIED), READ("read=/data;deny-read=/data/secret", "/data/secret/x", DENIED),
    READ("read=/data;deny-read=/data/secret", "/data/secrets", YES), READ("read=/data;deny-read=/data/secret", "/data/x", YES),
    READ("read=/data;deny-read=/data/secret", "/data", YES), READ("deny-read=/data/secret;read=/data", "/data/secret", DENIED),
    READ("deny-read=/data;read=/data/x", "/data/x", DENIED), READ("read;deny-read", "/x", DENIED), READ("read;deny-read=/", "/x", DENIED),
    READ("deny-read=/x", "/y", NO), READ("deny-read=/x", "/x", DENIED), READ("all;deny-read=/etc", "/etc/passwd", DENIED),
    READ("all;deny-read=/etc", "/etcetera", YES), WRITE("all;deny-read=/etc", "/etc/x", YES), READ("read=/proc;deny-read", "/proc/1", DENIED),
    READ("read=/proc;deny-read=/", "/proc/1", DENIED), READ("read=/proc;deny-read=/proc/self", "/proc/self/mem", DENIED),
    READ("read=/proc;deny-read=/proc/self", "/proc/1", YES), READ("read=/a;deny-read=/a/./b/../c/", "/a/c/d", DENIED),

    /* Environment: exact, or a prefix. */
    ENV("env=HOME", "HOME", YES), ENV("env=HOME", "HOME2", NO), ENV("env=HOME", "HOM", NO), ENV("env=HOME", "home", NO),
    ENV("env=LC_*", "LC_ALL", YES), ENV("env=LC_*", "LC_", YES), ENV("env=LC_*", "LC", NO), ENV("env=LC_*", "XLC_ALL", NO),
    ENV("env", "ANYTHING", YES), ENV("env=*", "ANYTHING", YES), ENV("env", "", NO), ENV("env=*", "", NO), ENV("all", "PATH", YES),
    ENV("env=A,B", "B", YES), ENV("env=A,B", "C", NO), ENV("env;deny-env=SECRET_*", "SECRET_KEY", DENIED),
    ENV("env;deny-env=SECRET_*", "SECRET", YES), ENV("env=S*;deny-env=SECRET", "SECRET", DENIED), ENV("env=S*;deny-env=SECRET", "SECRET2", YES),
    ENV("env=LONGER_THAN_EIGHT", "LONGER_THAN_EIGHT", YES), ENV("env=LONGER_THAN_EIGHT", "LONGER_THAN_NINEE", NO),
    ENV("env=LONGER_THAN_EIGHT*", "LONGER_THAN_EIGHTEEN", YES), ENV("env=LONGER_THAN_EIGHT*", "LONGER_THAN_EIGH", NO),
    ENV("env;deny-env", "X", DENIED), ENV("env=a b", "a b", YES), ENV("env=A*", "a", NO),

    /* Facts about the machine. */
    SYS("sys=hostname", "hostname", YES), SYS("sys=hostname", "os", NO), SYS("sys", "uptime", YES), SYS("sys", "", NO),
    SYS("all", "cpus", YES), SYS("sys;deny-sys=hostname", "hostname", DENIED), SYS("sys;deny-sys=hostname", "load", YES),
    SYS("sys=os,cpus", "cpus", YES), SYS("sys=memory", "memor", NO), SYS("sys=memory", "memory2", NO), SYS("sys;deny-sys", "os", DENIED),

    /* Switches. */
    SWITCH("eval", EVAL, YES), SWITCH("wasm", WASM, YES), SWITCH("shared-memory", SHARED_MEMORY, YES), SWITCH("fine-clock", FINE_CLOCK, YES),
    SWITCH("all", EVAL, YES), SWITCH("all", WASM, YES), SWITCH("all", SHARED_MEMORY, YES), SWITCH("all", FINE_CLOCK, YES),
    SWITCH("wasm;wasm", WASM, YES),
    {"wasm", CAY_KIND_WASM, "x", 0, NULL, NO}, {"all", CAY_KIND_COUNT, "", 0, NULL, NO}, {"all", 0xffffffff, "", 0, NULL, NO},

    /* Hosts by name. */
    NET("net=example.com", "example.com", 443, YES), NET("net=example.com", "example.com", 1, YES), NET("net=example.com", "example.com", 65535, YES),
    NET("net=example.com", "www.example.com", 443, NO), NET("net=example.com", "xexample.com", 443, NO),
    NET("net=example.com", "example.co", 443, NO), NET("net=example.com", "example.comx", 443, NO), NET("net=example.com", "com", 443, NO),
    NET("net=example.com", "", 443, NO), NET("net=example.com", ".", 443, NO), NET("net=example.com", ".example.com", 443, NO),
    NET("net=EXAMPLE.Com", "example.com", 443, YES), NET("net=example.com.", "example.com", 443, YES),
    NET("net=example.com", "example.com.", 443, YES), NET("net=example.com", "example.com..", 443, YES),
    NET("net=b\xc3\xbc" "cher.example", "xn--bcher-kva.example", 443, YES), NET("net=xn--bcher-kva.example", "xn--bcher-kva.example", 443, YES),
    NET("net=B\xc3\x9c" "CHER.example", "xn--bcher-kva.example", 443, YES), NET("net=fa\xc3\x9f.de", "xn--fa-hia.de", 443, YES),
    NET("net=\xef\xbd\x85xample.com", "example.com", 443, YES), NET("net=example\xe3\x80\x82" "com", "example.com", 443, YES),
    NET("net=a_b.example", "a_b.example", 443, YES), NET("net=x", "x", 80, YES), NET("net=a,b,c", "c", 80, YES),
    NET("net=example.com", "example.com", 0, NO), NET("net=example.com", "example.com", 65536, NO), NET("net=example.com", "example.com", -2, NO),

    /* Ports. -1 asks for every one. */
    NET("net=example.com:443", "example.com", 443, YES), NET("net=example.com:443", "example.com", 80, NO),
    NET("net=example.com:443", "example.com", -1, NO), NET("net=example.com", "example.com", -1, YES),
    NET("net=example.com:443,example.com:80", "example.com", 80, YES), NET("net=example.com:443,example.com:80", "example.com", -1, NO),
    NET("net=example.com:443,example.com", "example.com", 8080, YES), NET("net=*:443", "example.com", 443, YES),
    NET("net=*:443", "example.com", 444, NO), NET("net=*.com:443", "example.com", 443, YES), NET("net=*.com:443", "example.com", 80, NO),
    NET("net=10.0.0.1:22", "10.0.0.1", 22, YES), NET("net=10.0.0.1:22", "10.0.0.1", 23, NO), NET("net=[::1]:22", "[::1]", 22, YES),
    NET("net=[::1]:22", "[::1]", 23, NO), NET("net=10.0.0.0/8:22", "10.9.8.7", 22, YES), NET("net=10.0.0.0/8:22", "10.9.8.7", 2222, NO),
    NET("net=[fd00::/8]:22", "[fd00::1]", 22, YES), NET("net=[fd00::/8]:22", "[fd00::1]", 21, NO), NET("net=[fd00::/8]", "[fd00::1]", 21, YES),
    NET("net=example.com:65535", "example.com", 65535, YES), NET("net=example.com:1", "example.com", 1, YES),

    /* A star for sub-names of any depth, and for everything. */
    NET("net=*.example.com", "a.example.com", 443, YES), NET("net=*.example.com", "a.b.c.example.com", 443, YES),
    NET("net=*.example.com", "example.com", 443, NO), NET("net=*.example.com", "aexample.com", 443, NO),
    NET("net=*.example.com", "a.example.com.evil.org", 443, NO), NET("net=*.example.com", ".example.com", 443, NO),
    NET("net=*.example.com", "a.example.org", 443, NO), NET("net=*.example.com.", "a.example.com", 443, YES),
    NET("net=*.example.com", "a.example.com.", 443, YES), NET("net=*.EXAMPLE.com", "a.example.com", 443, YES),
    NET("net=*.b\xc3\xbc" "cher.example", "a.xn--bcher-kva.example", 443, YES), NET("net=*.com", "a.com", 443, YES),
    NET("net=*.com", "com", 443, NO), NET("net=*", "example.com", 443, YES), NET("net=*", "localhost", 443, YES),
    NET("net=*", "", 443, NO), NET("net=*.example.com", "*.example.com", 443, YES), NET("net=*.a.b", "x.c.b", 1, NO),

    /* An address does not let a name be resolved: DNS is a channel too. */
    NET("net=0.0.0.0/0,::/0", "example.com", 443, NO), NET("net=93.184.216.34", "example.com", 443, NO),
    TO("net=93.184.216.34", "example.com", 443, "93.184.216.34", NO), TO("net=10.0.0.0/8", "a.example", 80, "10.0.0.1", NO),
    NET("net=127.0.0.1", "localhost", 80, NO), TO("net=127.0.0.1", "localhost", 80, "127.0.0.1", NO),

    /* A name and the star reach public addresses only. */
    TO("net=example.com", "example.com", 443, "93.184.216.34", YES), TO("net=example.com", "example.com", 443, "2606:2800:220:1::1", YES),
    TO("net=*", "example.com", 443, "8.8.8.8", YES), TO("net=*.example.com", "a.example.com", 443, "8.8.8.8", YES),
    TO("net=example.com", "example.com", 443, "127.0.0.1", NO), TO("net=example.com", "example.com", 443, "10.0.0.1", NO),
    TO("net=example.com", "example.com", 443, "169.254.169.254", NO), TO("net=*", "example.com", 443, "192.168.1.1", NO),
    TO("net=*", "example.com", 443, "::1", NO), TO("net=*", "example.com", 443, "fd00::1", NO), TO("net=*", "example.com", 443, "fe80::1", NO),
    TO("net=*", "example.com", 443, "100.64.0.1", NO), TO("net=*", "example.com", 443, "224.0.0.1", NO), TO("net=*", "example.com", 443, "0.0.0.0", NO),
    TO("net=*", "example.com", 443, "::", NO), TO("net=*", "example.com", 443, "172.31.255.255", NO), TO("net=*", "example.com", 443, "172.32.0.0", YES),
    TO("net=*", "localhost", 80, "127.0.0.1", NO), TO("net=*", "example.com", 443, "168.63.129.16", NO), TO("net=*", "a", 1, "255.255.255.255", NO),
    TO("net=*", "a", 80, "192.0.2.1", NO), TO("net=*", "a", 80, "198.18.0.1", NO), TO("net=*", "a", 80, "2001:db8::1", NO), TO("net=*", "a", 80, "ff02::1", NO),
    TO("net=*", "a", 80, "4000::1", NO), TO("net=*", "a", 80, "2a00::1", YES),

    /* Unless a rule names the address too, with the port. */
    TO("net=*.corp,10.0.0.0/8", "db.corp", 5432, "10.1.2.3", YES), TO("net=*.corp,10.0.0.0/8", "db.corp", 5432, "10.1.2.3", YES),
    TO("net=*.corp,10.0.0.0/8", "db.corp", 5432, "192.168.0.1", NO), TO("net=*.corp,10.0.0.0/8:5432", "db.corp", 5432, "10.1.2.3", YES),
    TO("net=*.corp,10.0.0.0/8:5432", "db.corp", 80, "10.1.2.3", NO), TO("net=*.corp:5432,10.0.0.0/8", "db.corp", 80, "10.1.2.3", NO),
    TO("net=*,127.0.0.1", "example.com", 80, "127.0.0.1", YES), TO("net=*,127.0.0.1", "example.com", 80, "127.0.0.2", NO),
    TO("net=*,::1", "example.com", 80, "::1", YES), TO("net=*,0.0.0.0/0", "example.com", 80, "::1", NO), TO("net=*,0.0.0.0/0", "a", 80, "169.254.169.254", YES),
    TO("net=*,::/0", "example.com", 80, "::1", YES), TO("net=*,::/0", "example.com", 80, "127.0.0.1", NO),

    /* A bare kind is "*", "all" is the special addresses too. */
    NET("net", "example.com", 443, YES), NET("net", "8.8.8.8", 443, YES), NET("net", "127.0.0.1", 80, NO), TO("net", "a", 80, "10.0.0.1", NO), TO("net", "localhost", 80, "127.0.0.1", NO),
    IMPORT("import", "127.0.0.1", 443, NO), NET("net;deny-net", "a", 80, DENIED), NET("all", "127.0.0.1", 443, YES), TO("all;deny-net=10.0.0.0/8", "a", 80, "10.0.0.1", DENIED),
    NET("all", "[::ffff:7f00:1]", 80, YES), NET("all", "[64:ff9b::7f00:1]", 80, YES),
    NET(ANY, "example.com", 443, YES), TO(ANY, "example.com", 443, "127.0.0.1", YES), NET(ANY, "127.0.0.1", 80, YES), NET("all", "[::1]", 80, YES),
    TO("all", "a", 80, "169.254.169.254", YES), TO("all", "localhost", 80, "::1", YES), NET("all", "10.0.0.1", -1, YES), IMPORT("all", "127.0.0.1", 443, YES),
    NET("net=*,0.0.0.0/0,::/0", "127.0.0.1", 80, YES), NET("net=*,0.0.0.0/0,::/0", "[fe80::1]", 80, YES),

    /* localhost names the loopback addresses. */
    NET("net=localhost", "localhost", 80, YES), TO("net=localhost", "localhost", 80, "127.0.0.1", YES), TO("net=localhost", "localhost", 80, "::1", YES),
    TO("net=localhost", "localhost", 80, "127.8.8.8", YES), TO("net=localhost", "localhost", 80, "10.0.0.1", NO), TO("net=localhost", "localhost", 80, "8.8.8.8", YES),
    TO("net=localhost", "localhost", 80, "::ffff:127.0.0.1", YES), TO("net=localhost:80", "localhost", 80, "127.0.0.1", YES),
    TO("net=localhost:80", "localhost", 81, "127.0.0.1", NO), TO("net=*,localhost:80", "localhost", 81, "127.0.0.1", NO), TO("net=*,localhost:80", "localhost", 80, "127.0.0.1", YES),
    TO("net=localhost,example.com", "example.com", 80, "127.0.0.1", NO), NET("net=localhost", "127.0.0.1", 80, NO), NET("net=localhost", "[::1]", 80, NO),
    NET("net=localhost", "a.localhost", 80, NO), TO("net=*.localhost", "a.localhost", 80, "127.0.0.1", YES), TO("net=a.localhost", "a.localhost", 80, "::1", YES),
    TO("net=*.localhost", "localhost", 80, "127.0.0.1", NO), TO("net=localhost.", "localhost.", 80, "127.0.0.1", YES), TO("net=localhost", "localhost.", 80, "127.0.0.1", YES),
    TO("net=localhost,*.com", "localhost.com", 80, "127.0.0.1", NO), TO("net=LOCALHOST", "localhost", 80, "127.0.0.1", YES), TO("net=xlocalhost", "xlocalhost", 80, "127.0.0.1", NO),

    /* A host that is an address. */
    NET("net=93.184.216.34", "93.184.216.34", 80, YES), NET("net=93.184.216.34", "93.184.216.35", 80, NO), NET("net=*", "93.184.216.34", 80, YES),
    NET("net=*", "127.0.0.1", 80, NO), NET("net=*", "[::1]", 80, NO), NET("net=*", "[2606:2800::1]", 80, YES), NET("net=127.0.0.1", "127.0.0.1", 80, YES),
    NET("net=127.0.0.0/8", "127.1.2.3", 80, YES), NET("net=127.0.0.0/8", "128.0.0.1", 80, NO), NET("net=0x7f.1", "127.0.0.1", 80, YES), NET("net=017700000001", "127.0.0.1", 80, YES),
    NET("net=2130706433", "127.0.0.1", 80, YES), NET("net=127.1", "127.0.0.1", 80, YES), NET("net=127.0.0.1.", "127.0.0.1", 80, YES), NET("net=127.0.0.1", "127.0.0.1.", 80, YES),
    NET("net=*.1.com", "127.0.0.1", 80, NO), NET("net=::1", "[::1]", 80, YES), NET("net=::1", "::1", 80, YES), NET("net=0:0::1", "[::1]", 80, YES), NET("net=[::1]", "[::1]", 80, YES),
    NET("net=2001:DB8::1", "[2001:db8::1]", 80, YES), NET("net=2001:db8::/32", "[2001:db8:ffff::1]", 80, YES), NET("net=2001:db8::/32", "[2001:db9::]", 80, NO),
    NET("net=2001:db8::/33", "[2001:db8:7fff::1]", 80, YES), NET("net=2001:db8::/33", "[2001:db8:8000::1]", 80, NO), NET("net=10.0.0.0/9", "10.127.0.1", 80, YES), NET("net=10.0.0.0/9", "10.128.0.1", 80, NO),
    NET("net=10.0.0.1/32", "10.0.0.1", 80, YES), NET("net=10.0.0.1/32", "10.0.0.2", 80, NO), NET("net=10.0.0.2/31", "10.0.0.3", 80, YES), NET("net=10.0.0.2/31", "10.0.0.4", 80, NO),
    NET("net=0.0.0.0/0", "1.2.3.4", 80, YES), NET("net=0.0.0.0/0", "[2606::1]", 80, NO), NET("net=::/0", "[2606::1]", 80, YES), NET("net=::/0", "1.2.3.4", 80, NO),
    NET("net=1.2.3.4", "1.2.3.4", -1, YES), NET("net=1.2.3.4:80", "1.2.3.4", -1, NO), TO("net=1.2.3.4", "1.2.3.4", 80, "1.2.3.4", YES),
    TO("net=1.2.3.4", "1.2.3.4", 80, "127.0.0.1", NO), TO("net=*", "1.2.3.4", 80, "10.0.0.1", NO), TO("net=127.0.0.1", "1.2.3.4", 80, "127.0.0.1", NO),

    /* An IPv4 address inside an IPv6 address is judged as well. */
    NET("net=127.0.0.1", "[::ffff:7f00:1]", 80, YES), NET("net=*", "[::ffff:7f00:1]", 80, NO), NET("net=*", "[::ffff:808:808]", 80, YES), NET("net=::/0", "[::ffff:7f00:1]", 80, NO),
    NET("net=::ffff:127.0.0.1", "127.0.0.1", 80, YES), NET("net=::ffff:127.0.0.1", "[::ffff:7f00:1]", 80, YES), NET("net=::ffff:10.0.0.0/104", "10.2.3.4", 80, YES),
    TO("net=*", "a", 80, "::ffff:10.0.0.1", NO), TO("net=*", "a", 80, "::ffff:8.8.8.8", YES), TO("net=*,10.0.0.0/8", "a", 80, "::ffff:10.0.0.1", YES), TO("net=*,::/0", "a", 80, "::ffff:10.0.0.1", NO),
    TO("net=*", "a", 80, "64:ff9b::7f00:1", NO), TO("net=*", "a", 80, "64:ff9b::808:808", YES), TO("net=*,127.0.0.1", "a", 80, "64:ff9b::7f00:1", YES), TO("net=*", "a", 80, "64:ff9b::a9fe:a9fe", NO),
    NET("net=64:ff9b::/96", "[64:ff9b::7f00:1]", 80, NO), NET("net=64:ff9b::/96,127.0.0.1", "[64:ff9b::7f00:1]", 80, YES), NET("net=127.0.0.1", "[64:ff9b::7f00:1]", 80, NO),
    TO("net=*", "a", 80, "64:ff9b:1::808:808", NO), TO("net=*,64:ff9b:1::/48", "a", 80, "64:ff9b:1::808:808", YES), TO("net=*,64:ff9b:1::/48", "a", 80, "64:ff9b:1::7f00:1", NO),
    TO("net=*,64:ff9b:1::/48", "a", 80, "64:ff9b:1:7f00:0:100::", NO), TO("net=*", "a", 80, "2002:7f00:1::1", NO), TO("net=*", "a", 80, "2002:808:808::1", NO), TO("net=*,2002::/16", "a", 80, "2002:808:808::1", YES),
    TO("net=*,2002::/16", "a", 80, "2002:a00:1::1", NO), TO("net=*", "a", 80, "2001::1", NO), TO("net=*,2001::/32", "a", 80, "2001:0:808:808::f7f7:f7f7", YES), TO("net=*,2001::/32", "a", 80, "2001:0:808:808::80ff:fffe", NO),
    TO("net=*", "a", 80, "2606::5efe:7f00:1", NO), TO("net=*", "a", 80, "2606::200:5efe:a00:1", NO), TO("net=*", "a", 80, "2606::5efe:808:808", YES), TO("net=*", "a", 80, "::7f00:1", NO), TO("net=*", "a", 80, "::ffff:0:7f00:1", NO),
    TO("net=*", "a", 80, "::808:808", NO),

    /* Denials of hosts: by name, by address in every spelling, by port. */
    NET(ANY ";deny-net=example.com", "example.com", 80, DENIED), NET(ANY ";deny-net=example.com", "example.com.", 80, DENIED), NET(ANY ";deny-net=example.com", "a.example.com", 80, YES),
    NET(ANY ";deny-net=*.example.com", "a.b.example.com", 80, DENIED), NET(ANY ";deny-net=*.example.com", "example.com", 80, YES), NET(ANY ";deny-net=example.com:80", "example.com", 80, DENIED),
    NET(ANY ";deny-net=example.com:80", "example.com", 81, YES), NET(ANY ";deny-net=example.com:80", "example.com", -1, DENIED), NET(ANY ";deny-net=*", "example.com", 80, DENIED),
    NET(ANY ";deny-net=*", "127.0.0.1", 80, DENIED), NET(ANY ";deny-net=*:25", "example.com", 25, DENIED), NET(ANY ";deny-net=*:25", "example.com", 26, YES), NET(ANY ";deny-net=*:25", "10.0.0.1", 25, DENIED),
    NET(ANY ";deny-net", "a", 80, DENIED), NET("net=example.com;deny-net=example.com", "example.com", 80, DENIED), NET(ANY ";deny-net=10.0.0.0/8", "10.1.1.1", 80, DENIED), NET(ANY ";deny-net=10.0.0.0/8", "11.1.1.1", 80, YES),
    NET(ANY ";deny-net=10.0.0.0/8", "a", 80, YES), TO(ANY ";deny-net=10.0.0.0/8", "a", 80, "10.1.1.1", DENIED), TO(ANY ";deny-net=10.0.0.0/8", "a", 80, "::ffff:10.1.1.1", DENIED),
    TO(ANY ";deny-net=10.0.0.0/8", "a", 80, "64:ff9b::a01:101", DENIED), TO(ANY ";deny-net=10.0.0.0/8", "a", 80, "2002:a01:101::", DENIED), TO(ANY ";deny-net=10.0.0.0/8", "a", 80, "2606::5efe:a01:101", DENIED),
    TO(ANY ";deny-net=10.0.0.0/8:22", "a", 80, "10.1.1.1", YES), TO(ANY ";deny-net=10.0.0.0/8:22", "a", 22, "10.1.1.1", DENIED), NET(ANY ";deny-net=127.0.0.0/8", "[::ffff:7f00:1]", 80, DENIED),
    NET(ANY ";deny-net=127.0.0.0/8", "[64:ff9b::7f00:1]", 80, DENIED), NET(ANY ";deny-net=::ffff:0:0/96", "1.2.3.4", 80, DENIED), NET("net=127.0.0.1;deny-net=127.0.0.0/8", "127.0.0.1", 80, DENIED),
    NET(ANY ";deny-net=8.8.8.8", "8.8.8.8", 53, DENIED), TO("net=*;deny-net=8.8.8.8", "dns.google", 53, "8.8.8.8", DENIED), TO("net=*;deny-net=8.8.8.8", "dns.google", 53, "8.8.4.4", YES),
    TO("net=*;deny-net=8.8.8.8", "1.1.1.1", 53, "8.8.8.8", DENIED), TO(ANY ";deny-net=1.1.1.1", "1.1.1.1", 53, "8.8.8.8", DENIED), NET(ANY ";deny-net=::/0", "[2606::1]", 80, DENIED), NET(ANY ";deny-net=::/0", "1.1.1.1", 80, YES),
    NET(ANY ";deny-net=localhost", "localhost", 80, DENIED), NET(ANY ";deny-net=localhost", "127.0.0.1", 80, DENIED), NET(ANY ";deny-net=localhost", "[::1]", 80, DENIED), TO(ANY ";deny-net=localhost", "a", 80, "127.9.9.9", DENIED),
    TO(ANY ";deny-net=localhost", "a", 80, "::ffff:127.0.0.1", DENIED), TO(ANY ";deny-net=localhost", "a", 80, "10.0.0.1", YES), NET(ANY ";deny-net=localhost:80", "127.0.0.1", 81, YES), NET(ANY ";deny-net=localhost:80", "127.0.0.1", 80, DENIED),
    NET(ANY ";deny-net=*.localhost", "127.0.0.1", 80, YES), NET("deny-net=a", "b", 80, NO), NET("deny-net=a", "a", 80, DENIED), NET(ANY ";deny-import=a", "a", 80, YES),

    /* import is a list of its own with the same patterns. */
    IMPORT("import=esm.example", "esm.example", 443, YES), IMPORT("import=*.example:443", "esm.example", 443, YES), IMPORT("import=*.example:443", "esm.example", 80, NO), IMPORT("import", "esm.example", 443, YES),
    IMPORT("import;deny-import=*.evil", "x.evil", 443, DENIED), IMPORT("import=*", "127.0.0.1", 443, NO), {"import=*", CAY_KIND_IMPORT, "a.example", 443, "10.0.0.1", NO}, {"import=*", CAY_KIND_IMPORT, "a.example", 443, "1.1.1.1", YES},
};
/* clang-format on */

#endif
