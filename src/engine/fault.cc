/* SPDX-License-Identifier: MIT */
/* Exceptions as text. Reading an exception can run guest code (a getter called `message`), so each read is
 * guarded, and a termination that arrives on the way ends the reading. */
#include <cstdio>
#include <cstdlib>

#include "engine/v8_internal.h"
extern "C" {
#include "base/buf.h"
}

void eng_fault_clear(eng_fault_t *f) {
    cay__free(f->name);
    cay__free(f->message);
    cay__free(f->stack);
    cay__free(f->file);
    cay__free(f->source_line);
    *f = eng_fault_t{};
}

namespace {

/* A source line in a report is cut here: bundled code has lines of megabytes. */
constexpr int kMaxSourceLine = 2000;

/* A text in a report is cut here: a guest makes messages of hundreds of megabytes. */
constexpr int kMaxText = 64 * 1024;

/* UTF-8 of a string, at most kMaxText bytes of it; null for other values. */
char *clipped(v8::Isolate *v8, v8::Local<v8::Value> v) {
    if (v.IsEmpty() || !v->IsString() || v.As<v8::String>()->Length() <= kMaxText / 3) {
        return eng__text(v8, v, nullptr);
    }
    char *out = static_cast<char *>(cay__malloc(kMaxText + 1));
    if (out) {
        int n = v.As<v8::String>()->WriteUtf8(v8, out, kMaxText, nullptr,
                                              v8::String::NO_NULL_TERMINATION |
                                                  v8::String::REPLACE_INVALID_UTF8);
        out[n] = 0;
    }
    return out;
}

/* One reading of an exception. V8 forgets a termination as soon as the outermost TryCatch is left, so each
 * guarded read notes it here: another getter would run with nothing to stop it. */
struct Reading {
    eng_isolate_t *iso;
    bool stopped;

    v8::MaybeLocal<v8::Value> get(v8::Local<v8::Object> o, const char *key) {
        if (stopped) {
            return {};
        }
        v8::TryCatch tc(iso->v8);
        v8::Local<v8::Value> v;
        bool ok = o->Get(iso->local_context(), eng__str(iso->v8, key)).ToLocal(&v);
        stopped = tc.HasTerminated() || iso->v8->IsExecutionTerminating();
        return ok && !stopped ? v : v8::MaybeLocal<v8::Value>();
    }
    /* Property `key` when it is a string. */
    char *text(v8::Local<v8::Object> o, const char *key) {
        v8::Local<v8::Value> v;
        return get(o, key).ToLocal(&v) ? clipped(iso->v8, v) : nullptr;
    }
};

void place_of(eng_isolate_t *iso, v8::Local<v8::Message> m, eng_fault_t *out) {
    v8::Local<v8::Context> context = iso->local_context();
    out->file = clipped(iso->v8, m->GetScriptResourceName());
    out->line = static_cast<uint32_t>(m->GetLineNumber(context).FromMaybe(0));
    if (out->line == 0) {
        return;
    }
    out->column = static_cast<uint32_t>(m->GetStartColumn(context).FromMaybe(0)) + 1;
    out->end_column = static_cast<uint32_t>(m->GetEndColumn(context).FromMaybe(0)) + 1;
    v8::Local<v8::String> line;
    if (m->GetSourceLine(context).ToLocal(&line) && line->Length() <= kMaxSourceLine) {
        out->source_line = eng__text(iso->v8, line, nullptr);
    }
}

/* How many causes of causes are told, and how much of their text: a guest makes both as it likes. */
constexpr int kMaxCauses = 8;
constexpr size_t kMaxCauseText = 16384;

/* The own `cause` of a native error. */
v8::MaybeLocal<v8::Value> cause_of(Reading *r, v8::Local<v8::Object> o) {
    v8::Local<v8::Context> context = r->iso->local_context();
    if (!o->IsNativeError() ||
        !o->HasOwnProperty(context, eng__str(r->iso->v8, "cause")).FromMaybe(false)) {
        return {};
    }
    return r->get(o, "cause");
}

/* The text of one cause; runs guest getters on objects only. */
char *cause_text(Reading *r, v8::Local<v8::Value> cause) {
    v8::Local<v8::String> s;
    if (cause->IsObject()) {
        return cause->IsProxy() ? nullptr : r->text(cause.As<v8::Object>(), "stack");
    }
    if (cause->IsSymbol() || !cause->ToString(r->iso->local_context()).ToLocal(&s)) {
        return nullptr;
    }
    return clipped(r->iso->v8, s);
}

/* "Caused by: ..." for each cause, after the stack. */
void put_causes(Reading *r, v8::Local<v8::Object> o, eng_fault_t *out) {
    v8::Local<v8::Value> cause;
    for (int i = 0; i < kMaxCauses && cause_of(r, o).ToLocal(&cause); i++) {
        char *text = cause_text(r, cause);
        if (!text || std::strlen(text) > kMaxCauseText) {
            cay__free(text);
            return;
        }
        char *more = cay__asprintf("%s\nCaused by: %s", out->stack ? out->stack : "", text);
        cay__free(text);
        if (more) {
            cay__free(out->stack);
            out->stack = more;
        }
        if (!cause->IsObject()) {
            return;
        }
        o = cause.As<v8::Object>();
    }
}

/* "Uncaught " is how V8 begins each message. */
char *bare_message(eng_isolate_t *iso, v8::Local<v8::Message> m) {
    char *text = clipped(iso->v8, m->Get());
    static const char kPrefix[] = "Uncaught ";
    if (text && std::strncmp(text, kPrefix, sizeof kPrefix - 1) == 0) {
        std::memmove(text, text + sizeof kPrefix - 1, std::strlen(text) - sizeof kPrefix + 2);
    }
    return text;
}

bool is_frame_of(const char *line, size_t len, const char *what) {
    const char *found = static_cast<const char *>(memmem(line, len, what, std::strlen(what)));
    return found && len > 7 && std::strncmp(line, "    at ", 7) == 0;
}

/* Takes the glue's frames out of a stack, in place: they tell the guest nothing. A promise that the glue made is
 * one of them. */
void drop_glue(char *stack) {
    char *to = stack;
    bool dropped = false;
    for (const char *at = stack; *at;) {
        size_t len = std::strcspn(at, "\n");
        size_t whole = len + (at[len] == '\n');
        bool own = is_frame_of(at, len, "cay:glue:") ||
                   (dropped && is_frame_of(at, len, "at new Promise (<anonymous>)"));
        if (!own) {
            std::memmove(to, at, whole);
            to += whole;
        }
        dropped = own;
        at += whole;
    }
    *to = 0;
    if (to > stack && to[-1] == '\n') {
        to[-1] = 0;
    }
}

/* The place of the first frame, "URL:LINE:COLUMN" with or without parentheses, for an error that no throw of the
 * guest's made. */
void place_from_stack(eng_fault_t *out) {
    const char *at = out->stack ? std::strstr(out->stack, "\n    at ") : nullptr;
    if (!at) {
        return;
    }
    at += 1;
    const char *end = at + std::strcspn(at, "\n");
    const char *open = static_cast<const char *>(memchr(at, '(', static_cast<size_t>(end - at)));
    const char *from = open && end[-1] == ')' ? open + 1 : at + 7;
    end -= open && end[-1] == ')';
    if (std::strncmp(from, "async ", 6) == 0) {
        from += 6;
    }
    unsigned numbers[2] = {0, 0}; /* column, line */
    for (int i = 0; i < 2; i++) {
        const char *digits = end;
        while (digits > from && digits[-1] >= '0' && digits[-1] <= '9') {
            digits--;
        }
        if (digits == end || digits <= from + 1 || digits[-1] != ':' || end - digits > 9) {
            return;
        }
        numbers[i] = static_cast<unsigned>(std::strtoul(digits, nullptr, 10));
        end = digits - 1;
    }
    char *file = cay__strndup(from, static_cast<size_t>(end - from));
    if (file) {
        cay__free(out->file);
        out->file = file;
        out->line = numbers[1];
        out->column = numbers[0];
        out->end_column = numbers[0] + 1;
    }
}

} // namespace

bool eng__fault_of(eng_isolate_t *iso, v8::Local<v8::Value> exception,
                   v8::Local<v8::Message> message, eng_fault_t *out) {
    v8::HandleScope handles(iso->v8);
    Reading r = {iso, false};
    if (!message.IsEmpty()) {
        place_of(iso, message, out);
    }
    if (!exception.IsEmpty() && exception->IsObject() && !exception->IsProxy()) {
        v8::Local<v8::Object> o = exception.As<v8::Object>();
        out->message = r.text(o, "message");
        if (out->message) {
            out->name = r.text(o, "name");
            out->stack = r.text(o, "stack");
            if (out->stack) {
                drop_glue(out->stack);
            }
            put_causes(&r, o, out);
        }
    }
    if (!out->message && !message.IsEmpty()) {
        out->message = bare_message(iso, message);
    }
    bool of_glue = out->file && std::strcmp(out->file, kGlueName) == 0;
    if (of_glue) {
        cay__free(out->source_line);
        out->source_line = nullptr;
    }
    if (of_glue || (!out->file && out->line == 0)) {
        place_from_stack(out);
    }
    return !r.stopped;
}

int eng__caught(eng_isolate_t *iso, v8::TryCatch *tc, eng_fault_t *fault) {
    if (tc->HasTerminated() || iso->v8->IsExecutionTerminating() || !tc->HasCaught()) {
        return CAY_ETERMINATED;
    }
    if (fault) {
        v8::Local<v8::Value> exception = tc->Exception();
        v8::Local<v8::Message> message = tc->Message();
        if (!eng__fault_of(iso, exception, message, fault)) {
            eng_fault_clear(fault);
            return CAY_ETERMINATED;
        }
    }
    return CAY_EGUEST;
}

int eng_describe(eng_isolate_t *iso, eng_val_t exception, eng_fault_t *out) {
    v8::HandleScope handles(iso->v8);
    v8::TryCatch tc(iso->v8);
    Inside in(iso);
    v8::Local<v8::Value> e = to_v8(exception);
    bool whole = eng__fault_of(iso, e, v8::Exception::CreateMessage(iso->v8, e), out);
    return !whole || tc.HasTerminated() || iso->v8->IsExecutionTerminating() ? CAY_ETERMINATED : 0;
}

/* ---- stacks ---- */

namespace {

constexpr int kFramesSeen = 64;
constexpr int kFramesTold = 10;

/* "    at name (url:line:column)"; nothing for a frame of the glue's or of V8's own. */
bool put_frame(v8::Isolate *v8, v8::Local<v8::StackFrame> frame, cay_buf_t *b) {
    char *script = clipped(v8, frame->GetScriptNameOrSourceURL());
    bool own = script && *script && std::strcmp(script, kGlueName) != 0;
    if (own) {
        char *name = clipped(v8, frame->GetFunctionName());
        bool named = name && *name;
        cay__buf_printf(b, named ? "\n    at %s (%s:%d:%d)" : "\n    at %s%s:%d:%d",
                        named ? name : "", script, frame->GetLineNumber(), frame->GetColumn());
        cay__free(name);
    }
    cay__free(script);
    return own;
}

} // namespace

eng_val_t eng_guest_stack(eng_isolate_t *iso) {
    v8::Local<v8::StackTrace> stack = v8::StackTrace::CurrentStackTrace(iso->v8, kFramesSeen);
    cay_buf_t b = CAY_BUF_INIT;
    int told = 0;
    for (int i = 0; i < stack->GetFrameCount() && told < kFramesTold; i++) {
        told += put_frame(iso->v8, stack->GetFrame(iso->v8, static_cast<uint32_t>(i)), &b);
    }
    eng_val_t out = eng_string(iso, b.data ? reinterpret_cast<char *>(b.data) : "", b.len);
    cay__buf_free(&b);
    return out;
}

char *eng_guest_script(eng_isolate_t *iso) {
    v8::Local<v8::StackTrace> stack = v8::StackTrace::CurrentStackTrace(iso->v8, kFramesSeen);
    for (int i = 0; i < stack->GetFrameCount(); i++) {
        v8::Local<v8::StackFrame> frame = stack->GetFrame(iso->v8, static_cast<uint32_t>(i));
        char *script = clipped(iso->v8, frame->GetScriptName());
        if (!script || std::strcmp(script, kGlueName) != 0) {
            return script;
        }
        cay__free(script);
    }
    return nullptr;
}
